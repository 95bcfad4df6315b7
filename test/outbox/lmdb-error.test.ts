import { storeErrorOf } from '../../src/outbox/lmdb-error.js';
import { OutboxError } from '../../src/outbox/outbox-error.js';
import { temporaryFolder } from './folder.js';

const said = (message: string, code?: number): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe('an error of LMDB', () => {
  it.each([
    said('MDB_MAP_FULL: Environment mapsize limit reached', -30792),
    said('MDB_MAP_FULL: Environment mapsize limit reached'),
    said('No space left on device', 28),
    said('File too large', 27),
    said('Disk quota exceeded', 122),
  ])('that means that there is no room says so: %s', async (error) => {
    const made = await storeErrorOf(error, '/box');
    expect(made).toMatchObject({ code: 'ERR_OUTBOX_FULL', retryable: true, cause: error });
    expect(made.message).toContain('/box');
  });

  it.each([said('Input/output error', 5), said('MDB_CORRUPTED: Located page was wrong type', -30796), 'text'])(
    'that means something else is a failure of the store: %s',
    async (error) => {
      expect(await storeErrorOf(error, temporaryFolder())).toMatchObject({
        code: 'ERR_OUTBOX_STORE',
        retryable: false,
      });
    },
  );

  it('that only points to another one is that one', async () => {
    const commitError = Promise.reject(said('No space left on device', 28));
    const error = Object.assign(said('Commit failed (see commitError for details)'), { commitError });
    expect(await storeErrorOf(error, '/box')).toMatchObject({ code: 'ERR_OUTBOX_FULL' });
  });

  it('that points to one which never comes is itself', async () => {
    const error = Object.assign(said('Commit failed'), { commitError: new Promise(() => undefined) });
    expect(await storeErrorOf(error, '/box')).toMatchObject({ code: 'ERR_OUTBOX_STORE', cause: error });
  });

  it('that is ours already stays as it is', async () => {
    const error = new OutboxError('closed', { code: 'ERR_OUTBOX_CLOSED' });
    expect(await storeErrorOf(error, '/box')).toBe(error);
  });
});
