/** The stores of posthaste/outbox: what an outbox does, it does on each of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore, Outbox, type OutboxStore } from '../../src/outbox/index.js';
import { describeOutbox, type Running, type UnderTestOptions } from './outbox-contract.js';

async function running(store: string | OutboxStore, options: UnderTestOptions): Promise<Running> {
  const outbox = await Outbox.open({ store, pollMs: 20, ...options });
  return {
    outbox,
    start: async (concurrency) => {
      await outbox.start(concurrency === undefined ? {} : { concurrency });
    },
    stop: async () => {
      await outbox.stop();
    },
    [Symbol.asyncDispose]: () => outbox.close(),
  };
}

describeOutbox({
  name: 'a MemoryStore',
  keeps: { entriesBeyondClose: true, orderOfEnqueueing: true },
  place: () => {
    const store = new MemoryStore();
    return Promise.resolve({
      open: (options: UnderTestOptions) => running(store, options),
      [Symbol.asyncDispose]: () => store.close(),
    });
  },
});

describeOutbox({
  name: 'an LmdbStore',
  keeps: { entriesBeyondClose: true, orderOfEnqueueing: true },
  place: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'posthaste-outbox-'));
    return {
      open: (options) => running(folder, options),
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    };
  },
});
