/** The errors of messages that never had their transaction. */
import { abandonedError, abortedError, closedError, lateError, sourceError } from '../../src/mailer/unsent-errors.js';

describe('a message that was not begun', () => {
  it.each([
    [closedError(), 'ERR_MAILER_CLOSED', true],
    [abandonedError(), 'ERR_ABANDONED', true],
    [abortedError(new Error('enough')), 'ERR_ABORTED', false],
    [lateError(50), 'ERR_TIMEOUT', true],
  ])('is not sent: %s', (error, code, retryable) => {
    expect(error).toMatchObject({ code, retryable, delivery: 'not-sent', stage: 'command', recipients: [] });
    expect(error.hint).not.toBe(undefined);
  });

  it('keeps what its source threw, and leaves an error of ours as it is', () => {
    const cause = new Error('no such file');
    expect(sourceError(cause)).toMatchObject({
      code: 'ERR_CONTENT_SOURCE',
      delivery: 'not-sent',
      stage: 'body',
      cause,
    });
    expect(sourceError('a text')).toMatchObject({ message: /a text/, retryable: false });
    const ours = closedError();
    expect(sourceError(ours)).toBe(ours);
  });

  it('keeps the reason of an abort', () => {
    expect(abortedError('enough')).toMatchObject({ name: 'AbortError', cause: 'enough' });
  });
});
