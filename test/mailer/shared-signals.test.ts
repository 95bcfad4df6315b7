/** Signals of callers that many sends share. */
import { getEventListeners } from 'node:events';
import { Mailer } from '../../src/mailer/mailer.js';
import { SharedSignals } from '../../src/mailer/shared-signals.js';
import { ScriptedServer } from '../../src/testing/index.js';

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

it('a signal has one listener, however many sends listen to it, and none when they are over', () => {
  const shared = new SharedSignals();
  const controller = new AbortController();
  const { signal } = controller;
  const sends = Array.from({ length: 30 }, () => shared.either(signal, new AbortController().signal));
  expect(listenersOf(signal)).toBe(1);
  for (const { release } of sends.slice(1)) release();
  for (const { release } of sends.slice(1)) release();
  expect(listenersOf(signal)).toBe(1);
  controller.abort('enough');
  expect(sends.map((one) => one.signal?.aborted)).toEqual(sends.map((_one, index) => index === 0));
  expect(sends[0]?.signal?.reason).toBe('enough');
  sends[0]?.release();
  expect(listenersOf(signal)).toBe(0);
});

it('each send has a signal of its own: a list of all their listeners would be walked over for each of them', () => {
  const shared = new SharedSignals();
  const { signal } = new AbortController();
  const signals = [1, 2].map(() => shared.either(signal).signal);
  expect(new Set([signal, ...signals]).size).toBe(3);
});

it('one that has fired is given as it is, and none is none', () => {
  const shared = new SharedSignals();
  const fired = AbortSignal.abort('before');
  expect(shared.either(new AbortController().signal, fired).signal).toBe(fired);
  expect(shared.either(undefined, undefined).signal).toBeUndefined();
});

it('a signal that served is served again', () => {
  const shared = new SharedSignals();
  const controller = new AbortController();
  shared.either(controller.signal).release();
  const { signal } = shared.either(controller.signal);
  controller.abort();
  expect(signal?.aborted).toBe(true);
});

it('Node does not warn of many sends that share a signal, by send() and by sendAll(), of the Mailer or of the call', async () => {
  const warnings: Error[] = [];
  const warned = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warned);
  try {
    await using server = await ScriptedServer.start({ behave: {} });
    const [own, call] = [new AbortController().signal, new AbortController().signal];
    const message = { from: 'a@x.test', to: 'b@y.test', text: 't' };
    for (const signal of [undefined, own]) {
      const options = signal === undefined ? {} : { signal };
      const mailer = new Mailer(server.url, { maxConnections: 2, ...options });
      await Promise.all(Array.from({ length: 20 }, () => mailer.send(message, { signal: call })));
      await Promise.all(Array.from({ length: 20 }, () => mailer.send(message)));
      for await (const { ok } of mailer.sendAll(
        Array.from({ length: 20 }, () => message),
        { signal: call, concurrency: 20 },
      )) {
        expect(ok).toBe(true);
      }
      expect([listenersOf(call), listenersOf(own)]).toEqual([0, signal === undefined ? 0 : 1]);
      await mailer.close();
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', warned);
  }
});
