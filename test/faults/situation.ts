/** From a step and a fault to a server that has that fault, and to what a client needs to walk into it. */
import { setImmediate } from 'node:timers';
import type { SMTPOptions, Stage } from '../../src/index.js';
import { type Answer, type Behaviour, fault, type FaultName, type StepKey } from '../../src/testing/index.js';
import type { Bytes } from '../../src/types.js';

export const user = 'ann@example.org';
export const password = 'tea';

export const sender = 'sender@example.org';
export const recipients = ['first@example.org', 'middle@example.org', 'last@example.org'] as const;
/** The one of the message that shows whether the connection is still good for something. */
export const nextRecipient = 'next@example.org';

/** What a cell is about. */
export interface Place {
  readonly step: string;
  readonly fault: FaultName;
}

/** All that a mode needs to run the send of a cell. */
export interface Situation extends Place {
  readonly on: NonNullable<Behaviour['on']>;
  /** The record form: short for the stage of the fault, and only where the fault is to let time pass. */
  readonly timeoutMs: Partial<Record<Stage, number>>;
  /** Log in before the send. */
  readonly login: boolean;
  /** What follows the send. */
  readonly then: 'nothing' | 'rset' | 'quit' | 'dispose';
  /** The content; `settled` resolves when the send has settled, and ends a source that holds its end back. */
  readonly content: (settled: Promise<void>) => Bytes;
  /** How the connection is made: as always, to a port where nobody listens, or never. */
  readonly dial: 'ordinary' | 'refused' | 'never';
  /** The TLS handshake is cut into single octets. */
  readonly splitTls: boolean;
}

const shortMessage = 'From: sender@example.org\r\nSubject: dots\r\n\r\n.\r\n..two\r\nend\r\n';

const line = Buffer.from(`${'x'.repeat(62)}\r\n`);
const opening = Buffer.concat([Buffer.from('Subject: held\r\n\r\n'), ...Array.from({ length: 16 }, () => line)]);

/** Content whose end cannot have been handed over before the send settles. */
function heldContent(settled: Promise<void>): Bytes {
  return async function* () {
    yield opening;
    await settled;
  };
}

/** More than the buffers of both sides hold, made as it is taken. */
function endlessContent(): Bytes {
  const block = Buffer.concat(Array.from({ length: 1_024 }, () => line));
  return async function* () {
    yield Buffer.from('Subject: much\r\n\r\n');
    for (let blocks = 0; blocks < 1_024; blocks += 1) yield block;
  };
}

export interface StepFacts {
  readonly key: StepKey;
  readonly stage: Stage;
}

export const factsOf: Readonly<Record<string, StepFacts>> = {
  connect: { key: 'connect', stage: 'connect' },
  greeting: { key: 'greeting', stage: 'greeting' },
  EHLO: { key: 'EHLO', stage: 'hello' },
  STARTTLS: { key: 'STARTTLS', stage: 'starttls' },
  TLS: { key: 'STARTTLS', stage: 'tls' },
  'EHLO-2': { key: 'EHLO:2', stage: 'hello' },
  'AUTH-1': { key: 'AUTH', stage: 'auth' },
  'AUTH-2': { key: 'response:1', stage: 'auth' },
  'AUTH-3': { key: 'response:2', stage: 'auth' },
  MAIL: { key: 'MAIL', stage: 'mail' },
  'RCPT-1': { key: 'RCPT:1', stage: 'rcpt' },
  'RCPT-2': { key: 'RCPT:2', stage: 'rcpt' },
  'RCPT-3': { key: 'RCPT:3', stage: 'rcpt' },
  'RCPT-all': { key: 'RCPT', stage: 'rcpt' },
  'RCPT-2 behind a refusal': { key: 'RCPT:2', stage: 'rcpt' },
  DATA: { key: 'DATA', stage: 'data' },
  chunk: { key: 'BDAT:1', stage: 'body' },
  'RSET in front': { key: 'RSET:1', stage: 'rset' },
  content: { key: 'content:8', stage: 'body' },
  final: { key: 'final', stage: 'final' },
  'delivery-1': { key: 'delivery:1', stage: 'final' },
  'delivery-2': { key: 'delivery:2', stage: 'final' },
  'delivery-3': { key: 'delivery:3', stage: 'final' },
  'delivery-all': { key: 'delivery', stage: 'final' },
  RSET: { key: 'RSET', stage: 'rset' },
  'rset()': { key: 'RSET', stage: 'rset' },
  QUIT: { key: 'QUIT', stage: 'quit' },
  'quit()': { key: 'QUIT', stage: 'quit' },
};

/** What a stage without a fault may take: never reached. */
const longMs = 20_000;

export function timeoutsOf(stage: Stage, name: FaultName): Situation['timeoutMs'] {
  const stages: readonly Stage[] = [
    'connect',
    'tls',
    'greeting',
    'hello',
    'starttls',
    'auth',
    'mail',
    'rcpt',
    'data',
    'body',
    'final',
    'rset',
    'quit',
    'command',
  ];
  const short = name === 'silence' ? 800 : name === 'drip' ? 1_200 : longMs;
  return Object.fromEntries(stages.map((one) => [one, one === stage ? short : longMs]));
}

/** Behind the 220 the server is silent, or says in clear text what is no handshake. */
function handshakeFault(name: FaultName): Answer {
  const yes = '220 2.0.0 go ahead';
  switch (name) {
    case 'close':
    case 'reset':
      return [yes, '(listen)', `(${name})`];
    case 'silence':
      return [yes, '(listen)', '(hold)'];
    case 'byte-by-byte':
      return yes;
    case 'surplus':
      return [yes, '(listen)', '(surplus 250 2.0.0 nobody asked)', '(flush)'];
    case 'long-line':
      return [yes, '(listen)', '(repeat 12400 "x")', '(hold)'];
    default:
      return [yes, '(listen)', '"this is no handshake\\r\\n"', '(hold)'];
  }
}

/** The answers of the server: the fault happens once (`-all`: for each recipient), so that what follows meets a sane server. */
function answers({ step, fault: name }: Place, key: StepKey): NonNullable<Behaviour['on']> {
  const once = fault(name, { times: step.endsWith('-all') ? 3 : 1 });
  switch (step) {
    case 'connect':
      return name === 'close' ? { connect: '(close)' } : {};
    case 'greeting':
      // A reset that overtakes the end of the TCP handshake would be one of the step before.
      return name === 'reset' ? { connect: '(hold connected)', greeting: once } : { greeting: once };
    case 'TLS':
      return { STARTTLS: handshakeFault(name) };
    case 'RCPT-2 behind a refusal':
      return { 'RCPT:1': fault('permanent', { times: 1 }), [key]: once };
    case 'RSET':
      return { MAIL: fault('permanent', { times: 1 }), RSET: once };
    default:
      return { [key]: once };
  }
}

const followedBy: Readonly<Record<string, Situation['then']>> = { 'rset()': 'rset', 'quit()': 'quit', QUIT: 'dispose' };

export function situationOf(place: Place, protocol: 'smtp' | 'lmtp' = 'smtp'): Situation {
  const { step, fault: name } = place;
  const facts =
    protocol === 'lmtp' && step === 'EHLO' ? { key: 'LHLO' as const, stage: 'hello' as const } : factsOf[step];
  if (facts === undefined) throw new Error(`there is no step ${step}`);
  const duringContent = step === 'content' && name !== 'byte-by-byte';
  return {
    ...place,
    on: answers(place, facts.key),
    timeoutMs: timeoutsOf(facts.stage, name),
    login: step.startsWith('AUTH'),
    then: followedBy[step] ?? 'nothing',
    content: !duringContent ? () => shortMessage : name === 'silence' ? endlessContent : heldContent,
    dial: step !== 'connect' ? 'ordinary' : name === 'reset' ? 'refused' : name === 'silence' ? 'never' : 'ordinary',
    splitTls: step === 'TLS' && name === 'byte-by-byte',
  };
}

/** Options that every client of a situation gets. */
export function clientOptions({ timeoutMs }: Situation): SMTPOptions {
  return { timeoutMs, localHostname: 'client.example.org' };
}

/** Lets everything that has arrived be read: some turns of the event loop. */
export async function turns(count = 4): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
