/** Waiting for a message. One rule: a wait ends; with the message, with the time-out, with the caller's signal, or with the inbox. */
import { MessageError, SMTPException } from '../index.js';
import type { InboxMessage } from './inbox-message.js';
import type { MessageStore } from './message-store.js';

/** Which message is meant. What is left out does not matter; all that is given must fit. */
export interface MessageFilter {
  /** A recipient of the envelope, accepted: the whole address, in any case. */
  readonly to?: string;
  /** The sender of the envelope: the whole address, in any case. */
  readonly from?: string;
  /** Part of the decoded subject, in this case; or an expression that fits it. */
  readonly subject?: string | RegExp;
  /** Only messages that came after the one of this id. */
  readonly after?: number;
}

export interface WaitOptions extends MessageFilter {
  /** How long to wait, in milliseconds. Default 5000; at most a day. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export const DEFAULT_WAIT_MS = 5_000;
const MAX_WAIT_MS = 86_400_000;
/** So many may wait at a time. */
export const MAX_WAITERS = 1_000;

const SHOWN_MESSAGES = 5;

export function fits(message: InboxMessage, { to, from, subject, after }: MessageFilter): boolean {
  if (after !== undefined && message.id <= after) return false;
  if (to !== undefined && !message.envelope.to.some((address) => isSame(address, to))) return false;
  if (from !== undefined && !isSame(message.envelope.from, from)) return false;
  if (subject === undefined) return true;
  // A fresh start for an expression with the flag g or y, which remembers where it was.
  if (typeof subject !== 'string') return new RegExp(subject).test(message.subject);
  return message.subject.includes(subject);
}

export class Waiters {
  readonly #store: MessageStore;
  readonly #closing = new AbortController();
  #count = 0;

  constructor(store: MessageStore) {
    this.#store = store;
  }

  /** The oldest message that fits, as soon as there is one. Rejects as `Inbox.waitFor` says. */
  async wait(options: WaitOptions): Promise<InboxMessage> {
    const timeoutMs = checkedTimeout(options.timeoutMs);
    checkFilter(options);
    options.signal?.throwIfAborted();
    const found = this.#store.messages.find((message) => fits(message, options));
    if (found !== undefined) return found;
    if (this.#closing.signal.aborted) throw closed();
    if (this.#count >= MAX_WAITERS) {
      throw new SMTPException(`${String(MAX_WAITERS)} are waiting for messages already`, {
        code: 'ERR_INBOX_TOO_MANY_WAITERS',
        hint: 'Await each wait, or give shorter time-outs.',
      });
    }
    this.#count += 1;
    try {
      return await this.#next(options, timeoutMs);
    } finally {
      this.#count -= 1;
    }
  }

  /** Every wait that is under way rejects, and so does each that would have to begin. */
  close(): void {
    this.#closing.abort();
  }

  async #next(options: WaitOptions, timeoutMs: number): Promise<InboxMessage> {
    const { promise, resolve, reject } = deferred<InboxMessage>();
    const { signal } = options;
    const closing = this.#closing.signal;
    const end = this.#store.listen((event) => {
      if (event.type === 'added' && fits(event.message, options)) resolve(event.message);
    });
    const timer = setTimeout(() => {
      reject(this.#timedOut(options, timeoutMs));
    }, timeoutMs);
    const onAbort = (): void => {
      reject(signal?.reason);
    };
    const onClose = (): void => {
      reject(closed());
    };
    signal?.addEventListener('abort', onAbort);
    closing.addEventListener('abort', onClose);
    try {
      return await promise;
    } finally {
      end();
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      closing.removeEventListener('abort', onClose);
    }
  }

  #timedOut(filter: MessageFilter, timeoutMs: number): SMTPException {
    const { messages } = this.#store;
    const last = messages.slice(-SHOWN_MESSAGES).map(({ envelope, subject }) => {
      return `${envelope.to.join(', ')}: ${JSON.stringify(subject)}`;
    });
    const hint =
      messages.length === 0
        ? 'No message at all is in the inbox. Was it sent to the right port?'
        : `${String(messages.length)} other messages are there; the last: ${last.join('; ')}.`;
    return new SMTPException(`no message ${describe(filter)}came within ${String(timeoutMs)} ms`, {
      code: 'ERR_INBOX_WAIT_TIMEOUT',
      hint,
    });
  }
}

function describe({ to, from, subject, after }: MessageFilter): string {
  const given = { to, from, subject, after };
  const parts = Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [`${name} ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`];
  });
  return parts.length === 0 ? '' : `with ${parts.join(', ')} `;
}

function isSame(address: string, other: string): boolean {
  return address.toLowerCase() === other.toLowerCase();
}

function checkFilter({ to, from, subject, after }: MessageFilter): void {
  if (to !== undefined && typeof to !== 'string') throw invalid('to is no address');
  if (from !== undefined && typeof from !== 'string') throw invalid('from is no address');
  if (subject !== undefined && typeof subject !== 'string' && !isRegExp(subject))
    throw invalid('subject is no text and no regular expression');
  if (after !== undefined && !Number.isSafeInteger(after)) throw invalid('after is no id of a message');
}

/** Also for an expression of another realm, as test runners make them. */
function isRegExp(value: unknown): value is RegExp {
  return Object.prototype.toString.call(value) === '[object RegExp]';
}

function checkedTimeout(timeoutMs: number = DEFAULT_WAIT_MS): number {
  if (typeof timeoutMs === 'number' && timeoutMs >= 0 && timeoutMs <= MAX_WAIT_MS) return timeoutMs;
  throw invalid(`timeoutMs is no number of milliseconds from 0 to ${String(MAX_WAIT_MS)}`);
}

function invalid(message: string): MessageError {
  return new MessageError(message, {
    code: 'ERR_INVALID_OPTION',
    hint: "Write waitFor({ to: 'ann@example.org', subject: 'Welcome', timeoutMs: 5000 }).",
  });
}

function closed(): SMTPException {
  return new SMTPException('the inbox is closed', {
    code: 'ERR_INBOX_CLOSED',
    hint: 'Wait for the message before the inbox is closed.',
  });
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return { promise, resolve, reject };
}
