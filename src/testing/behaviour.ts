/**
 * The ordinary server with chosen faults, as options. Everything here is checked before the server listens: a misspelt
 * step would make a test pass that tests nothing.
 */
import { readServerText, ScriptSyntaxError } from './notation.js';
import type { Peer } from './peer.js';
import type { SaslMechanism } from './sasl-server.js';
import type { ServerStep } from './server-step.js';

/**
 * The places where an answer can be replaced.
 *
 * `connect` comes before the greeting, `content` while the content arrives, `final` after its end, `response` for each
 * answer to a challenge of AUTH, `delivery` for each recipient after the content (LMTP only), `unknown` for every verb that
 * the server does not know.
 */
export const stepNames = [
  'connect',
  'greeting',
  'EHLO',
  'HELO',
  'LHLO',
  'STARTTLS',
  'AUTH',
  'response',
  'MAIL',
  'RCPT',
  'DATA',
  'content',
  'final',
  'delivery',
  'BDAT',
  'RSET',
  'NOOP',
  'VRFY',
  'EXPN',
  'HELP',
  'QUIT',
  'unknown',
] as const;

/** See `stepNames`: the words that a key of `on` begins with. */
export type StepName = (typeof stepNames)[number];

/**
 * A step, or one occurrence of it: `MAIL:2` is the second MAIL of the connection, `RCPT:2` the second RCPT of its
 * transaction, `RCPT:<b@example.org>` that of an address, `content:1000` the moment when 1,000 octets of content have come,
 * `delivery:2` the second accepted recipient. The more exact key wins.
 */
export type StepKey = StepName | `${StepName}:${string}`;

/** What a function in `on` is told. */
export interface StepContext {
  /** The connection: the function may also talk for itself. */
  readonly peer: Peer;
  readonly step: StepName;
  /** The command, or the answer to a challenge, as it came; empty where there is none. */
  readonly line: string;
  /** What `:2` counts. */
  readonly occurrence: number;
  /** The address of MAIL, RCPT or delivery. */
  readonly address: string | undefined;
  /** What the server would say of itself, its lines separated by LF; undefined where it says nothing. */
  readonly ordinary: string | undefined;
  readonly tls: boolean;
  readonly authenticated: boolean;
}

/**
 * What the server says instead: the words that stand behind `S: ` in a transcript (`'550 5.1.1 no'`, `'(close)'`, several
 * lines separated by LF), bytes, or a list of them. A function decides each time; undefined lets the ordinary answer stand.
 */
export type Answer =
  | string
  | Uint8Array
  | readonly Answer[]
  | ((context: StepContext) => Answer | undefined | Promise<Answer | undefined>);

/** What `extensions` may depend on. */
export interface SessionState {
  readonly tls: boolean;
  readonly authenticated: boolean;
}

/** An ordinary, strict server, and where it differs from one. */
export interface Behaviour {
  /** The server's name in its replies. Default `scripted.test`. */
  readonly hostname?: string;
  /** The lines of the EHLO reply behind the first. Default: PIPELINING, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES, DSN, CHUNKING, SIZE 52428800. */
  readonly extensions?: readonly string[] | ((session: SessionState) => readonly string[]);
  /** Answers that replace the ordinary ones. The server's state follows what it really answered. */
  readonly on?: Readonly<Partial<Record<StepKey, Answer>>>;
  /** Verbs that the server does not know: 502, and what follows them is read as commands. */
  readonly unsupported?: readonly string[];
  /** User names and passwords, for AUTH PLAIN, LOGIN and CRAM-MD5. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** More mechanisms of AUTH, or other versions of those three, by name in upper case. */
  readonly mechanisms?: Readonly<Record<string, SaslMechanism>>;
}

export type PreparedAnswer = readonly (ServerStep | Exclude<Answer, string | Uint8Array | readonly Answer[]>)[];

/** Reads an answer into steps; functions stay as they are. */
export function prepareAnswer(answer: Answer): PreparedAnswer {
  if (typeof answer === 'function') return [answer];
  if (typeof answer === 'string') return answer.split('\n').map(readServerText);
  if (answer instanceof Uint8Array) return [{ kind: 'send', bytes: Buffer.from(answer), addressee: 'in-turn' }];
  return answer.flatMap(prepareAnswer);
}

export interface PreparedBehaviour extends Required<Omit<Behaviour, 'on'>> {
  readonly on: ReadonlyMap<string, PreparedAnswer>;
  /** The octet counts of the `content:` keys, ascending. */
  readonly contentMarks: readonly number[];
}

export const defaultExtensions: readonly string[] = [
  'PIPELINING',
  '8BITMIME',
  'SMTPUTF8',
  'ENHANCEDSTATUSCODES',
  'DSN',
  'CHUNKING',
  'SIZE 52428800',
];

function checkKey(key: string): void {
  const [name = '', selector] = [key.split(':', 1)[0], key.includes(':') ? key.slice(key.indexOf(':') + 1) : undefined];
  if (!(stepNames as readonly string[]).includes(name)) {
    throw new ScriptSyntaxError(`there is no step ${JSON.stringify(name)}`, {
      hint: `Steps: ${stepNames.join(', ')}.`,
    });
  }
  if (selector === undefined || /^[1-9]\d{0,8}$/.test(selector)) return;
  if (/^<.*>$/.test(selector) && (name === 'MAIL' || name === 'RCPT' || name === 'delivery')) return;
  throw new ScriptSyntaxError(`${JSON.stringify(key)} names no occurrence of ${name}`, {
    hint: 'Behind the colon stands a number from 1, or, for MAIL, RCPT and delivery, an address in angle brackets.',
  });
}

/** Checks the options and reads every answer. Throws ScriptSyntaxError. */
export function prepareBehaviour(behaviour: Behaviour): PreparedBehaviour {
  const on = new Map<string, PreparedAnswer>();
  for (const [key, answer] of Object.entries(behaviour.on ?? {})) {
    checkKey(key);
    if (answer !== undefined) on.set(key, prepareAnswer(answer));
  }
  const contentMarks = [...on.keys()]
    .map((key) => (key === 'content' ? 1 : Number(/^content:(\d+)$/.exec(key)?.[1] ?? 0)))
    .filter((mark) => mark > 0)
    .sort((a, b) => a - b);
  return {
    hostname: behaviour.hostname ?? 'scripted.test',
    extensions: behaviour.extensions ?? defaultExtensions,
    unsupported: (behaviour.unsupported ?? []).map((verb) => verb.toUpperCase()),
    accounts: behaviour.accounts ?? {},
    mechanisms: behaviour.mechanisms ?? {},
    on,
    contentMarks,
  };
}
