import { storeErrorOf } from '../../src/bullmq/store-error.js';
import { MessageError } from '../../src/errors.js';

it.each([
  "OOM command not allowed when used memory > 'maxmemory'.",
  'MISCONF Errors writing to the AOF file: No space left on device',
])('no room: %s', (message) => {
  const cause = new Error(message);
  expect(storeErrorOf(cause)).toMatchObject({ name: 'OutboxError', code: 'ERR_OUTBOX_FULL', retryable: true, cause });
});

it.each(['READONLY You can not write against a read only replica.', 'Connection is closed.', 'a room: OOM'])(
  'something else: %s',
  (message) => {
    expect(storeErrorOf(new Error(message))).toMatchObject({ code: 'ERR_OUTBOX_STORE', retryable: false });
  },
);

it('what is thrown may be anything', () => {
  expect(storeErrorOf('no error at all')).toMatchObject({ code: 'ERR_OUTBOX_STORE', cause: 'no error at all' });
});

it('leaves the errors of this package as they are', () => {
  const error = new MessageError('no');
  expect(storeErrorOf(error)).toBe(error);
});
