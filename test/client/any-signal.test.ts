import { getEventListeners } from 'node:events';
import { SMTP } from '../../src/index.js';
import { anySignal } from '../../src/client/any-signal.js';
import { ScriptedServer } from '../../src/testing/index.js';

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('anySignal', () => {
  it('gives nothing for nothing, and a single one as it is', () => {
    const { signal } = new AbortController();
    expect(anySignal(undefined, undefined).signal).toBeUndefined();
    expect(anySignal(undefined, signal).signal).toBe(signal);
    expect(anySignal(signal, signal).signal).toBe(signal);
    expect(listenersOf(signal)).toBe(0);
  });

  it.each([0, 1])('fires with the reason of the one that fires, and leaves the others alone (%i)', (index) => {
    const controllers = [new AbortController(), new AbortController()];
    const either = anySignal(...controllers.map(({ signal }) => signal));
    expect(either.signal?.aborted).toBe(false);
    controllers[index]?.abort('enough');
    expect(either.signal).toMatchObject({ aborted: true, reason: 'enough' });
    expect(controllers.map(({ signal }) => listenersOf(signal))).toEqual([0, 0]);
  });

  it('is one that has fired, when one has', () => {
    const { signal } = new AbortController();
    expect(anySignal(signal, AbortSignal.abort('before')).signal).toMatchObject({ aborted: true, reason: 'before' });
    expect(listenersOf(signal)).toBe(0);
  });

  it('is known to its sources no longer than until it is released', () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const either = anySignal(one.signal, other.signal);
    expect([listenersOf(one.signal), listenersOf(other.signal)]).toEqual([1, 1]);
    either.release();
    either.release();
    expect([listenersOf(one.signal), listenersOf(other.signal)]).toEqual([0, 0]);
    one.abort();
    expect(either.signal?.aborted).toBe(false);
  });
});

describe('a client with a signal of its own and one for each call', () => {
  it('leaves no listener on either, whatever became of the call', async () => {
    const [own, call] = [new AbortController(), new AbortController()];
    await using server = await ScriptedServer.start({ behave: { on: { 'MAIL:2': '451 4.3.0 later' } } });
    const smtp = new SMTP({ ...server.address, signal: own.signal });
    await smtp.connect();
    const options = { signal: call.signal, deadlineMs: 60_000 };
    const send = (to: string) => smtp.sendmail('a@x.test', to, 'Subject: x\r\n\r\n', options);
    await Promise.all([send('b@y.test'), send('c@y.test').catch(() => undefined), send('d@y.test')]);
    await expect(send('no address')).rejects.toThrow();
    await expect(smtp.sendMessage({ from: 'a@x.test', to: 'no address', text: '' }, options)).rejects.toThrow();
    await smtp.sendMessage({ from: 'a@x.test', to: 'b@y.test', text: '' }, options);
    await smtp.quit();
    expect([listenersOf(own.signal), listenersOf(call.signal)]).toEqual([0, 0]);
    expect(server.totals.queued).toBe(3);
  });

  it.each(['own', 'call'] as const)('is ended by either (%s), also while it waits for its turn', async (which) => {
    const controllers = { own: new AbortController(), call: new AbortController() };
    await using server = await ScriptedServer.start({ behave: { on: { 'MAIL:1': ['(hold)', '250 ok'] } } });
    const smtp = new SMTP({ ...server.address, signal: controllers.own.signal });
    await smtp.connect();
    const options = { signal: controllers.call.signal, deadlineMs: 60_000 };
    const sends = [1, 2].map(() => smtp.sendmail('a@x.test', 'b@y.test', 'Subject: x\r\n\r\n', options));
    const settled = Promise.allSettled(sends);
    await server.held();
    controllers[which].abort(new Error('enough'));
    for (const one of await settled) {
      expect(one).toMatchObject({ status: 'rejected', reason: { name: 'AbortError', delivery: 'not-sent' } });
    }
    expect([listenersOf(controllers.own.signal), listenersOf(controllers.call.signal)]).toEqual([0, 0]);
    smtp.close();
  });
});
