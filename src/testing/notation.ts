/**
 * The words behind `S: ` and `C: `. The same text means the same in a transcript, in a builder and in a behaviour.
 */
import { MessageError } from '../index.js';
import { anyRun, EscapeError, readEscapes, readPattern } from './escapes.js';
import type { ServerStep } from './server-step.js';

/** A script that cannot be read. Thrown before the server listens. */
export class ScriptSyntaxError extends MessageError {
  /** The line of the transcript, from 1; undefined when the script is no text. */
  readonly line: number | undefined;
  constructor(message: string, options: { readonly line?: number | undefined; readonly hint?: string } = {}) {
    super(options.line === undefined ? message : `line ${String(options.line)}: ${message}`, {
      code: 'ERR_SCRIPT_SYNTAX',
      hint: options.hint,
    });
    this.line = options.line;
  }
}

/** What the client is expected to do. */
export type Expectation =
  | { readonly kind: 'line'; readonly matches: (line: Buffer, inContent: boolean) => boolean }
  | { readonly kind: 'content'; readonly firstBytes: number | undefined }
  | { readonly kind: 'bdat' }
  | { readonly kind: 'close' };

const actionHint =
  'Actions: (close) (reset) (hold [name]) (wait 50ms) (starttls) (pause) (resume) (cork) (uncork) (flush) (listen) (chunk 1 [every 5ms]) ' +
  '(chunk at 3,7) (chunk off) (repeat 10 "x\\r\\n") (repeat forever "x") (surplus 250 ok) (early 250 ok). ' +
  'A reply that begins with a parenthesis or a quote is written with a backslash in front of it.';

function octets(text: string): Buffer {
  try {
    return readEscapes(text);
  } catch (error) {
    if (!(error instanceof EscapeError)) throw error;
    throw new ScriptSyntaxError(`${error.message} in ${JSON.stringify(text)}`, {
      hint: 'Escapes: \\r \\n \\t \\0 \\s (blank) \\xHH, and a backslash in front of punctuation.',
    });
  }
}

function quoted(text: string): Buffer | undefined {
  const inner = /^"((?:[^"\\]|\\.)*)"$/s.exec(text)?.[1];
  return inner === undefined ? undefined : octets(inner);
}

function line(text: string): Buffer {
  return Buffer.concat([octets(text), Buffer.from('\r\n')]);
}

function action(text: string): ServerStep {
  const [, name = '', rest = ''] = /^([a-z]+)(?:\s+(.*))?$/s.exec(text.trim()) ?? [];
  switch (name) {
    case 'close':
    case 'reset':
    case 'starttls':
    case 'pause':
    case 'resume':
    case 'cork':
    case 'uncork':
    case 'flush':
    case 'listen':
      if (rest === '') return { kind: name };
      break;
    case 'hold':
      if (/^[\w.-]*$/.test(rest)) return { kind: 'hold', name: rest };
      break;
    case 'wait': {
      const ms = /^(\d{1,6})(?:ms)?$/.exec(rest)?.[1];
      if (ms !== undefined) return { kind: 'wait', ms: Number(ms) };
      break;
    }
    case 'chunk': {
      if (rest === 'off') return { kind: 'chunk', chunking: undefined };
      const [, what = '', every] = /^(\d{1,9}|at [\d, ]+?)(?: every (\d{1,6})ms)?$/.exec(rest) ?? [];
      const pause = every === undefined ? {} : { everyMs: Number(every) };
      if (/^\d*[1-9]\d*$/.test(what)) return { kind: 'chunk', chunking: { sizeBytes: Number(what), ...pause } };
      const at = what.slice(3).split(',').map(Number);
      if (what !== '' && at.every((offset) => offset > 0)) return { kind: 'chunk', chunking: { at, ...pause } };
      break;
    }
    case 'repeat': {
      const [, times = '', what = ''] = /^(\d{1,9}|forever) (.*)$/s.exec(rest) ?? [];
      const bytes = quoted(what);
      if (bytes !== undefined && bytes.length > 0) {
        return { kind: 'repeat', times: times === 'forever' ? Infinity : Number(times), bytes };
      }
      break;
    }
    case 'surplus':
    case 'early':
      if (rest !== '') return { kind: 'send', bytes: quoted(rest) ?? line(rest), addressee: name };
      break;
    default:
  }
  throw new ScriptSyntaxError(`(${text}) is no action`, { hint: actionHint });
}

/** Reads what stands behind one `S: `: a reply line, `"bytes"` or `(an action)`. */
export function readServerText(text: string): ServerStep {
  const inParentheses = /^\((.*)\)$/s.exec(text)?.[1];
  if (inParentheses !== undefined) return action(inParentheses);
  const bytes = quoted(text);
  if (bytes !== undefined) return { kind: 'send', bytes, addressee: 'in-turn' };
  if (/^["(]/.test(text)) throw new ScriptSyntaxError(`${text} is not closed`, { hint: actionHint });
  return { kind: 'send', bytes: line(text), addressee: 'in-turn' };
}

/** Verbs, and the FROM: and TO: that belong to them, are compared without case (RFC 5321 section 2.4); nothing else is. */
function foldVerb(text: string): string {
  return text.replace(/^(?:mail from:|rcpt to:|[a-z0-9-]+)/i, (verb) => verb.toUpperCase());
}

function wildcard(pattern: string, text: string): boolean {
  const [first = '', ...others] = pattern.split(anyRun);
  if (!text.startsWith(first)) return false;
  const last = others.pop();
  if (last === undefined) return text.length === first.length;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** Reads what stands behind one `C: `: a pattern with `*`, `/a regular expression/`, `<content>`, `<bdat>` or `(close)`. */
export function readClientText(text: string): Expectation {
  if (text === '(close)') return { kind: 'close' };
  if (text === '<bdat>') return { kind: 'bdat' };
  const content = /^<content(?: (\d{1,12}))?>$/.exec(text);
  if (content !== null) {
    return { kind: 'content', firstBytes: content[1] === undefined ? undefined : Number(content[1]) };
  }
  const expression = /^\/(.*)\/([imsu]*)$/s.exec(text);
  if (expression !== null) {
    try {
      return expressionExpectation(new RegExp(expression[1] ?? '', expression[2]));
    } catch (error) {
      throw new ScriptSyntaxError(`${text} is no regular expression: ${error instanceof Error ? error.message : ''}`);
    }
  }
  if (/^[(<]/.test(text)) {
    throw new ScriptSyntaxError(`${text} is nothing that a client does`, {
      hint: 'Behind C: stands a pattern, /an expression/, <content>, <content 1000>, <bdat> or (close). Write \\< and \\( for the characters.',
    });
  }
  octets(text);
  const pattern = readPattern(text);
  const folded = foldVerb(pattern);
  return {
    kind: 'line',
    matches: (received, inContent) => {
      const octetText = received.toString('latin1');
      return inContent ? wildcard(pattern, octetText) : wildcard(folded, foldVerb(octetText));
    },
  };
}

/** A regular expression sees the line as UTF-8 text, without its line end. */
export function expressionExpectation(expression: RegExp): Expectation {
  return {
    kind: 'line',
    matches: (received) => {
      expression.lastIndex = 0;
      return expression.test(received.toString('utf8'));
    },
  };
}
