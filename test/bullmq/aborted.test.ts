import { checkSignal, orAborted } from '../../src/bullmq/aborted.js';
import { rejectionOf } from '../support/rejection.js';
import { thrownBy } from '../support/thrown.js';

const reason = new Error('the request is gone');

it('gives what the work gives where nobody gives up', async () => {
  const { signal } = new AbortController();
  expect(await orAborted(Promise.resolve(7), signal)).toBe(7);
  expect(await orAborted(Promise.resolve(7), undefined)).toBe(7);
  const broken = new Error('broken');
  expect(await rejectionOf(orAborted(Promise.reject(broken), signal))).toBe(broken);
});

it('waits no longer than the signal allows', async () => {
  const controller = new AbortController();
  const waiting = rejectionOf(orAborted(new Promise(() => undefined), controller.signal));
  controller.abort(reason);
  expect(await waiting).toMatchObject({ name: 'AbortError', code: 'ERR_ABORTED', cause: reason });
  const late = rejectionOf(orAborted(Promise.resolve(7), controller.signal));
  expect(await late).toMatchObject({ code: 'ERR_ABORTED' });
});

it('begins nothing for who has given up already', () => {
  expect(() => {
    checkSignal(undefined);
    checkSignal(new AbortController().signal);
  }).not.toThrow();
  expect(
    thrownBy(() => {
      checkSignal(AbortSignal.abort(reason));
    }),
  ).toMatchObject({ code: 'ERR_ABORTED', cause: reason });
});
