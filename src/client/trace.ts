/**
 * The conversation as events and as debug lines. A command knows itself whether it is secret (protocol/command.ts), and
 * bodies are never given to a trace; so nothing has to be found and blotted out here.
 */
import { printable } from '../errors.js';
import type { Command } from '../protocol/command.js';
import type { Reply, Stage, WireEvent } from '../types.js';

export type DebugLevel = 0 | 1 | 2;

/** Of the commands that may stand in one group (RFC 2920 section 3.1). */
const STAGE_OF_VERB: ReadonlyMap<string, Stage> = new Map<string, Stage>([
  ['MAIL', 'mail'],
  ['RCPT', 'rcpt'],
  ['DATA', 'data'],
  ['RSET', 'rset'],
  ['QUIT', 'quit'],
]);

export class Trace {
  readonly #onWire: ((event: WireEvent) => void) | undefined;
  /** 0: silent; 1: lines to stderr; 2: with the time in front. */
  debugLevel: DebugLevel = 0;

  constructor(onWire: ((event: WireEvent) => void) | undefined) {
    this.#onWire = onWire;
  }

  get silent(): boolean {
    return this.#onWire === undefined && this.debugLevel === 0;
  }

  /** `stage`: of the group, which begins with it; each of its commands has its own. */
  sent(commands: readonly Command[], stage: Stage): void {
    if (this.silent) return;
    for (const { verb, text } of commands) {
      const own = commands.length > 1 ? STAGE_OF_VERB.get(verb) : undefined;
      this.#emit('sent', own ?? stage, text);
    }
  }

  received(reply: Reply, stage: Stage): void {
    if (this.silent) return;
    const last = reply.lines.length - 1;
    for (const [index, line] of reply.lines.entries()) {
      // A challenge may repeat in base64 what the server was told.
      const shown = reply.code === 334 ? '(challenge)' : line;
      this.#emit('received', stage, `${String(reply.code)}${index === last ? ' ' : '-'}${shown}`.trimEnd());
    }
  }

  state(text: string, stage: Stage): void {
    if (!this.silent) this.#emit('state', stage, text);
  }

  #emit(direction: WireEvent['direction'], stage: Stage, text: string): void {
    const event: WireEvent = { direction, stage, text: printable(text), atMs: Date.now() };
    if (this.debugLevel > 0) process.stderr.write(this.#line(event));
    // A broken log must not break a send, nor the process when its function is async.
    try {
      const pending = this.#onWire?.(event) as unknown;
      if (pending instanceof Promise) pending.catch(() => undefined);
    } catch {
      return;
    }
  }

  #line(event: WireEvent): string {
    const mark = { sent: 'C:', received: 'S:', state: '--' }[event.direction];
    const time = this.debugLevel === 2 ? `${new Date(event.atMs).toISOString()} ` : '';
    return `${time}${mark} ${event.text}\n`;
  }
}
