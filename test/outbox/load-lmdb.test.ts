import { loadLmdb } from '../../src/outbox/load-lmdb.js';

describe('lmdb', () => {
  it('is loaded where it is installed', async () => {
    expect(typeof (await loadLmdb()).open).toBe('function');
  });

  it.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])('is asked for plainly where it is not (%s)', async (code) => {
    const cause = Object.assign(new Error('not found'), { code });
    await expect(loadLmdb(() => Promise.reject(cause))).rejects.toMatchObject({
      name: 'OutboxError',
      code: 'ERR_OUTBOX_NEEDS_LMDB',
      hint: expect.stringContaining('npm install lmdb') as string,
      cause,
    });
  });

  it('is not said to be missing when it fails otherwise', async () => {
    const cause = new Error('wrong architecture');
    await expect(loadLmdb(() => Promise.reject(cause))).rejects.toBe(cause);
  });
});
