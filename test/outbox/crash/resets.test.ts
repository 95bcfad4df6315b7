/**
 * A server that takes messages and then resets the connection, every third time or so: how many copies of each arrive, and what the outbox says of
 * it.
 */
import { Mailer } from '../../../src/index.js';
import { Outbox, type OutboxEntry } from '../../../src/outbox/index.js';
import { ScriptedServer } from '../../../src/testing/index.js';
import { temporaryFolder } from '../folder.js';
import { randomFrom } from './crash-run.js';

const MESSAGES = 60;
const SHARE = 0.35;

interface Outcome {
  readonly entries: readonly OutboxEntry[];
  /** How often the content of each came, by Message-ID. */
  readonly copies: ReadonlyMap<string, number>;
  /** How often it came and was not answered. */
  readonly resets: ReadonlyMap<string, number>;
}

async function sendAll(onUnknown: 'hold' | 'retry'): Promise<Outcome> {
  const random = randomFrom(20261122);
  const final = (): string | undefined => (random() < SHARE ? '(reset)' : undefined);
  await using server = await ScriptedServer.start({ behave: { on: { final } } }, { violations: 'record' });
  await using mailer = new Mailer(server.url);
  await using outbox = await Outbox.open({
    mailer,
    store: temporaryFolder(),
    onUnknown,
    backoffMs: () => 0,
    pollMs: 50,
  });
  await outbox.enqueueAll(
    Array.from({ length: MESSAGES }, (_, number) => ({
      message: { from: 'a@example.org', to: 'b@example.org', subject: String(number), text: 'x' },
    })),
  );
  await outbox.start({ concurrency: 4 });
  await outbox.drain();
  const entries: OutboxEntry[] = [];
  for await (const entry of outbox.list()) entries.push(entry);
  const copies = new Map<string, number>();
  const resets = new Map<string, number>();
  for (const { content, outcome } of server.messages) {
    if (outcome === 'incomplete') continue;
    const id = /^Message-ID: (.*)\r$/im.exec(content.toString('latin1'))?.[1] ?? '';
    copies.set(id, (copies.get(id) ?? 0) + 1);
    if (outcome === 'unanswered') resets.set(id, (resets.get(id) ?? 0) + 1);
  }
  return { entries, copies, resets };
}

const of = (counts: ReadonlyMap<string, number>, { messageId = '' }: OutboxEntry): number => counts.get(messageId) ?? 0;

describe('a server that takes a message and resets the connection', () => {
  it("gets it once with 'hold', and the outbox says of each whether it knows", async () => {
    const { entries, copies, resets } = await sendAll('hold');
    expect(entries).toHaveLength(MESSAGES);
    expect(resets.size).toBeGreaterThan(5);
    for (const entry of entries) {
      expect(of(copies, entry)).toBe(1);
      expect(entry.state).toBe(of(resets, entry) === 0 ? 'sent' : 'unknown');
    }
  });

  it("gets it again with 'retry', once for each time it did not answer", async () => {
    const { entries, copies, resets } = await sendAll('retry');
    expect(entries).toHaveLength(MESSAGES);
    expect(resets.size).toBeGreaterThan(5);
    for (const entry of entries) {
      expect(entry.state).toBe('sent');
      expect(of(copies, entry)).toBe(of(resets, entry) + 1);
      expect(entry.attempts).toBeGreaterThanOrEqual(of(copies, entry));
    }
  });
});
