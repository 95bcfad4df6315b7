/**
 * A connected stream as the client sees it: octets are handed over at once, what arrives is collected at once, and there is
 * one thing to wait for, the next change. Nothing here knows SMTP. Every wait has a deadline and takes an AbortSignal.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Deadline } from './deadline.js';

/** Octets that arrived and that nobody took; above this the stream is paused, and the peer has to wait. */
const MAX_UNREAD_OCTETS = 262_144;

/** Chunks of so many octets together are copied: that costs less than to hand them over one by one. */
const COPIED_OCTETS = 16_384;

/** Node fires a timer that is longer than this at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The wait ended without a change. `timeout`: the deadline passed; `aborted`: the caller's signal fired. */
export class WaitEndedError extends Error {
  readonly why: 'timeout' | 'aborted';
  readonly deadline: Deadline;
  constructor(why: 'timeout' | 'aborted', deadline: Deadline, cause?: unknown) {
    super(why === 'timeout' ? `nothing came within ${String(deadline.timeoutMs)} ms` : 'the caller aborted', { cause });
    this.name = 'WaitEndedError';
    this.why = why;
    this.deadline = deadline;
  }
}

interface Waiter {
  readonly deadline: Deadline;
  /** The deadline is one of somebody who only wants to look: passing it is a change. */
  readonly resolvesLate: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Wire {
  readonly #stream: Duplex;
  #received: Uint8Array[] = [];
  #unreadOctets = 0;
  #ended: boolean;
  #failure: Error | undefined;
  #waiter: Waiter | undefined;
  /** Writes of `writeThrough()` that the stream has not passed on. */
  #passing = 0;
  /** Told of what happens while nobody waits. */
  #stirred: (() => void) | undefined;
  /** One timer serves all waits in turn; it is armed again when it fires early, not at every wait. */
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Infinity;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.#ended = stream.readableEnded;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onClose);
    stream.on('error', this.#onError);
    stream.on('drain', this.#wake);
    // A stream from a proxy, or one that was detached, comes paused.
    stream.resume();
  }

  get stream(): Duplex {
    return this.#stream;
  }

  /** True until the peer ended the stream, it failed, or it was destroyed. */
  get open(): boolean {
    return !this.#ended && this.#failure === undefined && !this.#stream.destroyed;
  }

  /** Why the stream ended, when it did not end in order. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** True while the stream holds more unsent octets than it likes to. */
  get congested(): boolean {
    return this.open && this.#stream.writableNeedDrain;
  }

  /** Whether the stream copies what it passes on. A stream of the caller's own may hand it to somebody who keeps it. */
  get copies(): boolean {
    return this.#stream instanceof Socket;
  }

  /** True while the stream holds octets of `writeThrough()`. */
  get passing(): boolean {
    return this.open && this.#passing > 0;
  }

  get hasReceived(): boolean {
    return this.#received.length > 0;
  }

  /** What has arrived and was not taken yet, in order. */
  takeReceived(): readonly Uint8Array[] {
    const received = this.#received;
    this.#received = [];
    this.#unreadOctets = 0;
    if (this.#stream.isPaused()) this.#stream.resume();
    return received;
  }

  /** Hands the octets to the stream, as one write where it can. They count as handed over when this returns. */
  write(chunks: readonly Uint8Array[]): void {
    if (!this.open) return;
    if (chunks.length === 1) {
      this.#stream.write(chunks[0]);
      return;
    }
    let octets = 0;
    for (const { length } of chunks) octets += length;
    if (octets === 0) return;
    if (octets <= COPIED_OCTETS) {
      this.#stream.write(Buffer.concat(chunks, octets));
      return;
    }
    this.#stream.cork();
    for (const chunk of chunks) this.#stream.write(chunk);
    this.#stream.uncork();
  }

  /** As `write()` of one chunk; it is a change when the stream has passed it on, and its memory is the caller's again. */
  writeThrough(chunk: Uint8Array): void {
    if (!this.open) return;
    this.#passing += 1;
    this.#stream.write(chunk, () => {
      this.#passing -= 1;
      this.#wake();
    });
  }

  /**
   * Resolves at the next change: octets arrived, the stream is no longer congested, or it is over. A caller looks first and
   * waits then. Rejects with WaitEndedError at the deadline, or resolves then (`resolvesLate`), and when the signal fires.
   */
  change(deadline: Deadline, signal?: AbortSignal, resolvesLate = false): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(new WaitEndedError('aborted', deadline, signal.reason));
    const waiting = new Promise<void>((resolve, reject) => {
      this.#waiter = { deadline, resolvesLate, resolve, reject };
    });
    this.#arm(deadline);
    if (signal === undefined) return waiting;
    const onAbort = (): void => {
      this.#settle()?.reject(new WaitEndedError('aborted', deadline, signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    return waiting.finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  }

  /** Wakes whoever waits for a change, for a reason of the caller's own. */
  wake(): void {
    this.#wake();
  }

  /**
   * Nobody waits for the peer: neither the stream nor a timer of ours keeps the process alive, and `stirred` is called once, when
   * octets arrive or the stream is over.
   */
  rest(stirred: () => void): void {
    this.#stirred = stirred;
    this.#timer?.unref();
    asSocket(this.#stream).unref?.();
    // What happened already is told too, but not before this returns.
    queueMicrotask(this.#wake);
  }

  /** Somebody will wait again. */
  rouse(): void {
    this.#stirred = undefined;
    this.#timer?.ref();
    asSocket(this.#stream).ref?.();
  }

  /** Lets the event loop read what has reached this machine already: one full turn of it. */
  poll(): Promise<void> {
    return new Promise((resolve) => setImmediate(setImmediate, resolve));
  }

  /** Gives the stream away, for an upgrade to TLS. Nothing may have been received and not taken. */
  detach(): Duplex {
    this.#release();
    this.#stream.pause();
    return this.#stream;
  }

  /** What was written still goes out; then the stream is destroyed, whether the peer ends its side or not. */
  end(): void {
    if (!this.open) {
      this.destroy();
      return;
    }
    this.#ended = true;
    this.#stream.end(() => {
      this.destroy();
    });
    this.#wake();
  }

  destroy(): void {
    this.#ended = true;
    this.#stream.destroy();
    this.#disarm();
    this.#wake();
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#received.push(chunk);
    this.#unreadOctets += chunk.length;
    if (this.#unreadOctets > MAX_UNREAD_OCTETS) this.#stream.pause();
    this.#wake();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake();
  };

  readonly #onClose = (): void => {
    this.#disarm();
    this.#onEnd();
  };

  readonly #onError = (error: Error): void => {
    this.#failure ??= error;
    this.#wake();
  };

  readonly #wake = (): void => {
    this.#settle()?.resolve();
    const stirred = this.#stirred;
    if (stirred === undefined || (this.open && !this.hasReceived)) return;
    this.#stirred = undefined;
    stirred();
  };

  #settle(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    return waiter;
  }

  #arm(deadline: Deadline): void {
    if (this.#timer !== undefined && this.#timerAtMs <= deadline.atMs) return;
    this.#disarm();
    this.#timerAtMs = deadline.atMs;
    const delayMs = Math.min(Math.max(deadline.atMs - performance.now(), 0), LONGEST_TIMER_MS);
    this.#timer = setTimeout(this.#onTimer, Math.ceil(delayMs));
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    if (waiter.deadline.atMs > performance.now()) this.#arm(waiter.deadline);
    // A process that was busy beyond the deadline has not looked at what came in time; timers run before it does.
    else setImmediate(this.#expire, waiter);
  };

  readonly #expire = (waiter: Waiter): void => {
    if (this.#waiter !== waiter) return;
    this.#settle();
    if (waiter.resolvesLate) waiter.resolve();
    else waiter.reject(new WaitEndedError('timeout', waiter.deadline));
  };

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAtMs = Infinity;
  }

  #release(): void {
    this.#disarm();
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('close', this.#onClose);
    this.#stream.off('error', this.#onError);
    this.#stream.off('drain', this.#wake);
  }
}

/** A socket may keep the process alive or not; other streams have no say in that. */
function asSocket(stream: Duplex): { ref?: () => void; unref?: () => void } {
  return stream as { ref?: () => void; unref?: () => void };
}
