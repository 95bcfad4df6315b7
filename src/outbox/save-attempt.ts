/**
 * Writes down what an attempt came to. One rule: what is known is not given up while the process lives: a store that fails is asked
 * again, and an entry that was taken over meanwhile still learns who has accepted it.
 */
import type { Attempt } from './attempt.js';
import type { OutboxRecipient } from './entry.js';
import type { OutboxEnvironment } from './environment.js';
import { changed } from './record.js';
import type { OutboxRecord, OutboxStore } from './store.js';
import { ended } from './verdict.js';

export interface SaveOptions {
  readonly store: OutboxStore;
  readonly environment: OutboxEnvironment;
  readonly pollMs: number;
  readonly ownerId: string;
  /** When it fires there are a few more tries, at once. */
  readonly stopping: AbortSignal;
  readonly report: (error: unknown) => void;
}

const LONGEST_PAUSE_MS = 30_000;
const LAST_TRIES = 3;

/** Resolves with what stands in the store; undefined when that is another's. Rejects when the outbox stops and the store still fails. */
export async function saveAttempt(attempt: Attempt, options: SaveOptions): Promise<OutboxRecord | undefined> {
  const { environment, pollMs, stopping, report } = options;
  let lastTries = 0;
  for (let failures = 0; ; failures += 1) {
    try {
      return await save(attempt, options);
    } catch (error) {
      if (stopping.aborted) lastTries += 1;
      if (lastTries > LAST_TRIES) throw error;
      report(error);
      await pause(environment, Math.min(pollMs * 2 ** failures, LONGEST_PAUSE_MS), stopping);
    }
  }
}

async function save(
  { before, after }: Attempt,
  { store, ownerId, environment }: SaveOptions,
): Promise<OutboxRecord | undefined> {
  let wanted = after;
  let version = before.version;
  for (;;) {
    if (await store.update(wanted, version)) return wanted;
    const current = await store.get(before.id);
    if (current === undefined) return undefined;
    // A write that was said to have failed may stand there all the same.
    if (JSON.stringify(current) === JSON.stringify(wanted)) return wanted;
    version = current.version;
    const isOurs = current.state === 'sending' && current.owner === ownerId && current.attempts === before.attempts;
    const next = isOurs ? { ...after, version: version + 1 } : withLateWord(current, after, environment.now());
    if (next === undefined) return undefined;
    wanted = next;
  }
}

/** Who has accepted has accepted, whoever writes it down. Undefined when there is nothing new, or another process is at it. */
export function withLateWord(current: OutboxRecord, known: OutboxRecord, nowMs: number): OutboxRecord | undefined {
  if (current.state === 'sending' || current.state === 'quarantined') return undefined;
  const recipients = current.recipients.map((recipient, position): OutboxRecipient => {
    const word = known.recipients[position];
    return word?.status === 'accepted' && recipient.status !== 'accepted' ? word : recipient;
  });
  if (recipients.every((recipient, position) => recipient === current.recipients[position])) return undefined;
  const isOpen = recipients.some(({ status }) => status === 'pending');
  if (isOpen || current.state === 'cancelled') return changed(current, { state: current.state, recipients });
  return ended(current, recipients, { failure: recipients.every(isAccepted) ? undefined : current.failure }, nowMs);
}

function isAccepted({ status }: OutboxRecipient): boolean {
  return status === 'accepted';
}

async function pause(environment: OutboxEnvironment, forMs: number, stopping: AbortSignal): Promise<void> {
  if (stopping.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      timer.cancel();
      stopping.removeEventListener('abort', end);
      resolve();
    };
    const timer = environment.after(forMs, end, true);
    stopping.addEventListener('abort', end, { once: true });
  });
}
