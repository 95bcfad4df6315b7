import { contentOf } from '../../src/bullmq/job-content.js';
import type { BlobStore } from '../../src/bullmq/blob-store.js';
import { rejectionOf } from '../support/rejection.js';

const blobs = { get: (id: string) => Promise.resolve(Buffer.from(`content of ${id}`)) } as unknown as BlobStore;

it('comes from where it is kept', async () => {
  expect(Buffer.from((await contentOf({ utf8: 'Grüße\r\n' }, undefined)) ?? []).toString()).toBe('Grüße\r\n');
  expect(await contentOf({ base64: '/wA=' }, undefined)).toEqual(Buffer.from([0xff, 0]));
  expect(String(await contentOf({ blob: 'x' }, blobs))).toBe('content of x');
});

it('is missed where the worker has no blob store', async () => {
  expect(await rejectionOf(contentOf({ blob: 'x' }, undefined))).toMatchObject({
    code: 'ERR_OUTBOX_STORE',
    retryable: true,
    hint: expect.stringContaining('blobs') as unknown,
  });
});
