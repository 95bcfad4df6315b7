/** What becomes of each message, with servers, connections and a clock that do what the test says. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  MessageError,
  MessageTooLargeError,
  SMTPAuthenticationError,
  SMTPDialError,
  SMTPException,
  SMTPNotSupportedError,
} from '../../src/errors.js';
import type { SendTrace } from '../../src/mailer/diagnostics.js';
import { DEAD_MS } from '../../src/mailer/server-order.js';
import { TokenBucket } from '../../src/mailer/rate.js';
import { DispatcherWorld } from './dispatcher-world.js';
import { settled } from './fake-clock.js';
import { lostAt, reply, type FakeLane } from './fake-lanes.js';

const RETRY = { attempts: 3, backoffMs: (attempt: number): number => attempt * 1_000 };

async function finish(lane: FakeLane, ...args: Parameters<FakeLane['finish']>): Promise<void> {
  lane.finish(...args);
  await settled();
}

describe('a message', () => {
  it('is settled with what its transaction came to, and the time it waited', async () => {
    const world = new DispatcherWorld();
    const sent = await world.send(['a@x', 'b@x']);
    await world.clock.pass(70);
    const lane = await world.accept();
    await world.clock.pass(30);
    await finish(lane, ['accepted', 550]);
    expect(sent.fate).toEqual(['accepted', 'refused']);
    expect(sent.result).toMatchObject({
      queueId: '4F2',
      messageId: '<1@example.org>',
      timing: { queued: 70, total: 100, mail: 1 },
    });
  });

  it.each([
    [[550], 'ERR_RECIPIENTS_REFUSED', 'refused', false],
    [[450, 550], 'ERR_RECIPIENTS_REFUSED', 'refused', true],
  ] as const)('of which all are refused with %j is an error', async (fates, code, delivery, retryable) => {
    const world = new DispatcherWorld();
    const sent = await world.send(['a@x', 'b@x']);
    await finish(await world.accept(), fates);
    expect(sent.error).toMatchObject({ code, delivery, retryable, recipients: [{ index: 0 }, { index: 1 }] });
  });

  it('that cannot be read is rejected, and takes no place', async () => {
    const world = new DispatcherWorld({ maxQueue: 1 });
    const failing = world.dispatcher.submit(
      async () => await Promise.reject(new Error('no such file')),
      {},
      { signal: undefined, deadline: undefined },
    );
    await expect(failing.result).rejects.toMatchObject({
      code: 'ERR_CONTENT_SOURCE',
      delivery: 'not-sent',
      cause: { message: 'no such file' },
    });
    const sent = await world.send('a@x');
    await finish(await world.accept());
    expect(sent.fate).toEqual(['accepted']);
  });

  it('that this client refuses in front of MAIL is rejected with that error, and is not tried again', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const sent = await world.send('a@x');
    const lane = await world.accept();
    const error = new SMTPNotSupportedError('no SMTPUTF8');
    lane.refuse(error);
    await settled();
    expect(sent.error).toBe(error);
    expect([world.server.dialed, lane.usable]).toEqual([1, true]);
  });

  it('that is wrong for any server is rejected by the first', async () => {
    const world = new DispatcherWorld({ servers: 2 });
    const sent = await world.send('a@x');
    const error = new MessageError('bad', { code: 'ERR_INVALID_PARAMETER' });
    (await world.accept()).refuse(error);
    await settled();
    expect([sent.error, world.at(1).dialed]).toEqual([error, 0]);
  });

  it('that is lost behind its end is unknown, and is not tried again', async () => {
    const world = new DispatcherWorld({ servers: 2, retry: RETRY });
    const sent = await world.send('a@x');
    const lane = await world.accept();
    lane.die(['unknown'], lostAt('final'));
    await settled();
    expect(sent.error).toMatchObject({ delivery: 'unknown', retryable: false });
    expect([world.at(0).dialed, world.at(1).dialed]).toEqual([1, 0]);
  });

  it('that is given back goes to another connection, without counting as an attempt', async () => {
    const world = new DispatcherWorld();
    const sent = await world.send('a@x');
    const lane = await world.accept();
    await finish(lane);
    const second = await world.send('b@x');
    lane.die();
    await settled();
    await finish(await world.accept());
    expect([sent.fate, second.fate]).toEqual([['accepted'], ['accepted']]);
  });
});

describe('retry', () => {
  it('tries again after a temporary refusal, only those who were refused for now, and merges by index', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const sent = await world.send(['a@x', 'b@x', 'c@x']);
    const lane = await world.accept();
    await finish(lane, [450, 'accepted', 550]);
    expect(sent.fate).toBeUndefined();
    await world.clock.pass(999);
    expect(lane.idle).toBe(true);
    await world.clock.pass(1);
    expect(lane.to).toEqual(['a@x']);
    await finish(lane);
    expect(sent.result?.recipients.map(({ index, address, status }) => [index, address, status])).toEqual([
      [0, 'a@x', 'accepted'],
      [1, 'b@x', 'accepted'],
      [2, 'c@x', 'refused'],
    ]);
    expect([...(sent.result?.refused.keys() ?? [])]).toEqual(['c@x']);
  });

  it('gets through a greylisting server', async () => {
    const world = new DispatcherWorld({ retry: RETRY, pool: { idleTimeoutMs: Infinity } });
    const sent = await world.send('a@x');
    const lane = await world.accept();
    await finish(lane, ['not-sent'], { kind: 'sender-refused', reply: reply(451, '4.7.1 greylisted') });
    await world.clock.pass(1_000);
    await finish(lane, [450]);
    await world.clock.pass(2_000);
    await finish(lane);
    expect([sent.fate, lane.messages]).toEqual([['accepted'], 3]);
  });

  it('comes to an end, with the last answer', async () => {
    const world = new DispatcherWorld({ retry: RETRY, pool: { idleTimeoutMs: Infinity } });
    const sent = await world.send('a@x');
    const lane = await world.accept();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await finish(lane, [450]);
      await world.clock.pass(10_000);
    }
    expect(sent.error).toMatchObject({ code: 'ERR_RECIPIENTS_REFUSED', retryable: true });
    expect(lane.messages).toBe(3);
  });

  it('tries a dial again, for all that waited for it', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const sends = [await world.send('a@x'), await world.send('b@x')];
    await world.refuse();
    expect(sends.map(({ fate }) => fate)).toEqual([undefined, undefined]);
    await world.clock.pass(1_000);
    const lane = await world.accept();
    await finish(lane);
    await finish(lane);
    expect(sends.map(({ fate }) => fate)).toEqual([['accepted'], ['accepted']]);
    expect(world.server.dialed).toBe(2);
  });

  it('forgets what an attempt failed with when the next one gets through', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const sent = await world.send(['a@x', 'b@x']);
    await world.refuse();
    await world.clock.pass(60_000);
    await finish(await world.accept(), ['accepted', 550]);
    expect([sent.fate, sent.result?.warnings]).toEqual([['accepted', 'refused'], []]);
  });

  it('does not try a dial again that failed for good', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const sent = await world.send('a@x');
    const error = new SMTPAuthenticationError('no', { reply: reply(535), mechanism: 'PLAIN' });
    await world.refuse(0, error);
    expect(sent.error).toBe(error);
  });

  it('sends a message of unknown fate again only where that was asked for, and keeps what may be twice', async () => {
    const world = new DispatcherWorld({ servers: 2, retry: { ...RETRY, onUnknown: 'retry' } });
    const sent = await world.send(['a@x', 'b@x']);
    (await world.accept()).die(['unknown'], lostAt('final'));
    await world.clock.pass(1_000);
    expect(world.at(1).dialed).toBe(0);
    await finish(await world.accept(), ['accepted', 550]);
    expect(sent.fate).toEqual(['accepted', 'unknown']);
  });

  it('does not send content again that can be read once and was read', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const sent = await world.send(['a@x', 'b@x'], { replayable: false });
    const lane = await world.accept();
    await finish(lane, ['accepted', 450]);
    expect(sent.fate).toEqual(['accepted', 'refused']);
  });

  it('sends it again when the server did not ask for it', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const sent = await world.send('a@x', { replayable: false });
    const lane = await world.accept();
    await finish(lane, [450]);
    await world.clock.pass(1_000);
    await finish(lane);
    expect(sent.fate).toEqual(['accepted']);
  });

  it('takes all or none where all are required', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const sent = await world.send(['a@x', 'b@x'], { options: { requireAllRecipients: true } });
    const lane = await world.accept();
    await finish(lane, ['not-sent', 450], { kind: 'recipients-refused', stage: 'rcpt' });
    await world.clock.pass(1_000);
    expect(lane.to).toEqual(['a@x', 'b@x']);
    await finish(lane);
    expect(sent.fate).toEqual(['accepted', 'accepted']);
  });

  it('ends when the function for the pause gives none, with what the server said', async () => {
    const world = new DispatcherWorld({ retry: { attempts: 3, backoffMs: () => NaN } });
    const sent = await world.send(['a@x', 'b@x']);
    await finish(await world.accept(), ['accepted', 450]);
    expect(sent.fate).toEqual(['accepted', 'refused']);
    expect(sent.result?.warnings).toMatchObject([{ code: 'ERR_INVALID_OPTION' }]);
  });
});

describe('a list that is too long for the server', () => {
  it('is cut where LIMITS says, and the results are one', async () => {
    const world = new DispatcherWorld({ limits: 'RCPTMAX=2' });
    const sent = await world.send(['a@x', 'b@x', 'a@X', 'c@x', 'd@x', 'e@x']);
    const lane = await world.accept();
    const transactions: (readonly string[])[] = [];
    for (let count = 0; count < 3; count += 1) {
      transactions.push(lane.to);
      await finish(lane, count === 1 ? ['accepted', 550] : ['accepted']);
    }
    expect(transactions).toEqual([['a@x', 'b@x', 'a@X'], ['c@x', 'd@x'], ['e@x']]);
    expect(sent.fate).toEqual(['accepted', 'accepted', 'accepted', 'accepted', 'refused', 'accepted']);
  });

  it('goes out over one connection, also when nothing comes behind it', async () => {
    const world = new DispatcherWorld({ limits: 'RCPTMAX=1' });
    const sent = await world.send(['a@x', 'b@x']);
    const lane = await world.accept();
    void world.dispatcher.close(true);
    for (const address of ['a@x', 'b@x']) {
      expect(lane.to).toEqual([address]);
      lane.ride();
      await finish(lane);
    }
    expect([sent.fate, world.server.dialed, lane.closed]).toEqual([['accepted', 'accepted'], 1, true]);
  });

  it('is not cut where all or none shall get it, nor what can be read once', async () => {
    const world = new DispatcherWorld({ limits: 'RCPTMAX=1' });
    await world.send(['a@x', 'b@x'], { options: { requireAllRecipients: true } });
    await world.send(['c@x', 'd@x'], { replayable: false });
    const lane = await world.accept();
    expect(lane.to).toEqual(['a@x', 'b@x']);
    await finish(lane);
    expect(lane.to).toEqual(['c@x', 'd@x']);
  });

  it('is sent to the rest at once when the server answers 452, without a retry', async () => {
    const world = new DispatcherWorld();
    const sent = await world.send(['a@x', 'b@x', 'c@x', 'd@x', 'e@x']);
    const lane = await world.accept();
    await finish(lane, ['accepted', 'accepted', 550, 452, 452]);
    expect(lane.to).toEqual(['d@x', 'e@x']);
    await finish(lane, ['accepted', 452]);
    expect(lane.to).toEqual(['e@x']);
    await finish(lane);
    expect(sent.fate).toEqual(['accepted', 'accepted', 'refused', 'accepted', 'accepted']);
    expect(sent.result?.timing.mail).toBe(3);
  });

  it('tells the caller the numbers that it knows, in each part', async () => {
    const world = new DispatcherWorld({ limits: 'RCPTMAX=2' });
    const seen: unknown[] = [];
    await world.send(['a@x', 'b@x', 'c@x', 'd@x'], {
      options: {
        rcptOptions: (recipient, index) => {
          seen.push([recipient, index]);
          return {};
        },
        beforeContent: async ({ recipients }) => {
          seen.push(recipients.map(({ index }) => index));
          await Promise.resolve();
        },
      },
    });
    const lane = await world.accept();
    await finish(lane);
    const { rcptOptions, beforeContent } = lane.job?.options ?? {};
    if (typeof rcptOptions === 'function') for (const [index, path] of lane.to.entries()) rcptOptions(path, index);
    const info = {
      envelope: { from: '', to: [] },
      recipients: lane.to.map((address, index) => ({
        index,
        address,
        status: 'accepted' as const,
        stage: 'rcpt' as const,
      })),
    };
    await beforeContent?.(info);
    expect(seen).toEqual([
      ['c@x', 2],
      ['d@x', 3],
      [2, 3],
    ]);
  });
});

describe('a server that closes after some messages', () => {
  it('costs no message an attempt, and is given no more on one connection when it has done so twice', async () => {
    const world = new DispatcherWorld();
    const sends = [];
    for (const to of ['a@x', 'b@x', 'c@x', 'd@x', 'e@x']) sends.push(await world.send(to));
    for (let count = 0; count < 2; count += 1) {
      const lane = await world.accept();
      await finish(lane);
      await finish(lane);
      lane.die(['not-sent'], { kind: 'sender-refused', reply: reply(421, 'enough') });
      await settled();
    }
    const third = await world.accept();
    await finish(third);
    expect(sends.map(({ fate }) => fate)).toEqual(sends.map(() => ['accepted']));
    await world.send('f@x');
    await finish(third);
    await settled();
    expect([third.messages, third.goodbye]).toEqual([2, 'quit']);
  });

  it('is the last word on all recipients of a message that was cut, when nothing more is tried', async () => {
    const world = new DispatcherWorld({ limits: 'RCPTMAX=2' });
    await world.send('a@x');
    const cut = await world.send(['b@x', 'c@x', 'd@x']);
    const lane = await world.accept();
    await finish(lane);
    const closed = world.dispatcher.close(false);
    lane.die(['not-sent'], { kind: 'sender-refused', reply: reply(421, 'enough') });
    await closed;
    expect(cut.error).toMatchObject({ code: 'ERR_SENDER_REFUSED' });
    const recipients = cut.error instanceof SMTPException ? cut.error.recipients : [];
    expect(recipients.map(({ address, status }) => [address, status])).toEqual([
      ['b@x', 'not-sent'],
      ['c@x', 'not-sent'],
      ['d@x', 'not-sent'],
    ]);
  });

  it('is refusing for now when it says 421 to the first message', async () => {
    const world = new DispatcherWorld();
    const sent = await world.send('a@x');
    (await world.accept()).die(['not-sent'], { kind: 'sender-refused', reply: reply(421) });
    await settled();
    expect(sent.error).toMatchObject({ code: 'ERR_SENDER_REFUSED', retryable: true });
  });
});

describe('several servers', () => {
  it('are tried in order, and one that cannot be reached is left out for a while', async () => {
    const world = new DispatcherWorld({ servers: 2 });
    const first = await world.send('a@x');
    await world.refuse(0);
    await finish(await world.accept(1));
    expect(first.fate).toEqual(['accepted']);
    const second = await world.send('b@x');
    world.at(1).lanes[0]?.finish();
    await settled();
    expect([second.fate, world.at(0).dialed]).toEqual([['accepted'], 1]);
    await world.clock.pass(DEAD_MS);
    await world.send('c@x');
    expect(world.at(0).dialed).toBe(2);
  });

  it('are all tried, whatever is wrong with them, before a message is given up, with the last error', async () => {
    const world = new DispatcherWorld({ servers: 3 });
    const sent = await world.send('a@x');
    await world.refuse(0, new SMTPAuthenticationError('no', { reply: reply(535), mechanism: 'PLAIN' }));
    await world.refuse(1);
    const last = new SMTPDialError('the last one', { retryable: true });
    await world.refuse(2, last);
    expect(sent.error).toBe(last);
  });

  it('get what another one refused for now, and nothing that it refused for good', async () => {
    const world = new DispatcherWorld({ servers: 2 });
    const sent = await world.send(['a@x', 'b@x', 'c@x']);
    await finish(await world.accept(0), [450, 550, 'accepted']);
    const lane = await world.accept(1);
    expect(lane.to).toEqual(['a@x']);
    await finish(lane);
    expect(sent.fate).toEqual(['accepted', 'refused', 'accepted']);
  });

  describe('get what does not fit another one', () => {
    const tooLarge = (limitBytes = 5): MessageTooLargeError =>
      new MessageTooLargeError('too large', { sizeBytes: 7, limitBytes, stage: 'mail' });

    it('whole, when it was not tried there', async () => {
      const world = new DispatcherWorld({ servers: 2 });
      const sent = await world.send(['a@x', 'b@x']);
      const small = await world.accept(0);
      small.refuse(tooLarge());
      await settled();
      await finish(await world.accept(1));
      expect([sent.fate, sent.settlements, small.usable]).toEqual([['accepted', 'accepted'], 1, true]);
      expect(sent.result?.warnings).toEqual([]);
    });

    it('and it is given up when it fits none, as not sent, with the last error', async () => {
      const world = new DispatcherWorld({ servers: 2, retry: RETRY });
      const sent = await world.send('a@x');
      (await world.accept(0)).refuse(tooLarge());
      await settled();
      const last = tooLarge(6);
      (await world.accept(1)).refuse(last);
      await settled();
      expect([sent.error, last.delivery]).toEqual([last, 'not-sent']);
    });

    it('and the one that was not there is tried again, also when the others never will take it', async () => {
      const world = new DispatcherWorld({ servers: 2, retry: RETRY });
      const sent = await world.send('a@x');
      await world.refuse(0);
      const small = await world.accept(1);
      small.refuse(tooLarge());
      await settled();
      expect(sent.fate).toBeUndefined();
      // The one that was not there is left out for a while, but not when there is no other.
      await world.clock.pass(1_000);
      small.refuse(tooLarge());
      await settled();
      await finish(await world.accept(0));
      expect(sent.fate).toEqual(['accepted']);
    });

    it('and without another attempt the error says that one may help', async () => {
      const world = new DispatcherWorld({ servers: 2 });
      const sent = await world.send('a@x');
      await world.refuse(0);
      (await world.accept(1)).refuse(tooLarge());
      await settled();
      expect(sent.error).toBeInstanceOf(SMTPDialError);
      expect(sent.error).toMatchObject({ retryable: true, delivery: 'not-sent' });
    });

    it('and whom another one put off is tried there again', async () => {
      const world = new DispatcherWorld({ servers: 2, retry: RETRY });
      const sent = await world.send(['a@x', 'b@x']);
      const first = await world.accept(0);
      await finish(first, ['accepted', 450]);
      (await world.accept(1)).refuse(tooLarge());
      await settled();
      expect(sent.fate).toBeUndefined();
      await world.clock.pass(60_000);
      expect(first.to).toEqual(['b@x']);
      await finish(first);
      expect(sent.fate).toEqual(['accepted', 'accepted']);
      expect(sent.result?.warnings).toEqual([]);
    });

    it('in all its parts, where it was to be cut', async () => {
      const world = new DispatcherWorld({ servers: 2, limits: 'RCPTMAX=1' });
      const sent = await world.send(['a@x', 'b@x']);
      (await world.accept(0)).refuse(tooLarge());
      await settled();
      const lane = await world.accept(1);
      await finish(lane);
      await finish(lane);
      expect(sent.fate).toEqual(['accepted', 'accepted']);
    });
  });

  it('are begun with in turn by roundrobin', async () => {
    const world = new DispatcherWorld({ servers: 2, strategy: 'roundrobin' });
    for (const to of ['a@x', 'b@x', 'c@x', 'd@x']) await world.send(to);
    const lanes = [await world.accept(0), await world.accept(1)];
    expect(lanes.map(({ to }) => to)).toEqual([['a@x'], ['b@x']]);
    for (const lane of lanes) await finish(lane);
    expect(lanes.map(({ to }) => to)).toEqual([['c@x'], ['d@x']]);
  });
});

describe('a full queue', () => {
  it('lets a message wait for a place, first come, first served', async () => {
    const world = new DispatcherWorld({ maxQueue: 2 });
    const sends = [];
    for (const to of ['a@x', 'b@x', 'c@x', 'd@x']) sends.push(await world.send(to));
    const lane = await world.accept();
    const order: (readonly string[])[] = [];
    for (let count = 0; count < 4; count += 1) {
      order.push(lane.to);
      await finish(lane);
    }
    expect(order).toEqual([['a@x'], ['b@x'], ['c@x'], ['d@x']]);
    expect(sends.map(({ fate }) => fate)).toEqual([['accepted'], ['accepted'], ['accepted'], ['accepted']]);
  });

  it('counts those that wait for their next attempt', async () => {
    const world = new DispatcherWorld({ maxQueue: 1, retry: RETRY });
    await world.send('a@x');
    const lane = await world.accept();
    await finish(lane, [450]);
    const second = await world.send('b@x');
    expect(lane.idle).toBe(true);
    await world.clock.pass(1_000);
    expect(lane.to).toEqual(['a@x']);
    await finish(lane);
    expect(lane.to).toEqual(['b@x']);
    await finish(lane);
    expect(second.fate).toEqual(['accepted']);
  });
});

describe('an abort', () => {
  it('takes a message out of the queue at once', async () => {
    const world = new DispatcherWorld();
    const controller = new AbortController();
    const first = await world.send('a@x');
    const second = await world.send('b@x', { signal: controller.signal });
    const third = await world.send('c@x');
    const lane = await world.accept();
    controller.abort(new Error('enough'));
    await settled();
    expect(second.error).toMatchObject({ name: 'AbortError', delivery: 'not-sent', cause: { message: 'enough' } });
    await finish(lane);
    expect(lane.to).toEqual(['c@x']);
    await finish(lane);
    expect([first.fate, third.fate]).toEqual([['accepted'], ['accepted']]);
  });

  it('before the call takes effect at once', async () => {
    const world = new DispatcherWorld();
    const sent = await world.send('a@x', { signal: AbortSignal.abort() });
    expect([sent.fate, world.server.dialed]).toEqual(['ERR_ABORTED', 0]);
  });

  it('while it waits for its next attempt ends that', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const controller = new AbortController();
    const refused = await world.send('a@x', { signal: controller.signal });
    const partly = await world.send(['b@x', 'c@x'], { signal: controller.signal });
    const lane = await world.accept();
    await finish(lane, [450]);
    await finish(lane, ['accepted', 450]);
    controller.abort();
    await settled();
    expect([refused.fate, partly.fate]).toEqual(['ERR_ABORTED', ['accepted', 'refused']]);
    await world.clock.pass(60_000);
    expect(lane.messages).toBe(2);
  });

  it('gives up a place in front of a full queue', async () => {
    const world = new DispatcherWorld({ maxQueue: 1 });
    const controller = new AbortController();
    await world.send('a@x');
    const waiting = await world.send('b@x', { signal: controller.signal });
    const behind = await world.send('c@x');
    controller.abort();
    await settled();
    expect(waiting.fate).toBe('ERR_ABORTED');
    const lane = await world.accept();
    await finish(lane);
    expect(lane.to).toEqual(['c@x']);
    expect(behind.fate).toBeUndefined();
  });

  it('of the mailer ends all that waits', async () => {
    const world = new DispatcherWorld();
    const sends = [await world.send('a@x'), await world.send('b@x')];
    const lane = await world.accept();
    world.dispatcher.abort(new Error('the process ends'));
    await settled();
    expect(sends.map(({ fate }) => fate)).toEqual([undefined, 'ERR_ABORTED']);
    await finish(lane);
    expect([sends[0]?.fate, lane.goodbye]).toEqual([['accepted'], 'quit']);
  });
});

describe('the signal of several messages', () => {
  it('is the end of the one that rode behind another one, and not the end of the connection', async () => {
    const world = new DispatcherWorld();
    const abort = new AbortController();
    const first = await world.send('a@x', { signal: abort.signal });
    const second = await world.send('b@x', { signal: abort.signal });
    const lane = await world.accept();
    expect(lane.ride()).toBe(true);
    abort.abort('enough');
    lane.die(['unknown'], lostAt('final'));
    await settled();
    expect(first.error).toMatchObject({ delivery: 'unknown' });
    expect(second.error).toMatchObject({ name: 'AbortError', cause: 'enough', delivery: 'not-sent' });
  });
});

describe('a message that some have got', () => {
  it('warns of those who may have got it or not', async () => {
    const world = new DispatcherWorld({ limits: 'RCPTMAX=1' });
    const sent = await world.send(['a@x', 'b@x', 'c@x']);
    const lane = await world.accept();
    await finish(lane);
    lane.die(['unknown'], lostAt('final'));
    await settled();
    await finish(await world.accept());
    expect(sent.fate).toEqual(['accepted', 'unknown', 'accepted']);
    expect(sent.result?.warnings).toMatchObject([
      { code: 'WARN_DELIVERY_UNKNOWN', message: expect.stringMatching(/^1 of 3 /) as string },
    ]);
  });
});

describe('a message that can be read once', () => {
  it('waits where it can still go another way, not behind a content', async () => {
    const world = new DispatcherWorld();
    await world.send('a@x');
    const lane = await world.accept();
    const abort = new AbortController();
    const once = await world.send('b@x', { replayable: false, signal: abort.signal });
    expect(lane.ride()).toBe(false);
    abort.abort();
    await settled();
    expect(once.fate).toBe('ERR_ABORTED');
  });
});

describe('a deadline', () => {
  it('ends the wait for a connection', async () => {
    const world = new DispatcherWorld();
    const sent = await world.send('a@x', { deadlineMs: 100 });
    await world.clock.pass(99);
    expect(sent.fate).toBeUndefined();
    await world.clock.pass(1);
    expect(sent.error).toMatchObject({ code: 'ERR_TIMEOUT', delivery: 'not-sent', retryable: true, timeoutMs: 100 });
  });

  it('ends the wait for the next attempt', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const sent = await world.send('a@x', { deadlineMs: 500 });
    await finish(await world.accept(), [450]);
    await world.clock.pass(500);
    expect(sent.fate).toBe('ERR_TIMEOUT');
    expect(sent.error).toMatchObject({
      delivery: 'not-sent',
      message: expect.stringContaining('tried in vain') as string,
      recipients: [{ status: 'refused', reply: { code: 450 } }],
    });
  });

  it('is forgotten when the message is settled', async () => {
    const world = new DispatcherWorld({ pool: { idleTimeoutMs: Infinity } });
    await world.send('a@x', { deadlineMs: 100 });
    await finish(await world.accept());
    expect(world.clock.armed).toBe(0);
  });
});

describe('close', () => {
  it('sends all that was taken in, what waits for its next attempt included, and then says QUIT', async () => {
    const world = new DispatcherWorld({ maxQueue: 1, retry: RETRY });
    const sends = [await world.send('a@x'), await world.send('b@x')];
    let closed = false;
    const closing = world.dispatcher.close(true).then(() => {
      closed = true;
    });
    const lane = await world.accept();
    await finish(lane, [450]);
    await world.clock.pass(1_000);
    await finish(lane);
    expect([closed, lane.goodbye]).toEqual([false, 'none']);
    await finish(lane);
    await closing;
    expect([sends.map(({ fate }) => fate), lane.goodbye]).toEqual([[['accepted'], ['accepted']], 'quit']);
  });

  it('without draining rejects what is on no connection, as not sent, and settles what is on one', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const sends = [await world.send('a@x'), await world.send('b@x')];
    const lane = await world.accept();
    const closing = world.dispatcher.close(false);
    await settled();
    expect(sends.map(({ fate }) => fate)).toEqual([undefined, 'ERR_MAILER_CLOSED']);
    expect(sends[1]?.error).toMatchObject({ delivery: 'not-sent', retryable: true });
    await finish(lane, [450]);
    await closing;
    expect([sends[0]?.fate, lane.goodbye]).toEqual(['ERR_RECIPIENTS_REFUSED', 'quit']);
  });

  it('gives up a dial that nobody waits for', async () => {
    const world = new DispatcherWorld();
    const sent = await world.send('a@x');
    await world.dispatcher.close(false);
    expect([sent.fate, world.server.dialing]).toEqual(['ERR_MAILER_CLOSED', 0]);
  });

  it('can be told to stop draining', async () => {
    const world = new DispatcherWorld({ retry: { attempts: 9, backoffMs: () => 1e6 } });
    const sent = await world.send('a@x');
    await finish(await world.accept(), [450]);
    const draining = world.dispatcher.close(true);
    await world.dispatcher.close(false);
    await draining;
    expect(sent.fate).toBe('ERR_MAILER_CLOSED');
  });

  it('lets idle connections go when nothing is left that could need them', async () => {
    const world = new DispatcherWorld({ pool: { maxConnections: 2 } });
    await world.send('a@x');
    await world.send('b@x');
    const lanes = [await world.accept(), await world.accept()] as const;
    await finish(lanes[0]);
    void world.dispatcher.close(true);
    await settled();
    expect(lanes.map(({ goodbye }) => goodbye)).toEqual(['quit', 'none']);
    await finish(lanes[1]);
    expect(lanes[1].goodbye).toBe('quit');
  });
});

describe('cancelling', () => {
  it('gives up what was not begun, and lets what runs be settled, but not tried again', async () => {
    const world = new DispatcherWorld({ retry: RETRY });
    const running = await world.send('a@x');
    const queued = await world.send('b@x');
    const lane = await world.accept();
    running.submitted.cancel();
    queued.submitted.cancel();
    await settled();
    expect([running.fate, queued.fate]).toEqual([undefined, 'ERR_ABANDONED']);
    await finish(lane, [450]);
    expect(running.fate).toBe('ERR_RECIPIENTS_REFUSED');
  });
});

describe('a token of the rate', () => {
  it('is given back for a message that came to nothing', async () => {
    const bucket = new TokenBucket({ messages: 1, perMs: 1_000 });
    const world = new DispatcherWorld({ pool: { bucket } });
    const sent = await world.send('a@x');
    const lane = await world.accept();
    lane.die();
    await world.clock.pass(10);
    await finish(await world.accept());
    expect([sent.fate, world.clock.now()]).toEqual([['accepted'], 10]);
  });

  it('is given back for a message that the server does not take', async () => {
    const bucket = new TokenBucket({ messages: 1, perMs: 1_000 });
    const world = new DispatcherWorld({ pool: { bucket } });
    await world.send('a@x');
    const next = await world.send('b@x');
    const lane = await world.accept();
    lane.refuse(new SMTPNotSupportedError('too large', { stage: 'mail' }));
    await settled();
    await finish(lane);
    expect([next.fate, world.clock.now()]).toEqual([['accepted'], 0]);
  });
});

describe('the time spent waiting', () => {
  it('is counted up to the end of a message that ends while it waits for its next attempt', async () => {
    const world = new DispatcherWorld({ retry: { attempts: 2, backoffMs: () => 10_000 } });
    const sent = await world.send(['a@x', 'b@x'], { deadlineMs: 3_000 });
    await finish(await world.accept(), ['accepted', 450]);
    await world.clock.pass(3_000);
    expect([sent.fate, sent.result?.timing]).toMatchObject([['accepted', 'refused'], { queued: 3_000, total: 3_000 }]);
  });

  it('is told of a message that never had its turn', async () => {
    const traces: unknown[] = [];
    const note = (trace: unknown): number => traces.push((trace as SendTrace).timing);
    subscribe('tracing:posthaste:send:asyncEnd', note);
    try {
      const world = new DispatcherWorld();
      await world.send('a@x', { deadlineMs: 3_000 });
      await world.clock.pass(3_000);
    } finally {
      unsubscribe('tracing:posthaste:send:asyncEnd', note);
    }
    expect(traces).toEqual([{ queued: 3_000, total: 3_000 }]);
  });
});

describe('an anomaly', () => {
  it('is a warning of the next result on that server, once', async () => {
    const world = new DispatcherWorld();
    const first = await world.send('a@x');
    const second = await world.send('b@x');
    const lane = await world.accept();
    lane.anomaly('slow-final');
    await finish(lane);
    await finish(lane);
    expect(first.result?.warnings).toMatchObject([{ code: 'WARN_SLOW_FINAL_REPLY' }]);
    expect(second.result?.warnings).toEqual([]);
  });

  it('is a warning of the next result, not of an error, which has none', async () => {
    const world = new DispatcherWorld();
    await world.send('a@x');
    const second = await world.send('b@x');
    const lane = await world.accept();
    lane.anomaly('out-of-step');
    await finish(lane, ['unknown'], lostAt('final'));
    await finish(lane);
    expect(second.result?.warnings).toMatchObject([{ code: 'WARN_OUT_OF_STEP' }]);
  });
});
