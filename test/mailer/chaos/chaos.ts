/**
 * Many messages over a few connections to a server that refuses, drops and delays at random. Both sides keep their own books, by
 * recipient; each recipient of the run has an address of its own.
 */
import { Mailer } from '../../../src/mailer/mailer.js';
import { SMTPException } from '../../../src/errors.js';
import { Message } from '../../../src/message/message.js';
import { ScriptedServer, type Answer, type Behaviour, type ReceivedMessage } from '../../../src/testing/index.js';
import type { RecipientResult } from '../../../src/types.js';
import type { MailerOptions } from '../../../src/mailer/mailer-options.js';

export interface ChaosOptions {
  readonly messages: number;
  readonly seed: number;
  readonly mailer?: MailerOptions;
}

export interface ChaosReport {
  readonly messages: number;
  readonly recipients: number;
  /** By what the caller was told. */
  readonly told: Readonly<Record<RecipientResult['status'], number>>;
  /** Recipients for whom the server said 250 to the content. */
  readonly queued: number;
  /** Recipients whose whole content the server had, and gave no answer. */
  readonly unanswered: number;
  /** Queued, and the caller was told that nobody knows. */
  readonly queuedUnknown: number;
  readonly connections: number;
  /** What must not be: one line each. */
  readonly faults: readonly string[];
}

/** Mulberry32: small, and the same everywhere. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Fault = readonly [chance: number, answer: Answer];

const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  greeting: [
    [0.05, '421 4.3.2 busy\n(close)'],
    [0.02, '(close)'],
    [0.02, '(wait 3ms)\n220 slow'],
  ],
  EHLO: [[0.02, '(reset)']],
  MAIL: [
    [0.01, '451 4.3.0 later'],
    [0.002, '550 5.7.1 no'],
    [0.003, '421 4.7.0 enough\n(close)'],
    [0.002, '(close)'],
    [0.001, '(reset)'],
    [0.001, '"what?\\r\\n"'],
    [0.01, '(wait 1ms)\n250 ok'],
  ],
  RCPT: [
    [0.02, '450 4.2.0 later'],
    [0.01, '452 4.5.3 too many'],
    [0.01, '550 5.1.1 no such user'],
    [0.001, '(close)'],
    [0.001, '421 4.7.0 enough\n(close)'],
  ],
  DATA: [
    [0.005, '451 4.3.0 later'],
    [0.001, '(close)'],
    [0.001, '250 what'],
  ],
  content: [
    [0.001, '(close)'],
    [0.001, '(reset)'],
  ],
  final: [
    [0.01, '451 4.3.0 later'],
    [0.003, '554 5.6.0 no'],
    [0.003, '(close)'],
    [0.002, '(reset)'],
    [0.001, '"250-half\\r\\n"\n(close)'],
    [0.002, '250 2.0.0 queued\n(close)'],
    [0.001, '"nonsense\\r\\n"'],
    [0.01, '(wait 2ms)\n250 2.0.0 queued'],
  ],
};

function behaviourOf(random: () => number): Behaviour {
  const on: Record<string, Answer> = {};
  for (const [step, faults] of Object.entries(FAULTS)) {
    on[step] = (): Answer | undefined => {
      let dice = random();
      for (const [chance, answer] of faults) {
        if (dice < chance) return answer;
        dice -= chance;
      }
      return undefined;
    };
  }
  return { on };
}

class Books {
  readonly queued = new Map<string, number>();
  readonly unanswered = new Map<string, number>();
  readonly told = new Map<string, RecipientResult['status']>();

  heard({ envelope, outcome }: ReceivedMessage): void {
    const book = outcome === 'queued' ? this.queued : outcome === 'unanswered' ? this.unanswered : undefined;
    for (const address of envelope.to) book?.set(address, (book.get(address) ?? 0) + 1);
  }

  tell(to: readonly string[], recipients: readonly RecipientResult[]): void {
    for (const [index, address] of to.entries()) this.told.set(address, recipients[index]?.status ?? 'not-sent');
  }

  faults(expected: number): string[] {
    const faults: string[] = [];
    if (this.told.size !== expected)
      faults.push(`${String(this.told.size)} of ${String(expected)} recipients were settled`);
    for (const address of [...this.queued.keys(), ...this.unanswered.keys()]) {
      if (!this.told.has(address)) faults.push(`${address} got a message that nobody sent`);
    }
    for (const [address, status] of this.told) {
      const queued = this.queued.get(address) ?? 0;
      const unanswered = this.unanswered.get(address) ?? 0;
      const what = `${address} was told ${status}; queued ${String(queued)}, unanswered ${String(unanswered)}`;
      if (queued + unanswered > 1) faults.push(`twice: ${what}`);
      if (status === 'accepted' && queued !== 1) faults.push(`not there: ${what}`);
      if ((status === 'refused' || status === 'not-sent') && queued + unanswered > 0) faults.push(`there: ${what}`);
    }
    return faults;
  }
}

const MOST_RECIPIENTS = 3;
const SENDERS = 60;

export async function runChaos({ messages, seed, mailer: options = {} }: ChaosOptions): Promise<ChaosReport> {
  const random = randomOf(seed);
  const books = new Books();
  await using server = await ScriptedServer.start(
    { behave: (connection) => behaviourOf(randomOf(seed * 7_919 + connection)) },
    {
      record: 'totals',
      violations: 'record',
      timeoutMs: 60_000,
      onMessage: (message) => {
        books.heard(message);
      },
    },
  );
  const mailer = new Mailer(server.url, {
    maxConnections: 5,
    maxMessagesPerConnection: 200,
    retry: { attempts: 4, backoffMs: (attempt) => attempt },
    ...options,
  });
  let next = 0;
  let recipients = 0;
  const work = async (): Promise<void> => {
    while (next < messages) {
      const number = next;
      next += 1;
      const count = 1 + Math.floor(random() * MOST_RECIPIENTS);
      const to = Array.from({ length: count }, (_, index) => `r${String(number)}-${String(index)}@example.org`);
      recipients += count;
      const message = Message.parse(
        `From: a@example.org\r\nSubject: ${String(number)}\r\n\r\n${'.'.repeat(number % 400)}\r\n`,
      );
      const controller = new AbortController();
      const aborts = random() < 0.01;
      const timer = aborts
        ? setTimeout(() => {
            controller.abort();
          }, random() * 5)
        : undefined;
      try {
        const result = await mailer.send(message, {
          from: 'a@example.org',
          to,
          ...(aborts ? { signal: controller.signal } : {}),
        });
        books.tell(to, result.recipients);
      } catch (error) {
        if (!(error instanceof SMTPException)) throw error;
        books.tell(to, error.recipients);
      } finally {
        clearTimeout(timer);
      }
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, work));
  await mailer.close();
  // What the server has not noticed yet is over when it is closed.
  const { connections } = server.totals;
  await server.close();
  const told = { accepted: 0, refused: 0, 'not-sent': 0, unknown: 0 };
  let queuedUnknown = 0;
  for (const [address, status] of books.told) {
    told[status] += 1;
    if (status === 'unknown' && books.queued.has(address)) queuedUnknown += 1;
  }
  const sum = (book: ReadonlyMap<string, number>): number =>
    [...book.values()].reduce((total, count) => total + count, 0);
  return {
    messages,
    recipients,
    told,
    queued: sum(books.queued),
    unanswered: sum(books.unanswered),
    queuedUnknown,
    connections,
    faults: books.faults(recipients),
  };
}
