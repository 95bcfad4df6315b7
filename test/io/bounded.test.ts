import { getEventListeners } from 'node:events';
import { SMTPAbortedError, SMTPTimeoutError } from '../../src/errors.js';
import { bounded, type BoundedWork } from '../../src/io/bounded.js';

const work = <T>(run: BoundedWork<T>['run'], discard: (late: T) => void = () => undefined): BoundedWork<T> => ({
  stage: 'connect',
  activity: 'waiting',
  timeoutHint: 'hurry',
  run,
  discard,
});

describe('bounded', () => {
  it('gives what the work gives, or throws what it throws', async () => {
    const { signal } = new AbortController();
    expect(
      await bounded(
        work(async () => 'done'),
        { timeoutMs: 20_000, signal },
      ),
    ).toBe('done');
    const thrown = new Error('x');
    await expect(
      bounded(
        work(async () => await Promise.reject(thrown)),
        { timeoutMs: 20_000, signal },
      ),
    ).rejects.toBe(thrown);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('settles at the deadline, tells the work why, and discards what comes late', async () => {
    let finish: (value: string) => void = () => undefined;
    let seen: AbortSignal | undefined;
    const late = new Promise<string>((discard) => {
      const run = async (signal: AbortSignal): Promise<string> => {
        seen = signal;
        return await new Promise<string>((resolve) => {
          finish = resolve;
        });
      };
      bounded(work(run, discard), { timeoutMs: 1 }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(SMTPTimeoutError);
        expect(error).toMatchObject({
          message: 'waiting took longer than 1 ms',
          hint: 'hurry',
          stage: 'connect',
          timeoutMs: 1,
        });
        queueMicrotask(() => {
          expect(seen?.reason).toBe(error);
          finish('late');
        });
      });
    });
    expect(await late).toBe('late');
  });

  it('leaves a late failure unheard, not unhandled', async () => {
    let fail: (error: Error) => void = () => undefined;
    const run = async (): Promise<never> =>
      await new Promise<never>((_resolve, reject) => {
        fail = reject;
      });
    await expect(bounded(work(run), { timeoutMs: 1 })).rejects.toBeInstanceOf(SMTPTimeoutError);
    fail(new Error('too late'));
    await new Promise(setImmediate);
  });

  it('does not begin when the signal has fired, and settles when it fires', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('enough');
    const hanging = bounded(
      work(async () => await new Promise<never>(() => undefined)),
      { timeoutMs: 20_000, signal },
    );
    controller.abort(reason);
    await expect(hanging).rejects.toMatchObject({ name: 'AbortError', cause: reason, retryable: false });
    let begun = false;
    const run = async (): Promise<void> => {
      begun = true;
    };
    await expect(bounded(work(run), { timeoutMs: 20_000, signal })).rejects.toBeInstanceOf(SMTPAbortedError);
    expect(begun).toBe(false);
  });
});
