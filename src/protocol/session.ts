/** Walks the session table: one named phase, and beside it whether the session is encrypted and authenticated. */
import { isShutdown, isSuccess } from './reply.js';
import { SESSION_TABLE, type Phase, type Transition, type Verb } from './session-table.js';
import type { Reply } from '../types.js';

const VERBS: ReadonlySet<string> = new Set<Verb>([
  'EHLO',
  'HELO',
  'LHLO',
  'STARTTLS',
  'AUTH',
  'MAIL',
  'RCPT',
  'DATA',
  'BDAT',
  'RSET',
  'QUIT',
]);

/** RFC 5321 section 3.2: a server that answers EHLO so may still take HELO. Any other refusal ends the session. */
const HELO_MAY_FOLLOW: ReadonlySet<number> = new Set([500, 501, 502, 504, 550]);

export function heloMayFollow(reply: Reply): boolean {
  return HELO_MAY_FOLLOW.has(reply.code);
}

/** The verbs to which one code alone is a yes (RFC 5321 section 4.3.2, RFC 3207 section 4); to all others any 2xx is. */
const EXACT: Readonly<Partial<Record<Verb, number>>> = {
  EHLO: 250,
  HELO: 250,
  LHLO: 250,
  STARTTLS: 220,
  DATA: 354,
  RSET: 250,
};

function isYes(verb: Verb, reply: Reply): boolean {
  const exact = EXACT[verb];
  return exact === undefined ? isSuccess(reply) : reply.code === exact;
}

function rowOf(verb: string): Verb {
  return VERBS.has(verb) ? (verb as Verb) : 'OTHER';
}

export class Session {
  #phase: Phase = 'closed';
  tls = false;
  authenticated = false;
  #upgraded = false;

  get phase(): Phase {
    return this.#phase;
  }

  /** True behind a STARTTLS. */
  get upgraded(): boolean {
    return this.#upgraded;
  }

  /** A connection was made: everything known of an earlier one is void. */
  opened(): void {
    this.#phase = 'connected';
    this.tls = false;
    this.authenticated = false;
    this.#upgraded = false;
  }

  /** The connection is encrypted from now on; in the middle of a session that is STARTTLS. */
  encrypted(): void {
    this.tls = true;
    // RFC 3207 section 4.2: the server forgets what it was told in clear text, and so who logged in.
    this.authenticated = false;
    this.#upgraded = this.#phase !== 'connected';
  }

  greeted(): void {
    this.#phase = 'greeted';
  }

  closed(): void {
    this.#phase = 'closed';
  }

  /** A transaction was run to its end; `usable` tells whether another one may follow. */
  transactionEnded(usable: boolean): void {
    this.#phase = usable ? 'ready' : 'closed';
  }

  allows(verb: string): boolean {
    return this.#transition(verb) !== undefined;
  }

  /** Moves on as the answer to `verb` says. An unlisted verb leaves the phase alone; 421 ends every phase. */
  answered(verb: string, reply: Reply): void {
    const transition = this.#transition(verb);
    if (isShutdown(reply)) this.#phase = 'closed';
    else if (verb === 'EHLO' && heloMayFollow(reply)) return;
    else if (transition !== undefined) this.#phase = isYes(rowOf(verb), reply) ? transition.yes : transition.no;
  }

  #transition(verb: string): Transition | undefined {
    return SESSION_TABLE[this.#phase][rowOf(verb)];
  }
}
