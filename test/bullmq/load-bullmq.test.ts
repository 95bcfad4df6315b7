import { loadBullMQ } from '../../src/bullmq/load-bullmq.js';
import { rejectionOf } from '../support/rejection.js';

const present = { bullmq: () => loadBullMQ({ withClient: true }), ioredis: () => Promise.resolve({}) };

it('gives the library', async () => {
  const { Queue, Worker, QueueEvents } = await loadBullMQ({ withClient: false });
  expect([typeof Queue, typeof Worker, typeof QueueEvents]).toEqual(['function', 'function', 'function']);
});

it.each(['bullmq', 'ioredis'] as const)('says how to install %s', async (name) => {
  for (const code of ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']) {
    const missing = Object.assign(new Error('missing'), { code });
    const error = await rejectionOf(
      loadBullMQ({ withClient: false }, { ...present, [name]: () => Promise.reject(missing) }),
    );
    expect(error).toMatchObject({
      code: 'ERR_OUTBOX_NEEDS_BULLMQ',
      message: expect.stringContaining(`the package ${name},`) as unknown,
      hint: expect.stringContaining('npm install bullmq ioredis') as unknown,
      cause: missing,
    });
  }
});

it('needs no ioredis where the caller brought a client', async () => {
  const absent = Object.assign(new Error('missing'), { code: 'ERR_MODULE_NOT_FOUND' });
  const loaders = { ...present, ioredis: () => Promise.reject(absent) };
  expect(typeof (await loadBullMQ({ withClient: true }, loaders)).Queue).toBe('function');
});

it('any other failure is not edited', async () => {
  const broken = new Error('broken');
  const loaders = { ...present, bullmq: () => Promise.reject(broken) };
  expect(await rejectionOf(loadBullMQ({ withClient: true }, loaders))).toBe(broken);
});
