/**
 * One attempt at one entry. One rule: the content leaves only when the store has said, in that moment, that the entry is still ours;
 * and with `hold` only when it is durable that it is about to leave.
 */
import { SMTPException, type RecipientResult, type SendMessageOptions } from '../index.js';
import type { OutboxMailer } from './options.js';
import { changed } from './record.js';
import { hashOf } from './seal-message.js';
import type { OutboxRecord, OutboxStore } from './store.js';
import { ended, verdictOf, type Attempted, type VerdictOptions } from './verdict.js';

export interface AttemptOptions extends Omit<VerdictOptions, 'nowMs'> {
  readonly store: Pick<OutboxStore, 'content' | 'get' | 'update'>;
  readonly mailer: OutboxMailer;
  readonly now: () => number;
}

/** What is to be written in the place of `before`; undefined when the entry is another's by now. */
export interface Attempt {
  readonly before: OutboxRecord;
  readonly after: OutboxRecord;
}

export async function attempt(claimed: OutboxRecord, options: AttemptOptions): Promise<Attempt | undefined> {
  const { store, now } = options;
  const nowMs = now();
  if (claimed.expiresAtMs < nowMs) return { before: claimed, after: expired(claimed, nowMs) };
  let content: Uint8Array | undefined;
  try {
    content = await store.content(claimed.id);
  } catch (error) {
    // It cannot be read now: that says nothing about the message.
    const { positions } = new Sending(claimed, options);
    return { before: claimed, after: verdictOf(claimed, positions, { error, departed: false }, { ...options, nowMs }) };
  }
  const reason = faultOf(content, claimed);
  if (content === undefined || reason !== undefined) {
    return { before: claimed, after: quarantined(claimed, reason ?? '') };
  }
  const sending = new Sending(claimed, options);
  const attempted = await sending.send(content);
  if (sending.isLost) return undefined;
  const after = verdictOf(sending.record, sending.positions, attempted, { ...options, nowMs: now() });
  return { before: sending.record, after };
}

function faultOf(content: Uint8Array | undefined, { contentHash }: OutboxRecord): string | undefined {
  if (content === undefined) return 'its content is not there';
  return hashOf(content) === contentHash ? undefined : 'its content is not what was enqueued: the hashes differ';
}

function quarantined(record: OutboxRecord, reason: string): OutboxRecord {
  return changed(record, {
    state: 'quarantined',
    owner: undefined,
    failure: { code: 'ERR_OUTBOX_CORRUPT', message: reason, delivery: 'not-sent' },
  });
}

/** What the last attempt failed with stays what it failed with. */
function expired(record: OutboxRecord, nowMs: number): OutboxRecord {
  const failure = record.failure ?? {
    code: 'ERR_OUTBOX_EXPIRED',
    message: 'the message expired before its first attempt',
    delivery: 'not-sent' as const,
  };
  return ended(record, record.recipients, { failure, attempts: record.attempts - 1 }, nowMs);
}

class Sending {
  readonly #options: AttemptOptions;
  readonly positions: readonly number[];
  #record: OutboxRecord;
  #isLost = false;
  #departed = false;

  constructor(record: OutboxRecord, options: AttemptOptions) {
    this.#record = record;
    this.#options = options;
    this.positions = record.recipients.flatMap(({ status }, position) => (status === 'pending' ? [position] : []));
  }

  /** As it stands in the store, where it is ours. */
  get record(): OutboxRecord {
    return this.#record;
  }

  /** Another process has it. */
  get isLost(): boolean {
    return this.#isLost;
  }

  async send(content: Uint8Array): Promise<Attempted> {
    const { mailer } = this.#options;
    try {
      return { result: await mailer.send(content, this.#sendOptions()) };
    } catch (error) {
      return { error, departed: this.#departed };
    }
  }

  #sendOptions(): SendMessageOptions {
    const { envelope, recipients, parameters } = this.#record;
    const { allowLongLines, keepReturnPath, ...rest } = parameters;
    return {
      ...rest,
      ...((allowLongLines === true || keepReturnPath === true) && {
        serializeOptions: { ...(allowLongLines && { allowLongLines }), ...(keepReturnPath && { keepReturnPath }) },
      }),
      from: envelope.from,
      to: this.positions.flatMap((position) => recipients[position]?.address ?? []),
      beforeContent: async (info) => {
        await this.#pass(info.recipients);
      },
    };
  }

  /** The mailer may come here more than once: for the next transaction of many recipients, and when it tries again by itself. */
  async #pass(told: readonly RecipientResult[]): Promise<void> {
    const { store, onUnknown } = this.#options;
    const departing = told.flatMap(({ index, status }) => (status === 'refused' ? [] : (this.positions[index] ?? [])));
    const departed = [...new Set([...(this.#record.departed ?? []), ...departing])];
    const isNew = departed.length > (this.#record.departed?.length ?? 0);
    let isOurs: boolean;
    if (onUnknown === 'hold' && isNew) {
      const marked = changed(this.#record, { state: 'sending', departed });
      isOurs = await store.update(marked, this.#record.version);
      if (isOurs) this.#record = marked;
    } else {
      isOurs = (await store.get(this.#record.id))?.version === this.#record.version;
    }
    if (!isOurs) {
      this.#isLost = true;
      throw new SMTPException('another process has taken the message over', { code: 'ERR_OUTBOX_TAKEN_OVER' });
    }
    this.#departed = true;
  }
}
