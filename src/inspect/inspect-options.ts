/** Options of an inspection. One rule: they are checked once, and every limit has a number from then on. */
import { InspectError } from './inspect-error.js';

export interface InspectOptions {
  /** Ends the inspection when it fires: `ERR_ABORTED`. */
  readonly signal?: AbortSignal;
  /** How long it may take, in milliseconds: `ERR_TIMEOUT`. Default: no limit. */
  readonly deadlineMs?: number;
  /** The most octets of a message: `ERR_MESSAGE_TOO_LARGE`. Default 64 MiB. Everything is decoded into memory. */
  readonly maxSizeBytes?: number;
  /** How deep parts and attached messages may be nested: `ERR_NESTING_TOO_DEEP`. Default 100. */
  readonly maxNesting?: number;
  /** The most parts: `ERR_TOO_MANY_PARTS`. Default 1,000. */
  readonly maxParts?: number;
}

export interface ResolvedOptions {
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number | undefined;
  readonly maxSizeBytes: number;
  readonly maxNesting: number;
  readonly maxParts: number;
}

const KNOWN = ['signal', 'deadlineMs', 'maxSizeBytes', 'maxNesting', 'maxParts'];

/** @throws InspectError: `ERR_INVALID_OPTION`. */
export function resolveOptions(given: unknown): ResolvedOptions {
  if (typeof given !== 'object' || given === null) throw invalid('the options are no object');
  const unknown = Object.keys(given).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw invalid(`${JSON.stringify(unknown)} is no option of inspect()`);
  const { signal, deadlineMs, maxSizeBytes, maxNesting, maxParts } = given as Readonly<Record<string, unknown>>;
  if (signal !== undefined && !isSignal(signal)) throw invalid('signal is no AbortSignal');
  return {
    signal,
    deadlineMs: deadlineMs === undefined ? undefined : positive('deadlineMs', deadlineMs),
    maxSizeBytes: positive('maxSizeBytes', maxSizeBytes ?? 67_108_864),
    maxNesting: positive('maxNesting', maxNesting ?? 100),
    maxParts: positive('maxParts', maxParts ?? 1000),
  };
}

/** The longest wait of Node's timers. */
const MAX_NUMBER = 2_147_483_647;

function positive(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_NUMBER) return value;
  throw invalid(`${name} is no whole number from 1 to ${String(MAX_NUMBER)}`);
}

/** Not `instanceof`: it may come from another realm, such as a test runner's. */
function isSignal(value: unknown): value is AbortSignal {
  return typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value;
}

function invalid(fault: string): InspectError {
  return new InspectError(fault, { code: 'ERR_INVALID_OPTION', hint: `The options are ${KNOWN.join(', ')}.` });
}
