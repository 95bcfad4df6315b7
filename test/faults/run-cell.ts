/** Runs one cell and writes down what was seen, in the notation of the table. Every wait here is bounded. */
import { isPosthasteError, type RecipientResult, type SendResult, SMTPException } from '../../src/index.js';
import { type Behaviour, ScriptedServer } from '../../src/testing/index.js';
import type { Mode, Sent } from './modes.js';
import { resultNames } from './outcomes.js';
import {
  nextRecipient,
  password,
  recipients,
  type Place,
  type Situation,
  situationOf,
  turns,
  user,
} from './situation.js';

/** A cell that takes longer hangs. */
const hangMs = 30_000;

const shortNames = new Map(Object.entries(resultNames).map(([short, name]) => [name, short]));

export interface Seen {
  /** As a cell of the table, always with the recipients. */
  readonly cell: string;
  /** Somebody was told that he was accepted. */
  readonly success: boolean;
  /** The server took the message for somebody. */
  readonly queued: boolean;
  readonly connection: 'K' | 'R' | 'C';
  /** What contradicts itself, whatever the table says. */
  readonly faults: readonly string[];
  /** The conversation, for a test that fails. */
  readonly log: string;
}

function lettersOf(recipients: readonly RecipientResult[]): string {
  return recipients.map(({ status }) => (status === 'unknown' ? '?' : status.charAt(0))).join('');
}

export function settledParts(settled: SendResult | Error): {
  result: string;
  delivery: string;
  retry: string;
  letters: string;
} {
  if (!(settled instanceof Error)) {
    return { result: 'ok', delivery: 'd', retry: '-', letters: lettersOf(settled.recipients) };
  }
  if (!(settled instanceof SMTPException)) throw settled;
  const { delivery, retryable } = settled;
  return {
    result: shortNames.get(settled.constructor.name) ?? settled.constructor.name,
    delivery: delivery === 'unknown' ? '?' : delivery.charAt(0),
    retry: retryable ? 'S' : delivery === 'unknown' ? 'A' : 'P',
    letters: lettersOf(settled.recipients),
  };
}

/** What must hold of every outcome. */
function contradictions(settled: SendResult | Error, sent: Sent, server: ScriptedServer, connection: string): string[] {
  const found: string[] = [];
  const check = (holds: boolean, what: string): void => {
    if (!holds) found.push(what);
  };
  if (settled instanceof SMTPException) {
    const statuses = settled.recipients.map(({ status }) => status);
    check(isPosthasteError(settled), 'the error is not branded');
    check(settled.code.startsWith('ERR_'), 'the error has no code');
    check(settled.hint !== undefined && settled.hint !== '', 'the error has no hint');
    check(settled.stage !== undefined, 'the error names no stage');
    check(!statuses.includes('accepted'), 'an error although somebody was accepted');
    check(statuses.includes('unknown') === (settled.delivery === 'unknown'), 'delivery and recipients differ');
    check(settled.delivery !== 'unknown' || !settled.retryable, 'unknown and yet safe to retry');
  } else if (!(settled instanceof Error)) {
    check(settled.accepted.length > 0, 'a result although nobody was accepted');
    check(settled.recipients.length === recipients.length, 'recipients are missing');
  }
  if (connection === 'C' && sent.connected !== undefined) check(server.totals.connections <= 1, 'a second connection');
  return found;
}

export async function bounded<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} did not settle within ${String(hangMs)} ms`));
    }, hangMs);
  });
  try {
    return await Promise.race([promise, hang]);
  } finally {
    clearTimeout(timer);
  }
}

/** What became of the connection: another message goes over it, with or without a RSET in between, or it does not. */
async function connectionAfter(
  { alwaysResets = false }: Mode,
  sent: Sent,
  server: ScriptedServer,
): Promise<'K' | 'R' | 'C'> {
  await turns();
  const [first] = server.connections;
  const again =
    sent.connected === false
      ? false
      : await bounded(sent.again(), 'the next send').then(
          () => true,
          () => false,
        );
  if (first === undefined) return 'C';
  if (again && server.totals.connections === 1) {
    return !alwaysResets && first.commands.some(({ verb }) => verb === 'RSET') ? 'R' : 'K';
  }
  await server.waitFor(() => first.ending !== 'open', 'the client closes');
  return 'C';
}

/** The server's word on the message of the cell. */
function serverHas(server: ScriptedServer): string {
  const first = server.messages.find(({ envelope }) => !envelope.to.includes(nextRecipient));
  const letters = { queued: 'q', refused: 'x', unanswered: '?', incomplete: '-' } as const;
  return first === undefined ? '-' : letters[first.outcome];
}

export async function runCell(mode: Mode, place: Place): Promise<Seen> {
  return await runSituation(mode, situationOf(place, mode.server.protocol));
}

export async function runSituation(mode: Mode, situation: Situation): Promise<Seen> {
  const behave: Behaviour = {
    extensions: mode.extensions,
    accounts: { [user]: password },
    on: situation.on,
  };
  await using server = await ScriptedServer.start({ behave }, { ...mode.server, timeoutMs: 15_000 });
  if (situation.dial === 'refused') await server.close();
  const sent = await bounded(mode.send(situation, server), 'the send');
  try {
    const parts = settledParts(sent.settled);
    // What the server holds back or does not read ends with the send.
    server.release();
    const connection = await connectionAfter(mode, sent, server);
    const has = serverHas(server);
    const { result, delivery, retry, letters } = parts;
    return {
      success: result === 'ok' || letters.includes('a'),
      queued: has === 'q',
      connection,
      cell: [result, delivery, retry, connection, has, letters].join('/'),
      faults: contradictions(sent.settled, sent, server, connection),
      log: server.log,
    };
  } finally {
    sent.close();
  }
}
