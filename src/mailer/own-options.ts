/** The options of a call as they are when it is made: its caller may change them for the next one while this one waits. */
import type { SendMessageOptions } from '../client/send-message.js';

/** Those with parts of their own. A function is the caller's, and so is a signal. */
const NESTED = ['to', 'mailOptions', 'rcptOptions', 'dsn', 'envelopeOptions', 'serializeOptions'] as const;

/** What is no object is given back, for whoever checks it. */
export function ownOptions(options: SendMessageOptions): SendMessageOptions {
  if (typeof options !== 'object' || (options as unknown) === null) return options;
  const own: Record<string, unknown> = { ...options };
  for (const name of NESTED) if (typeof own[name] === 'object') own[name] = copyOf(own[name]);
  return own;
}

/** `notify` of `dsn` is a list in an object: nothing lies deeper. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...(value as unknown[])];
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, Array.isArray(part) ? [...(part as unknown[])] : part]),
  );
}

/** What is of a class of its own is wrong here; whoever checks it is to see what it is. */
function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
