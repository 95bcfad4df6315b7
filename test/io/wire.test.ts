import { getEventListeners, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { deadlineIn, type Deadline } from '../../src/io/deadline.js';
import { WaitEndedError, Wire } from '../../src/io/wire.js';
import { chunksOf, cutsArbitrary } from '../support/octet-arbitraries.js';
import { HeldStream } from '../support/held-stream.js';

const NEVER: Deadline = { atMs: Infinity, timeoutMs: Infinity };

/** Time that passes only when the test says so; the stream's own ticks go on. */
function stopClock(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
}

afterEach(() => {
  jest.useRealTimers();
});

async function turnOfLoop(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** `waiting`, `changed`, or why the wait ended. */
function watch(wait: Promise<void>): { state: string } {
  const seen = { state: 'waiting' };
  wait.then(
    () => (seen.state = 'changed'),
    (error: unknown) => (seen.state = error instanceof WaitEndedError ? error.why : String(error)),
  );
  return seen;
}

function wired(options?: ConstructorParameters<typeof HeldStream>[0]) {
  const stream = new HeldStream(options);
  return { stream, wire: new Wire(stream) };
}

const takenFrom = (wire: Wire): string => Buffer.concat(wire.takeReceived()).toString();

describe('Wire', () => {
  describe('what arrives', () => {
    it('is collected in order until it is taken, and then is gone', async () => {
      const { stream, wire } = wired();
      expect(wire.hasReceived).toBe(false);
      stream.arrive('250-a\r\n');
      stream.arrive('250 b\r\n');
      await turnOfLoop();
      expect(wire.hasReceived).toBe(true);
      expect(takenFrom(wire)).toBe('250-a\r\n250 b\r\n');
      expect(wire.hasReceived).toBe(false);
      expect(takenFrom(wire)).toBe('');
      wire.destroy();
    });

    it('is the same octets however they are cut', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 50 }), cutsArbitrary(), async (octets, cuts) => {
          const { stream, wire } = wired();
          for (const chunk of chunksOf(octets, cuts)) if (chunk.length > 0) stream.arrive(chunk);
          await turnOfLoop();
          expect(Buffer.concat(wire.takeReceived())).toEqual(Buffer.from(octets));
          wire.destroy();
        }),
        { numRuns: 50 },
      );
    });

    it('can still be taken when the stream has ended behind it', async () => {
      const { stream, wire } = wired();
      stream.arrive('421 bye\r\n');
      stream.finish();
      await turnOfLoop();
      expect(wire.open).toBe(false);
      expect(takenFrom(wire)).toBe('421 bye\r\n');
    });

    it('makes the peer wait when nobody takes it, and lets it go on when somebody does', async () => {
      const { stream, wire } = wired();
      const chunk = Buffer.alloc(65_536, 'x');
      for (let count = 0; count < 4; count += 1) stream.arrive(chunk);
      await turnOfLoop();
      expect(stream.isPaused()).toBe(false);
      stream.arrive('x');
      await turnOfLoop();
      expect(stream.isPaused()).toBe(true);
      stream.arrive('more');
      await turnOfLoop();
      expect(takenFrom(wire)).toHaveLength(4 * 65_536 + 1);
      await turnOfLoop();
      expect(stream.isPaused()).toBe(false);
      expect(takenFrom(wire)).toBe('more');
      wire.destroy();
    });

    it('flows from a stream that was paused when it was handed over', async () => {
      const stream = new HeldStream();
      stream.pause();
      const wire = new Wire(stream);
      stream.arrive('220 hi\r\n');
      await turnOfLoop();
      expect(takenFrom(wire)).toBe('220 hi\r\n');
      wire.destroy();
    });
  });

  it('knows at once that a stream was over when it was handed over', async () => {
    const [ended, destroyed] = [new HeldStream({ allowHalfOpen: true }), new HeldStream()];
    ended.finish();
    ended.resume();
    destroyed.destroy();
    await turnOfLoop();
    expect(ended.destroyed).toBe(false);
    const wires = [new Wire(ended), new Wire(destroyed)];
    expect(wires.map(({ open }) => open)).toEqual([false, false]);
    for (const wire of wires) wire.destroy();
  });

  describe('what is written', () => {
    it('goes out at once, several pieces as one write', () => {
      const { stream, wire } = wired();
      wire.write([Buffer.from('NOOP\r\n')]);
      wire.write([Buffer.from('a'), Buffer.from('b'), Buffer.from('.\r\n')]);
      wire.write([]);
      expect(stream.writes.map(String)).toEqual(['NOOP\r\n', 'ab.\r\n']);
      wire.destroy();
    });

    it('is passing through as long as the stream has it, and the end of that is a change', async () => {
      const { stream, wire } = wired({ holding: true });
      wire.writeThrough(Buffer.from('a'));
      expect(wire.passing).toBe(true);
      expect(wire.copies).toBe(false);
      const seen = watch(wire.change(NEVER));
      await turnOfLoop();
      expect(seen.state).toBe('waiting');
      stream.release();
      await turnOfLoop();
      expect(seen.state).toBe('changed');
      expect(wire.passing).toBe(false);
      wire.writeThrough(Buffer.from('b'));
      wire.destroy();
      expect(wire.passing).toBe(false);
      wire.writeThrough(Buffer.from('c'));
      expect(Buffer.concat(stream.writes).toString()).toBe('ab');
    });

    it('is dropped when the stream is over', async () => {
      const { stream, wire } = wired();
      wire.destroy();
      wire.write([Buffer.from('x')]);
      wire.write([Buffer.from('x'), Buffer.from('y')]);
      await turnOfLoop();
      expect(stream.writes).toEqual([]);
      expect(wire.failure).toBeUndefined();
    });

    it('is dropped when the peer has ended its side, though ours could go on', async () => {
      const { stream, wire } = wired({ allowHalfOpen: true });
      stream.finish();
      await turnOfLoop();
      expect(stream.writable).toBe(true);
      wire.write([Buffer.from('x')]);
      expect(stream.writes).toEqual([]);
      wire.destroy();
    });

    it('is congested as long as the stream has no room, and the end of that is a change', async () => {
      const { stream, wire } = wired({ holding: true });
      wire.write([Buffer.alloc(15)]);
      expect(wire.congested).toBe(false);
      wire.write([Buffer.alloc(20)]);
      expect(wire.congested).toBe(true);
      const seen = watch(wire.change(NEVER));
      await turnOfLoop();
      expect(seen.state).toBe('waiting');
      stream.release();
      await turnOfLoop();
      expect(seen.state).toBe('changed');
      expect(wire.congested).toBe(false);
      wire.destroy();
    });

    it('is not congested for ever on a stream that is over', () => {
      const { wire } = wired({ holding: true });
      wire.write([Buffer.alloc(20)]);
      wire.destroy();
      expect(wire.congested).toBe(false);
    });
  });

  describe('a change', () => {
    it.each([
      [
        'octets that arrive',
        (stream: HeldStream) => {
          stream.arrive('x');
        },
      ],
      [
        'the end of the stream',
        (stream: HeldStream) => {
          stream.finish();
        },
      ],
      [
        'its failure',
        (stream: HeldStream) => {
          stream.destroy(new Error('ECONNRESET'));
        },
      ],
      [
        'its destruction by somebody else',
        (stream: HeldStream) => {
          stream.destroy();
        },
      ],
      [
        'its destruction by us',
        (_stream: HeldStream, wire: Wire) => {
          wire.destroy();
        },
      ],
      [
        'our end of it',
        (_stream: HeldStream, wire: Wire) => {
          wire.end();
        },
      ],
      [
        'a call to wake',
        (_stream: HeldStream, wire: Wire) => {
          wire.wake();
        },
      ],
    ])('is %s', async (_what, happen) => {
      const { stream, wire } = wired();
      const seen = watch(wire.change(NEVER));
      await turnOfLoop();
      expect(seen.state).toBe('waiting');
      happen(stream, wire);
      await turnOfLoop();
      await turnOfLoop();
      expect(seen.state).toBe('changed');
      wire.destroy();
    });

    it('is waited for anew each time', async () => {
      const { stream, wire } = wired();
      for (const text of ['a', 'b', 'c']) {
        const seen = watch(wire.change(NEVER));
        stream.arrive(text);
        await turnOfLoop();
        expect(seen.state).toBe('changed');
        expect(takenFrom(wire)).toBe(text);
      }
      wire.destroy();
    });
  });

  describe('the end', () => {
    it('is seen with its reason', async () => {
      const { stream, wire } = wired();
      expect([wire.open, wire.failure]).toEqual([true, undefined]);
      const failure = new Error('ECONNRESET');
      stream.destroy(failure);
      await turnOfLoop();
      expect([wire.open, wire.failure]).toEqual([false, failure]);
    });

    it('has no reason when the peer ended in order, or when we destroyed the stream', async () => {
      const ended = wired();
      ended.stream.finish();
      const destroyed = wired();
      destroyed.wire.destroy();
      await turnOfLoop();
      for (const { wire } of [ended, destroyed]) expect([wire.open, wire.failure]).toEqual([false, undefined]);
    });

    it('keeps the first reason, and survives an error that comes later', async () => {
      const { stream, wire } = wired();
      const first = new Error('first');
      stream.emit('error', first);
      stream.emit('error', new Error('second'));
      wire.destroy();
      await turnOfLoop();
      stream.emit('error', new Error('third'));
      expect(wire.failure).toBe(first);
    });

    it('lets what was written go out, and destroys the stream then, though the peer ends nothing', async () => {
      const { stream, wire } = wired({ holding: true });
      wire.write([Buffer.from('QUIT\r\n')]);
      wire.end();
      await turnOfLoop();
      expect([wire.open, stream.destroyed]).toEqual([false, false]);
      stream.release();
      await turnOfLoop();
      expect(stream.writes.map(String)).toEqual(['QUIT\r\n']);
      expect(stream.destroyed).toBe(true);
    });

    it('destroys a stream that is over already', async () => {
      const { stream, wire } = wired({ holding: true });
      wire.write([Buffer.alloc(20)]);
      stream.finish();
      await turnOfLoop();
      wire.end();
      expect(stream.destroyed).toBe(true);
    });

    it('may be asked for twice', () => {
      const { stream, wire } = wired();
      wire.end();
      wire.end();
      wire.destroy();
      wire.destroy();
      expect(stream.destroyed).toBe(true);
    });
  });

  it('looks at what came in time before it gives up, though the process was busy beyond the deadline', async () => {
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const accepted = once(listener, 'connection') as Promise<[Socket]>;
    const socket = connect((listener.address() as AddressInfo).port, '127.0.0.1');
    const [peer] = await accepted;
    const wire = new Wire(socket);
    try {
      const deadline = deadlineIn(10);
      const seen = watch(wire.change(deadline));
      // Written at once; now it lies in the socket, and nobody looks.
      peer.write('250 ok\r\n');
      while (performance.now() < deadline.atMs + 20);
      await turnOfLoop();
      await turnOfLoop();
      expect(seen.state).toBe('changed');
      expect(takenFrom(wire)).toBe('250 ok\r\n');
    } finally {
      wire.destroy();
      peer.destroy();
      listener.close();
    }
  });

  describe('a deadline', () => {
    beforeEach(stopClock);

    it('ends a wait, and says how long it was', async () => {
      const { wire } = wired();
      const wait = wire.change(deadlineIn(50));
      const seen = watch(wait);
      await jest.advanceTimersByTimeAsync(49);
      expect(seen.state).toBe('waiting');
      await jest.advanceTimersByTimeAsync(1);
      expect(seen.state).toBe('timeout');
      await expect(wait).rejects.toMatchObject({ deadline: { timeoutMs: 50 }, message: 'nothing came within 50 ms' });
      wire.destroy();
    });

    it('is one for a whole reply: octets that drip in do not move it', async () => {
      const { stream, wire } = wired();
      const deadline = deadlineIn(50);
      for (let drips = 0; drips < 4; drips += 1) {
        const seen = watch(wire.change(deadline));
        await jest.advanceTimersByTimeAsync(12);
        stream.arrive('2');
        await turnOfLoop();
        expect(seen.state).toBe('changed');
      }
      const seen = watch(wire.change(deadline));
      await jest.advanceTimersByTimeAsync(2);
      expect(seen.state).toBe('timeout');
      wire.destroy();
    });

    it('that has passed ends the wait at once', async () => {
      const { wire } = wired();
      const seen = watch(wire.change({ atMs: performance.now() - 5, timeoutMs: 5 }));
      await jest.advanceTimersByTimeAsync(0);
      expect(seen.state).toBe('timeout');
      wire.destroy();
    });

    it('that is nearer than the one before counts, and one that is farther too', async () => {
      const { wire } = wired();
      for (const timeoutMs of [100, 10, 70, 5]) {
        const seen = watch(wire.change(deadlineIn(100)));
        wire.wake();
        await turnOfLoop();
        expect(seen.state).toBe('changed');
        const ended = watch(wire.change(deadlineIn(timeoutMs)));
        expect(jest.getTimerCount()).toBe(1);
        await jest.advanceTimersByTimeAsync(timeoutMs - 1);
        expect(ended.state).toBe('waiting');
        await jest.advanceTimersByTimeAsync(1);
        expect(ended.state).toBe('timeout');
      }
      wire.destroy();
    });

    it('is kept by one timer for many waits, which is let go when nobody waits', async () => {
      const armed = jest.spyOn(globalThis, 'setTimeout');
      const { wire } = wired();
      for (let waits = 0; waits < 100; waits += 1) {
        const changed = wire.change(deadlineIn(50 + waits));
        wire.wake();
        await changed;
      }
      expect(armed).toHaveBeenCalledTimes(1);
      await jest.advanceTimersByTimeAsync(50);
      expect(jest.getTimerCount()).toBe(0);
      const next = watch(wire.change(deadlineIn(10)));
      await jest.advanceTimersByTimeAsync(10);
      expect([next.state, armed.mock.calls.length]).toEqual(['timeout', 2]);
      armed.mockRestore();
      wire.destroy();
    });

    it('of more than 25 days is not taken for none', async () => {
      const { wire } = wired();
      const seen = watch(wire.change(deadlineIn(3_000_000_000)));
      await jest.advanceTimersByTimeAsync(2_999_999_999);
      expect(seen.state).toBe('waiting');
      await jest.advanceTimersByTimeAsync(1);
      expect(seen.state).toBe('timeout');
      const forever = watch(wire.change(NEVER));
      await jest.advanceTimersByTimeAsync(3_000_000_000);
      expect(forever.state).toBe('waiting');
      wire.destroy();
    });

    it('leaves no timer behind when the stream is over, whoever ended it', async () => {
      const endings: readonly ((stream: HeldStream, wire: Wire) => void)[] = [
        (_stream, wire) => {
          wire.destroy();
        },
        (_stream, wire) => {
          wire.end();
        },
        (stream) => {
          stream.finish();
        },
        (stream) => {
          stream.destroy(new Error('ECONNRESET'));
        },
      ];
      for (const end of endings) {
        const { stream, wire } = wired();
        const seen = watch(wire.change(deadlineIn(300_000)));
        wire.wake();
        await turnOfLoop();
        expect([seen.state, jest.getTimerCount()]).toEqual(['changed', 1]);
        end(stream, wire);
        await turnOfLoop();
        await turnOfLoop();
        expect(jest.getTimerCount()).toBe(0);
      }
    });
  });

  describe('a signal', () => {
    it('ends a wait with its reason', async () => {
      const { wire } = wired();
      const controller = new AbortController();
      const wait = wire.change(NEVER, controller.signal);
      const seen = watch(wait);
      const reason = new Error('changed my mind');
      controller.abort(reason);
      await turnOfLoop();
      expect(seen.state).toBe('aborted');
      await expect(wait).rejects.toMatchObject({ cause: reason, message: 'the caller aborted' });
      wire.destroy();
    });

    it('that has fired already lets no wait begin', async () => {
      const { wire } = wired();
      const reason = new Error('too late');
      await expect(wire.change(NEVER, AbortSignal.abort(reason))).rejects.toMatchObject({
        why: 'aborted',
        cause: reason,
      });
      wire.destroy();
    });

    it('is left alone when the wait has ended otherwise', async () => {
      stopClock();
      const { wire } = wired();
      const { signal } = new AbortController();
      const changed = wire.change(NEVER, signal);
      wire.wake();
      await changed;
      const late = watch(wire.change(deadlineIn(5), signal));
      await jest.advanceTimersByTimeAsync(5);
      expect(late.state).toBe('timeout');
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
      wire.destroy();
    });

    it('does not end a later wait of somebody else', async () => {
      const { wire } = wired();
      const controller = new AbortController();
      const first = wire.change(NEVER, controller.signal);
      wire.wake();
      await first;
      const second = watch(wire.change(NEVER));
      controller.abort();
      await turnOfLoop();
      expect(second.state).toBe('waiting');
      wire.destroy();
    });
  });

  describe('detach', () => {
    it('gives the stream away: paused, without listeners and without a timer', async () => {
      stopClock();
      const { stream, wire } = wired();
      const seen = watch(wire.change(deadlineIn(50)));
      stream.arrive('220 go ahead\r\n');
      await turnOfLoop();
      expect(seen.state).toBe('changed');
      wire.takeReceived();
      expect(wire.detach()).toBe(stream);
      expect(stream.isPaused()).toBe(true);
      expect(jest.getTimerCount()).toBe(0);
      const own = new HeldStream();
      for (const event of ['data', 'end', 'close', 'error', 'drain']) {
        expect([event, stream.listenerCount(event)]).toEqual([event, own.listenerCount(event)]);
      }
    });

    it('leaves to the next wire what arrives afterwards', async () => {
      const { stream, wire } = wired();
      wire.detach();
      stream.arrive('hello');
      await turnOfLoop();
      expect(wire.hasReceived).toBe(false);
      const next = new Wire(stream);
      await turnOfLoop();
      expect(takenFrom(next)).toBe('hello');
      next.destroy();
    });
  });

  it('polls: what has reached this machine is there afterwards', async () => {
    const { stream, wire } = wired();
    setImmediate(() => {
      stream.arrive('unasked');
    });
    await wire.poll();
    expect(takenFrom(wire)).toBe('unasked');
    wire.destroy();
  });
});

describe('a wire at rest', () => {
  it('tells once of octets, or of the end, also of what came before, and not when somebody waits again', async () => {
    for (const early of [true, false]) {
      const { stream, wire } = wired();
      let told = 0;
      if (early) {
        stream.arrive('421 bye\r\n');
        await turnOfLoop();
      }
      wire.rest(() => (told += 1));
      expect(told).toBe(0);
      if (!early) stream.arrive('421 bye\r\n');
      await turnOfLoop();
      stream.finish();
      await turnOfLoop();
      expect(told).toBe(1);
      wire.destroy();
    }
    const { stream, wire } = wired();
    let told = 0;
    wire.rest(() => (told += 1));
    wire.rouse();
    const wait = watch(wire.change(NEVER));
    stream.arrive('250 ok\r\n');
    await turnOfLoop();
    expect([told, wait.state]).toEqual([0, 'changed']);
    wire.destroy();
  });

  it('lets somebody look at a time of his own, as at a change', async () => {
    stopClock();
    const { wire } = wired();
    const wait = watch(wire.change(deadlineIn(50), undefined, true));
    jest.advanceTimersByTime(51);
    await turnOfLoop();
    await turnOfLoop();
    expect(wait.state).toBe('changed');
    wire.destroy();
  });
});
