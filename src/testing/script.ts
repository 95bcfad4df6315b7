/**
 * A script: for each connection the steps of both sides, in order. Text and builder both make this value.
 */
import {
  type Expectation,
  expressionExpectation,
  readClientText,
  readServerText,
  ScriptSyntaxError,
} from './notation.js';
import type { Peer } from './peer.js';
import type { ServerStep } from './server-step.js';

/** How often a client's step happens: `?` and `*` steps take their `S:` lines with them when they do not. */
export type Occurs = 'once' | 'optional' | 'any';

/** One line of a transcript, or one call of the builder. */
export type ScriptStep =
  | { readonly side: 'server'; readonly line: number | undefined; readonly text: string; readonly step: ServerStep }
  | {
      readonly side: 'client';
      readonly line: number | undefined;
      readonly text: string;
      readonly occurs: Occurs;
      readonly expectation: Expectation;
    }
  | {
      readonly side: 'call';
      readonly line: undefined;
      readonly text: string;
      readonly call: (peer: Peer) => unknown;
    };

/** The script of one connection. */
export interface ScriptSection {
  /** Counted from 1; `every` serves all connections that have no section of their own. */
  readonly connection: number | 'every';
  readonly steps: readonly ScriptStep[];
}

/** What `parseTranscript()` and `script()` make. */
export interface Script {
  readonly sections: readonly ScriptSection[];
}

const occursOf: Readonly<Record<string, Occurs>> = { ':': 'once', '?': 'optional', '*': 'any' };

function sectionHeading(line: string): number | 'every' | undefined {
  const name = /^---+\s*connection\s+(\d{1,6}|\*)\s*-*$/.exec(line)?.[1];
  return name === '*' ? 'every' : name === undefined ? undefined : Number(name);
}

/** Reads a transcript. Throws ScriptSyntaxError, which names the line. */
export function parseTranscript(text: string): Script {
  const sections: { connection: number | 'every'; steps: ScriptStep[] }[] = [];
  let steps: ScriptStep[] | undefined;
  const start = (connection: number | 'every', line: number): ScriptStep[] => {
    if (sections.some((section) => section.connection === connection)) {
      throw new ScriptSyntaxError(`there is already a section for connection ${String(connection)}`, { line });
    }
    const section = { connection, steps: [] };
    sections.push(section);
    return section.steps;
  };
  const lines = text.split(/\r\n|\n/);
  for (const [index, whole] of lines.entries()) {
    const line = index + 1;
    const trimmed = whole.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const connection = sectionHeading(trimmed);
    if (connection !== undefined) {
      steps = start(connection, line);
      continue;
    }
    const [, side, mark = '', said = ''] = /^([CS])([:?*])(?: (.*))?$/s.exec(trimmed) ?? [];
    if (side === undefined || (side === 'S' && mark !== ':')) {
      throw new ScriptSyntaxError(`${JSON.stringify(trimmed)} is no line of a transcript`, {
        line,
        hint: 'Lines begin with "S: ", "C: ", "C? " (may happen), "C* " (any number of times), "--- connection 2" or "#".',
      });
    }
    steps ??= start(1, line);
    try {
      steps.push(
        side === 'S'
          ? { side: 'server', line, text: said, step: readServerText(said) }
          : { side: 'client', line, text: said, occurs: occursOf[mark] ?? 'once', expectation: readClientText(said) },
      );
    } catch (error) {
      if (!(error instanceof ScriptSyntaxError) || error.line !== undefined) throw error;
      throw new ScriptSyntaxError(error.message, { line, ...(error.hint === undefined ? {} : { hint: error.hint }) });
    }
  }
  if (sections.every((section) => section.steps.length === 0)) {
    throw new ScriptSyntaxError('the script has no lines', {
      hint: 'It needs at least a greeting: "S: 220 mx ESMTP".',
    });
  }
  return { sections };
}

/**
 * The script as calls: each method adds steps to the end of the current connection and returns the builder. Replies take
 * the words that stand behind `S: ` in a transcript.
 */
export class ScriptBuilder implements Script {
  readonly #sections: { connection: number | 'every'; steps: ScriptStep[] }[] = [{ connection: 1, steps: [] }];

  get sections(): readonly ScriptSection[] {
    return this.#sections;
  }

  #add(step: ScriptStep): this {
    this.#sections.at(-1)?.steps.push(step);
    return this;
  }

  #client(pattern: string | RegExp, occurs: Occurs): this {
    const expectation = typeof pattern === 'string' ? readClientText(pattern) : expressionExpectation(pattern);
    return this.#add({ side: 'client', line: undefined, text: String(pattern), occurs, expectation });
  }

  /** What the server says or does: reply lines, `"bytes"`, `(actions)`; a Uint8Array goes out as it is. */
  server(...said: readonly (string | Uint8Array)[]): this {
    for (const one of said) {
      const step: ServerStep =
        typeof one === 'string' ? readServerText(one) : { kind: 'send', bytes: Buffer.from(one), addressee: 'in-turn' };
      this.#add({ side: 'server', line: undefined, text: typeof one === 'string' ? one : '(bytes)', step });
    }
    return this;
  }

  /** The next command must be this one. */
  client(pattern: string | RegExp): this {
    return this.#client(pattern, 'once');
  }

  /** If the next command is this one, the server steps up to the next client step follow; else they are left out. */
  optional(pattern: string | RegExp): this {
    return this.#client(pattern, 'optional');
  }

  /** As `optional`, any number of times. */
  any(pattern: string | RegExp): this {
    return this.#client(pattern, 'any');
  }

  /** The content up to the lone dot, or its first octets only. */
  content(firstBytes?: number): this {
    return this.#client(firstBytes === undefined ? '<content>' : `<content ${String(firstBytes)}>`, 'once');
  }

  /** Your own code at this place of the conversation. What it throws is recorded as a failure. */
  call(call: (peer: Peer) => unknown): this {
    return this.#add({ side: 'call', line: undefined, text: 'call()', call });
  }

  /** Starts the script of another connection: the next one in order, or `every` for all that have none. */
  connection(which?: 'every'): this {
    this.#sections.push({ connection: which ?? this.#sections.length + 1, steps: [] });
    return this;
  }
}

/** A new, empty script to add steps to. */
export function script(): ScriptBuilder {
  return new ScriptBuilder();
}
