/**
 * A process with an outbox on an LMDB store, for the crash tests: takes messages in, sends them, and kills itself with -9 at the point that
 * it is told. Every line on standard output is whole and out before the next step: `ack KEY` once enqueue() has resolved.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import * as lmdb from 'lmdb';
import { Mailer } from 'posthaste';
import { Outbox } from 'posthaste/outbox';

// Not of the public surface: with an LMDB of the test's own.
const { openLmdbStore } = await import('../../../dist/esm/outbox/lmdb-store.js');

/** `killAt`: the point, and at which of its occurrences. */
const { path, url, onUnknown, concurrency, keys, killAt } = JSON.parse(process.argv[2]);

let left = killAt?.occurrence ?? Infinity;

function reach(point) {
  if (point !== killAt?.point) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

function say(line) {
  writeSync(1, `${line}\n`);
}

/** Which write of the store it is that a transaction belongs to. */
const operation = new AsyncLocalStorage();

/** LMDB, with points before a transaction, inside of it in front of its commit, behind its commit, and behind its flush. */
function watchedLmdb() {
  const open = (...args) =>
    new Proxy(lmdb.open(...args), {
      get(root, name) {
        if (name === 'childTransaction') {
          return async (action) => {
            const what = operation.getStore() ?? 'other';
            reach(`${what} before`);
            const result = await root.childTransaction(() => {
              const made = action();
              reach(`${what} inside`);
              return made;
            });
            reach(`${what} committed`);
            return result;
          };
        }
        if (name === 'flushed') {
          const what = operation.getStore() ?? 'other';
          return root.flushed.then(() => {
            reach(`${what} flushed`);
          });
        }
        const value = Reflect.get(root, name, root);
        return typeof value === 'function' ? value.bind(root) : value;
      },
    });
  return { open };
}

function named(store) {
  const nameOf = (method, [record]) =>
    method === 'update' ? (record.state === 'sending' ? 'mark' : 'settle') : method;
  return new Proxy(store, {
    get(target, method) {
      const value = Reflect.get(target, method, target);
      if (typeof value !== 'function') return value;
      return (...args) => operation.run(nameOf(method, args), () => value.apply(target, args));
    },
  });
}

const store = named(await openLmdbStore(path, async () => watchedLmdb()));
const mailer = new Mailer(url, { maxConnections: concurrency });
const outbox = await Outbox.open({ mailer, store, onUnknown, backoffMs: () => 0 });
await outbox.start({ concurrency });
await Promise.all(
  keys.map(async (key) => {
    await outbox.enqueue({ from: 'a@example.org', to: 'b@example.org', subject: key, text: `for ${key}` }, { key });
    say(`ack ${key}`);
  }),
);
await outbox.drain();
for await (const { key } of outbox.list({ state: 'unknown' })) say(`unknown ${key}`);
say(`counts ${JSON.stringify(await outbox.counts())}`);
await outbox.close();
await store.close();
await mailer.close();
