/**
 * The transcripts of fixtures/transcripts: what a server says, and what a client must make of it. Comments at the head of a
 * file tell what it shows and what is to come of it; `playTranscript` holds a client to it.
 *
 *     # What the file shows, in a sentence.
 *     # rule: the rule that it checks (may be absent)
 *     # protocol: lmtp                              (default smtp)
 *     # options: {"timeoutMs": {"final": 50}}       options of the client
 *     # send: {"to": ["first@example.org"]}         or a list of several sends over one connection
 *     # expect: {"result": "ok", ...}               or a list, one for each send
 *
 * A JSON value may go on over the following comment lines.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { LMTP, type Reply, type SendResult, SMTP, SMTPException, type SMTPOptions } from '../../src/index.js';
import { playInSession } from './session-mode.js';
import { type MessageOutcome, parseTranscript, type Script, ScriptedServer } from '../../src/testing/index.js';

/** `session`: a lane of the mailer runs the sends, those that may follow each other at once overlap. */
export type Mode = 'serial' | 'pipelined' | 'session';

export const allModes: readonly Mode[] = ['serial', 'pipelined', 'session'];

/** One call of `sendmail()`; what is absent has a default. */
export interface TranscriptSend {
  readonly from?: string;
  readonly to?: readonly string[];
  /** `held`: a source that gives some octets and then nothing more. `sizeBytes`: that many octets of short lines. */
  readonly message?: string | { readonly held: true } | { readonly sizeBytes: number };
  /** The hold of the server to release, and to see passed, before the call. */
  readonly release?: string;
}

/** What is to come of a send. `recipients`: the status of each, and the code of its last reply where that matters. */
export interface TranscriptExpectation {
  /** `ok`, or the name of the error's class. */
  readonly result: string;
  /** Of the error's reply, or of the final one. */
  readonly code?: number;
  readonly enhancedCode?: string;
  readonly delivery?: string;
  readonly retryable?: boolean;
  readonly stage?: string;
  /** `accepted`, `refused 550`, `unknown`, `not-sent`; absent where the send did not get as far as an envelope. */
  readonly recipients?: readonly string[];
  readonly connection: 'usable' | 'closed';
  /** What the server then says of all messages so far. */
  readonly messages: readonly MessageOutcome[];
}

type Written = TranscriptExpectation & {
  /** What is otherwise in one mode. */
  readonly serial?: Partial<TranscriptExpectation>;
  /** Also for `session`, where that does not say otherwise. */
  readonly pipelined?: Partial<TranscriptExpectation>;
  readonly session?: Partial<TranscriptExpectation>;
  /** The modes that the file is for. Default: all. */
  readonly modes?: readonly Mode[];
};

export interface LoadedTranscript {
  /** The path below fixtures/transcripts, without its extension: `final/close`. */
  readonly name: string;
  /** What it shows. */
  readonly title: string;
  readonly rule: string | undefined;
  readonly protocol: 'smtp' | 'lmtp';
  readonly options: SMTPOptions;
  readonly sends: readonly TranscriptSend[];
  readonly modes: readonly Mode[];
  /** One for each send. */
  readonly expect: Readonly<Record<Mode, readonly TranscriptExpectation[]>>;
  readonly text: string;
  readonly script: Script;
}

export const transcriptFolder = join(import.meta.dirname, '../../fixtures/transcripts');

const keys = new Set(['rule', 'protocol', 'options', 'send', 'expect']);

/** The comment lines at the head: the title, and each key with its text. */
function readHead(text: string): { title: string; fields: Map<string, string> } {
  const title: string[] = [];
  const fields = new Map<string, string>();
  let key: string | undefined;
  for (const line of text.split('\n')) {
    if (!line.startsWith('#')) break;
    const said = line.slice(1).trim();
    const [, name = '', value = ''] = /^(\w+):\s*(.*)$/.exec(said) ?? [];
    if (keys.has(name)) {
      key = name;
      fields.set(key, value);
    } else if (key === undefined) title.push(said);
    else fields.set(key, `${fields.get(key) ?? ''}\n${said}`);
  }
  return { title: title.join(' '), fields };
}

function listOf<T>(json: string | undefined, otherwise: T): readonly T[] {
  if (json === undefined) return [otherwise];
  const value = JSON.parse(json) as T | readonly T[];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

function expectationOf(written: Written, mode: Mode): TranscriptExpectation {
  const piped = mode === 'session' ? written.pipelined : undefined;
  const entries = Object.entries({ ...written, ...piped, ...written[mode] });
  const common = entries.filter(([key]) => key !== 'modes' && !(allModes as readonly string[]).includes(key));
  return Object.fromEntries(common) as unknown as TranscriptExpectation;
}

/** Reads one file. Throws when its head or its lines cannot be read. */
export function loadTranscript(path: string): LoadedTranscript {
  const text = readFileSync(path, 'utf8');
  const { title, fields } = readHead(text);
  const expected = fields.get('expect');
  if (title === '' || expected === undefined) throw new Error(`${path}: no title, or no expect`);
  const written = listOf<Written | undefined>(expected, undefined).filter((one) => one !== undefined);
  const protocol = fields.get('protocol') ?? 'smtp';
  if (protocol !== 'smtp' && protocol !== 'lmtp') throw new Error(`${path}: protocol ${protocol}`);
  const sends = listOf<TranscriptSend>(fields.get('send'), {});
  if (sends.length !== written.length) throw new Error(`${path}: one expectation for each send`);
  return {
    name: relative(transcriptFolder, path)
      .replace(/\.txt$/, '')
      .split(sep)
      .join('/'),
    title,
    rule: fields.get('rule'),
    protocol,
    options: JSON.parse(fields.get('options') ?? '{}') as SMTPOptions,
    sends,
    modes: written[0]?.modes ?? allModes,
    expect: {
      serial: written.map((one) => expectationOf(one, 'serial')),
      pipelined: written.map((one) => expectationOf(one, 'pipelined')),
      session: written.map((one) => expectationOf(one, 'session')),
    },
    text,
    script: parseTranscript(text),
  };
}

/** All transcripts, in the order of their names. */
export function loadTranscripts(folder: string = transcriptFolder): readonly LoadedTranscript[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => loadTranscript(join(folder, name)));
}

export const defaultMessage = 'From: sender@example.org\r\nSubject: dots\r\n\r\n.\r\n..two\r\nend\r\n';

export function messageOf(send: TranscriptSend, settled: Promise<void>): string | (() => AsyncIterable<Uint8Array>) {
  const { message = defaultMessage } = send;
  if (typeof message === 'string') return message;
  const line = Buffer.from(`${'x'.repeat(62)}\r\n`);
  if ('sizeBytes' in message)
    return Buffer.concat(Array.from({ length: message.sizeBytes / 64 }, () => line)).toString();
  return async function* () {
    yield Buffer.concat([Buffer.from('Subject: held\r\n\r\n'), ...Array.from({ length: 16 }, () => line)]);
    await settled;
  };
}

const codeOf = (reply: Reply | undefined): string => (reply === undefined ? '' : ` ${String(reply.code)}`);

/** What came of a send, in the words of an expectation; every recipient with the code of its reply. */
export type Observation = Omit<TranscriptExpectation, 'messages'>;

export function observe(settled: SendResult | Error, connected: boolean): Observation {
  const connection = connected ? 'usable' : 'closed';
  const parts = (reply: Reply | undefined): Pick<Observation, 'code' | 'enhancedCode'> => ({
    ...(reply === undefined ? {} : { code: reply.code }),
    ...(reply?.enhancedCode === undefined ? {} : { enhancedCode: reply.enhancedCode }),
  });
  if (!(settled instanceof Error)) {
    const recipients = settled.recipients.map((one) => one.status + codeOf(one.reply));
    return { result: 'ok', ...parts(settled.reply), recipients, connection };
  }
  if (!(settled instanceof SMTPException)) throw settled;
  const { delivery, retryable, stage } = settled;
  const reply = 'reply' in settled ? (settled.reply as Reply) : undefined;
  return {
    result: settled.constructor.name,
    ...parts(reply),
    delivery,
    retryable,
    ...(stage === undefined ? {} : { stage }),
    recipients: settled.recipients.map((one) => one.status + codeOf(one.reply)),
    connection,
  };
}

/** Only what the expectation speaks of; where it names a code, also whether there is an enhanced one. */
export function inItsWords(observed: TranscriptExpectation, expected: TranscriptExpectation): TranscriptExpectation {
  const recipients = observed.recipients?.map((one, index) =>
    /\d/.test(expected.recipients?.[index] ?? '') ? one : one.replace(/ \d+$/, ''),
  );
  const spokenOf = Object.entries({ ...observed, recipients }).filter(
    ([key]) => key in expected || (key === 'enhancedCode' && 'code' in expected),
  );
  return Object.fromEntries(spokenOf) as unknown as TranscriptExpectation;
}

/** Lets a server that holds go on, until what it then does has reached the client. */
export async function passHold(server: ScriptedServer, name: string): Promise<void> {
  await server.held(name);
  server.release(name);
  await server.waitFor(() => server.log.split(`(hold ${name})`)[1]?.includes('S: ') === true);
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Runs the sends of a transcript with a client against its server, and returns what came of each, in the words of the
 * expectations. Rejects when the client did not say what the transcript says. `connect` makes the client of the modes without a
 * lane.
 */
export async function playTranscript(
  transcript: LoadedTranscript,
  mode: Mode,
  connect: (options: SMTPOptions, protocol: 'smtp' | 'lmtp') => SMTP = (options, protocol) =>
    protocol === 'lmtp' ? new LMTP(options) : new SMTP(options),
): Promise<readonly TranscriptExpectation[]> {
  if (mode === 'session') return await playInSession(transcript);
  await using server = await ScriptedServer.start(transcript.script, { protocol: transcript.protocol });
  const client = connect(
    { ...transcript.options, ...server.address, pipelining: mode === 'pipelined' },
    transcript.protocol,
  );
  const observed: TranscriptExpectation[] = [];
  try {
    for (const [index, send] of transcript.sends.entries()) {
      const { from = 'sender@example.org', to = ['first@example.org'], release } = send;
      if (release !== undefined) await passHold(server, release);
      let settle: () => void = () => undefined;
      const settled = new Promise<void>((resolve) => (settle = resolve));
      const outcome = await (async () => {
        if (index === 0) await client.connect();
        return await client.sendmail(from, to, messageOf(send, settled));
      })().catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
      const seen = observe(outcome, client.connected);
      settle();
      const expected = transcript.expect[mode][index];
      if (expected === undefined) throw new Error('a send without an expectation');
      // The server books the end of a content that was cut off when it sees the close.
      server.release('settled');
      if (seen.connection === 'closed') {
        await server.waitFor(() => server.connections.every(({ ending }) => ending !== 'open'), 'the close');
        await server.waitFor(() => server.failures.length > 0 || server.pending.length === 0, 'the end of the script');
      }
      observed.push(inItsWords({ ...seen, messages: server.messages.map((one) => one.outcome) }, expected));
    }
    if (client.connected) await client.quit();
    await server.finished();
  } finally {
    client.close();
  }
  return observed;
}
