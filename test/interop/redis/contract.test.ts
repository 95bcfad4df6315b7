/** The outbox on BullMQ does what every outbox does, on a real Redis. */
import { describeOutbox, type Running, type UnderTestOptions } from '../../outbox/outbox-contract.js';
import { BullOutbox, createWorker, type OutboxWorker } from '../../../src/bullmq/index.js';
import { RedisServer } from './redis-server.js';

let redis: RedisServer;
let places = 0;

beforeAll(async () => {
  redis = await RedisServer.start();
});

afterAll(async () => {
  await redis[Symbol.asyncDispose]();
});

async function running(queue: string, options: UnderTestOptions): Promise<Running> {
  const common = { connection: redis.url, queue };
  const outbox = await BullOutbox.open(common);
  let worker: OutboxWorker | undefined;
  const stop = async (): Promise<void> => {
    await worker?.close();
    worker = undefined;
  };
  return {
    outbox,
    start: async (concurrency) => {
      worker = await createWorker({ ...common, ...options, ...(concurrency !== undefined && { concurrency }) });
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await outbox.close();
    },
  };
}

describeOutbox({
  name: 'BullMQ and Redis',
  keeps: { entriesBeyondClose: true, orderOfEnqueueing: false },
  place: () => {
    places += 1;
    const queue = `mail-${String(places)}`;
    return Promise.resolve({
      open: (options: UnderTestOptions) => running(queue, options),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
});
