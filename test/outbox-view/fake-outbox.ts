/** An outbox for tests of what shows it: entries that a test has made up, and a record of what was asked of it. */
import { OutboxError, type OutboxEntry, type OutboxState } from '../../src/outbox/index.js';
import type { OutboxSource } from '../../src/outbox-view/index.js';

export type EntryFields = Partial<Omit<OutboxEntry, 'envelope' | 'recipients'>> & {
  readonly to?: readonly string[];
  readonly from?: string;
  readonly recipients?: OutboxEntry['recipients'];
};

export const NOW_MS = Date.UTC(2026, 10, 20, 12, 34, 56);
const DAY_MS = 86_400_000;
let last = 0;

/** An entry that was enqueued a minute before NOW_MS, unless it says otherwise. */
export function entry({
  to = ['bob@example.org'],
  from = 'shop@example.org',
  ...fields
}: EntryFields = {}): OutboxEntry {
  const { state = 'queued', enqueuedAtMs = NOW_MS - 60_000 } = fields;
  const status = state === 'sent' ? 'accepted' : state === 'failed' ? 'refused' : 'pending';
  return {
    id: `e${String((last += 1)).padStart(6, '0')}`,
    state,
    priority: 0,
    sizeBytes: 2_048,
    attempts: state === 'queued' ? 0 : 1,
    enqueuedAtMs,
    expiresAtMs: enqueuedAtMs + 5 * DAY_MS,
    recipients: to.map((address) => ({ address, status: state === 'unknown' ? 'unknown' : status })),
    ...fields,
    envelope: { from, to },
  };
}

export function reply(
  code: number,
  text: string,
): { code: number; enhancedCode: string | undefined; lines: string[]; text: string } {
  return { code, enhancedCode: /^\d\.\d+\.\d+/.exec(text)?.[0], lines: text.split('\n'), text };
}

export class FakeOutbox implements OutboxSource {
  entries: OutboxEntry[];
  readonly asked: string[] = [];
  looks = 0;
  /** What the next look, or change, ends with. */
  fault: Error | undefined;

  constructor(entries: readonly OutboxEntry[] = []) {
    this.entries = [...entries];
  }

  async *list({ state }: { readonly state?: OutboxState } = {}): AsyncIterable<OutboxEntry> {
    this.looks += 1;
    await Promise.resolve();
    if (this.fault !== undefined) throw this.fault;
    for (const one of this.entries) if (state === undefined || one.state === state) yield one;
  }

  get(id: string): Promise<OutboxEntry | undefined> {
    return Promise.resolve(this.entries.find((one) => one.id === id));
  }

  retryNow(id: string): Promise<OutboxEntry> {
    return this.#change('retry', id, { state: 'queued', nextAttemptAtMs: NOW_MS });
  }

  cancel(id: string): Promise<OutboxEntry> {
    return this.#change('cancel', id, { state: 'cancelled', finishedAtMs: NOW_MS });
  }

  async #change(what: string, id: string, fields: Partial<OutboxEntry>): Promise<OutboxEntry> {
    this.asked.push(`${what} ${id}`);
    const found = await this.get(id);
    if (this.fault !== undefined) throw this.fault;
    if (found === undefined) {
      throw new OutboxError('there is no such entry', {
        code: 'ERR_OUTBOX_NO_ENTRY',
        hint: 'It may have been purged.',
      });
    }
    if (found.state === 'sending' || found.state === 'sent') {
      throw new OutboxError(`the entry is ${found.state}`, { code: 'ERR_OUTBOX_STATE', hint: 'Wait.' });
    }
    const changed = { ...found, ...fields };
    this.entries = this.entries.map((one) => (one.id === id ? changed : one));
    return changed;
  }
}
