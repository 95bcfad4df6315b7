import { getEventListeners } from 'node:events';
import { firstToSucceed } from '../../src/io/first-to-succeed.js';

type Attempt = (signal: AbortSignal) => Promise<string>;

const unused = (late: string): void => {
  throw new Error(`discarded ${late}`);
};

function never(signals: AbortSignal[]): Attempt {
  return async (signal) => {
    signals.push(signal);
    return await new Promise<string>(() => undefined);
  };
}

const succeed =
  (value: string): Attempt =>
  async () =>
    await Promise.resolve(value);
const fail =
  (message: string): Attempt =>
  async () =>
    await Promise.reject(new Error(message));

describe('firstToSucceed', () => {
  it('starts the next attempt beside one that hangs, and tells the loser', async () => {
    const signals: AbortSignal[] = [];
    const { signal } = new AbortController();
    const attempts = [never(signals), succeed('second')];
    expect(await firstToSucceed(attempts, { delayMs: 1, signal, discard: unused })).toBe('second');
    expect(signals.map((loser) => loser.aborted)).toEqual([true]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('does not cut an attempt off when its delay is over: the first may still win', async () => {
    const { signal } = new AbortController();
    let finishFirst: (value: string) => void = () => undefined;
    const first: Attempt = async () =>
      await new Promise<string>((resolve) => {
        finishFirst = resolve;
      });
    const second: Attempt = async (loser) => {
      finishFirst('first');
      return await new Promise<string>((_resolve, reject) => {
        loser.addEventListener('abort', () => {
          reject(new Error('lost'));
        });
      });
    };
    expect(await firstToSucceed([first, second], { delayMs: 1, signal, discard: unused })).toBe('first');
  });

  it('starts the next attempt at once after a failure, one at a time without delay', async () => {
    const { signal } = new AbortController();
    const attempts = [fail('a'), fail('b'), succeed('third'), never([])];
    expect(await firstToSucceed(attempts, { delayMs: Infinity, signal, discard: unused })).toBe('third');
  });

  it('discards what comes after the winner', async () => {
    let finishFirst: (value: string) => void = () => undefined;
    const first: Attempt = async () =>
      await new Promise<string>((resolve) => {
        finishFirst = resolve;
      });
    const late = new Promise<string>((discard) => {
      const { signal } = new AbortController();
      void firstToSucceed([first, succeed('second')], { delayMs: 1, signal, discard }).then((winner) => {
        expect(winner).toBe('second');
        finishFirst('late');
      });
    });
    expect(await late).toBe('late');
  });

  it('rejects with every error, in the order of the attempts', async () => {
    const { signal } = new AbortController();
    const error = await firstToSucceed([fail('a'), fail('b')], { delayMs: 1, signal, discard: unused }).catch(
      (reason: unknown) => reason,
    );
    expect((error as AggregateError).errors.map(({ message }: Error) => message)).toEqual(['a', 'b']);
    await expect(firstToSucceed([], { delayMs: 1, signal, discard: unused })).rejects.toBeInstanceOf(AggregateError);
  });

  it('rejects with the reason of the signal, and ends all attempts with it', async () => {
    const controller = new AbortController();
    const signals: AbortSignal[] = [];
    const reason = new Error('stop');
    const running = firstToSucceed([never(signals)], { delayMs: 1, signal: controller.signal, discard: unused });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(signals[0]?.reason).toBe(reason);
    const options = { delayMs: 1, signal: controller.signal, discard: unused };
    await expect(firstToSucceed([succeed('x')], options)).rejects.toBe(reason);
  });
});
