/** A loop over many sends. */
import { SMTPException } from '../../src/errors.js';
import type { Submitted } from '../../src/mailer/sending.js';
import { sendAll, type SendOutcome } from '../../src/mailer/send-all.js';
import type { SendResult } from '../../src/types.js';
import { rejectionOf } from '../support/rejection.js';
import { settled } from './fake-clock.js';

/** Sends that the test settles. */
class Desk {
  readonly begun: string[] = [];
  readonly cancelled: string[] = [];
  readonly #settle = new Map<string, { resolve: (result: SendResult) => void; reject: (error: unknown) => void }>();

  readonly submit = (message: string): Submitted => {
    this.begun.push(message);
    const result = new Promise<SendResult>((resolve, reject) => {
      this.#settle.set(message, { resolve, reject });
    });
    return { result, cancel: () => this.cancelled.push(message) };
  };

  async accept(message: string): Promise<void> {
    this.#settle.get(message)?.resolve({ messageId: message } as SendResult);
    await settled();
  }

  async reject(message: string, error: unknown = new SMTPException('no')): Promise<void> {
    this.#settle.get(message)?.reject(error);
    await settled();
  }
}

/** Counts how far it was read, and whether it was told that nobody reads on. */
class Source {
  read = 0;
  returned = 0;
  readonly #names: readonly string[];
  constructor(...names: readonly string[]) {
    this.#names = names;
  }

  [Symbol.iterator](): Iterator<string> {
    return {
      next: () => {
        const value = this.#names[this.read];
        if (value === undefined) return { done: true, value };
        this.read += 1;
        return { done: false, value };
      },
      return: () => {
        this.returned += 1;
        return { done: true, value: undefined };
      },
    };
  }
}

function summary(result: IteratorResult<SendOutcome<string>, undefined>): unknown {
  if (result.done === true) return 'done';
  const { index, message, ok } = result.value;
  return [index, message, ok];
}

describe('sendAll', () => {
  it('yields outcomes as they settle, each with its message and its number, and then ends', async () => {
    const desk = new Desk();
    const all = sendAll(['a', 'b', 'c'], 10, desk.submit);
    const first = all.next();
    await desk.accept('b');
    expect(summary(await first)).toEqual([1, 'b', true]);
    const rest = [all.next(), all.next(), all.next()];
    await desk.reject('a');
    await desk.accept('c');
    expect((await Promise.all(rest)).map(summary)).toEqual([[0, 'a', false], [2, 'c', true], 'done']);
    expect(summary(await all.next())).toBe('done');
  });

  it('reads nothing before the loop begins, and no further than the concurrency', async () => {
    const desk = new Desk();
    const source = new Source('a', 'b', 'c', 'd', 'e');
    const all = sendAll(source, 2, desk.submit);
    expect(source.read).toBe(0);
    const first = all.next();
    await settled();
    expect(source.read).toBe(2);
    await desk.accept('a');
    await first;
    expect(source.read).toBe(3);
    await desk.accept('b');
    await desk.accept('c');
    // Settled, and not taken: the loop is slow.
    expect([source.read, desk.begun]).toEqual([3, ['a', 'b', 'c']]);
    await all.next();
    expect(source.read).toBe(4);
  });

  it('reads an async source one at a time', async () => {
    const desk = new Desk();
    let read = 0;
    async function* names(): AsyncGenerator<string> {
      for (const name of ['a', 'b', 'c']) {
        read += 1;
        await Promise.resolve();
        yield name;
      }
    }
    const all = sendAll(names(), 2, desk.submit);
    const first = all.next();
    await settled();
    expect([read, desk.begun]).toEqual([2, ['a', 'b']]);
    await desk.accept('a');
    expect(summary(await first)).toEqual([0, 'a', true]);
    await desk.accept('b');
    await desk.accept('c');
    expect([await all.next(), await all.next(), await all.next()].map(summary)).toEqual([
      [1, 'b', true],
      [2, 'c', true],
      'done',
    ]);
  });

  it('gives up what was not begun when the loop is left, waits for the rest, and tells the source', async () => {
    const desk = new Desk();
    const source = new Source('a', 'b', 'c', 'd');
    const all = sendAll(source, 3, desk.submit);
    const first = all.next();
    await desk.accept('a');
    await first;
    let left = false;
    const leaving = all.return?.().then(() => {
      left = true;
    });
    await settled();
    expect([desk.cancelled, left, source.returned]).toEqual([['b', 'c', 'd'], false, 0]);
    for (const name of ['b', 'c', 'd']) await desk.reject(name);
    await leaving;
    expect([left, source.returned, summary(await all.next())]).toEqual([true, 1, 'done']);
  });

  it('does not wait for a source that is being read when the loop is left', async () => {
    const desk = new Desk();
    const silent: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({ next: async () => await new Promise<never>(() => undefined) }),
    };
    const all = sendAll(silent, 3, desk.submit);
    const waiting = all.next();
    await settled();
    expect(summary((await all.return?.()) ?? { done: false, value: undefined as never })).toBe('done');
    expect(summary(await waiting)).toBe('done');
  });

  it('leaves by throw() with that error', async () => {
    const all = sendAll(['a'], 1, new Desk().submit);
    const error = new Error('enough');
    expect(await rejectionOf(all.throw?.(error) ?? Promise.resolve())).toBe(error);
  });

  it('throws what the source throws, behind the outcomes of what was read before', async () => {
    const desk = new Desk();
    function* failing(): Generator<string> {
      yield 'a';
      throw new Error('the list is broken');
    }
    const all = sendAll(failing(), 5, desk.submit);
    const first = all.next();
    await desk.accept('a');
    expect(summary(await first)).toEqual([0, 'a', true]);
    expect(await rejectionOf(all.next())).toMatchObject({ message: 'the list is broken' });
    expect(summary(await all.next())).toBe('done');
  });

  it('makes what a message of the caller throws an outcome, and goes on', async () => {
    const desk = new Desk();
    const all = sendAll(['a', 'b'], 1, (message) => {
      if (message === 'a') throw new Error('no such file');
      return desk.submit(message);
    });
    const first = await all.next();
    expect(first.value).toMatchObject({
      ok: false,
      error: { code: 'ERR_CONTENT_SOURCE', cause: { message: 'no such file' } },
    });
    const second = all.next();
    await desk.reject('b', 'a text');
    expect((await second).value).toMatchObject({ ok: false, error: { code: 'ERR_CONTENT_SOURCE', message: /a text/ } });
  });

  it('ends at once for an empty source', async () => {
    expect(summary(await sendAll([], 3, new Desk().submit).next())).toBe('done');
  });
});
