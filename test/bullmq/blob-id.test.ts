import { blobIdOf, readBlobId } from '../../src/bullmq/blob-id.js';
import { jobIdOf } from '../../src/bullmq/job-id.js';

const hash = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

it('names the job and the content', () => {
  for (const jobId of [jobIdOf('key'), jobIdOf(undefined)]) {
    expect(readBlobId(blobIdOf(jobId, hash))).toEqual({ jobId, hash });
  }
});

it('is another one each time', () => {
  expect(blobIdOf(jobIdOf('key'), hash)).not.toBe(blobIdOf(jobIdOf('key'), hash));
});

it('knows what is none of ours', () => {
  const ours = blobIdOf(jobIdOf('key'), hash);
  for (const other of ['', 'lost+found', `${ours}.tmp`, `x${ours}`, ours.toUpperCase(), ours.slice(0, -1)]) {
    expect(readBlobId(other)).toBeUndefined();
  }
});
