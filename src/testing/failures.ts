/** What went otherwise than the script said, and how it is told. */
import { showLine } from './escapes.js';

/** One difference between the script and the conversation. */
export interface ScriptFailure {
  /** The number of the connection, from 1; undefined when a connection is missing. */
  readonly connection: number | undefined;
  /** The line of the transcript, from 1. */
  readonly line: number | undefined;
  /** A step as it stands in a transcript, or what was waited for. */
  readonly expected: string;
  /** What came instead: `C: RSET`, `C: (close)`, `nothing within 4000 ms`. */
  readonly got: string;
  /** What was said before, as lines of a transcript; the last ones. */
  readonly log: readonly string[];
  /** What a handler threw. */
  readonly cause?: unknown;
}

/** One failure in one line. */
export function failureSummary(failure: ScriptFailure): string {
  const place = failure.line === undefined ? '' : `line ${String(failure.line)}: `;
  return `${place}expected ${failure.expected}, got ${failure.got}`;
}

function describe(failure: ScriptFailure): string {
  const where = [
    failure.connection === undefined ? undefined : `connection ${String(failure.connection)}`,
    failure.line === undefined ? undefined : `line ${String(failure.line)} of the script`,
  ].filter((part) => part !== undefined);
  return [
    ...(where.length === 0 ? [] : [`${where.join(', ')}:`]),
    `  expected  ${failure.expected}`,
    `  got       ${failure.got}`,
    ...(failure.log.length === 0 ? [] : ['  after', ...failure.log.map((line) => `    ${line}`)]),
  ].join('\n');
}

/** The conversation was not the one that the script tells: what `finished()`, `waitFor()` and `held()` reject with. */
export class ScriptMismatchError extends Error {
  override readonly name: string = 'ScriptMismatchError';
  /** Stable: `ERR_SCRIPT_MISMATCH`. */
  readonly code: string = 'ERR_SCRIPT_MISMATCH';
  /** What to do next. */
  readonly hint: string =
    'Compare the lines: the client under test said something else, or the script expects what it need not do ("C? " makes a step optional).';
  /** All of them, in the order in which they were found. */
  readonly failures: readonly ScriptFailure[];
  constructor(failures: readonly ScriptFailure[]) {
    const [first] = failures;
    super(`the conversation did not follow the script\n${failures.map(describe).join('\n')}`, { cause: first?.cause });
    this.failures = failures;
  }
}

/** Carries one failure from the place where it is noticed to the server. Never leaves this folder. */
export class Mismatch extends Error {
  readonly line: number | undefined;
  readonly expected: string;
  readonly got: string;
  constructor(expected: string, got: string, line?: number) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
    this.line = line;
  }
}

/** The server is closing; nobody is to blame. Never leaves this folder. */
export class Stopped extends Error {}

/** A line without CRLF or LF. */
export function withoutEnd(line: Buffer): Buffer {
  if (line.at(-1) !== 10) return line;
  return line.subarray(0, line.length - (line.at(-2) === 13 ? 2 : 1));
}

/** A line of the client, as in a transcript. */
export function shownCommand(line: Buffer): string {
  return `C: ${showLine(withoutEnd(line))}`;
}
