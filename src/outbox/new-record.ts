/** The record of a message that is taken in. */
import type { Sendable } from '../index.js';
import { checkSignal } from './or-aborted.js';
import type { EnqueueOptions } from './options.js';
import { resolveSchedule, type ResolvedOutboxOptions } from './resolve-options.js';
import { sealMessage } from './seal-message.js';
import type { OutboxAddition, OutboxRecord } from './store.js';

export interface NewRecord {
  readonly id: string;
  readonly nowMs: number;
  readonly settings: ResolvedOutboxOptions;
}

/** Throws what `Outbox.enqueue()` throws before it writes anything. */
export async function newRecord(
  message: Sendable,
  options: EnqueueOptions,
  { id, nowMs, settings }: NewRecord,
): Promise<OutboxAddition> {
  const { key, priority, notBeforeMs, expiresAtMs } = resolveSchedule(options, settings, nowMs);
  checkSignal(options.signal);
  const sealed = await sealMessage(message, options, settings.maxMessageBytes);
  const { envelope, content, contentHash, identity, messageId, subject, parameters } = sealed;
  const record: OutboxRecord = {
    id,
    version: 1,
    ...(key !== undefined && { key }),
    state: 'queued',
    priority,
    envelope,
    ...(messageId !== undefined && { messageId }),
    ...(subject !== undefined && { subject }),
    sizeBytes: content.length,
    recipients: envelope.to.map((address) => ({ address, status: 'pending' })),
    attempts: 0,
    enqueuedAtMs: nowMs,
    expiresAtMs,
    nextAttemptAtMs: notBeforeMs,
    contentHash,
    identity,
    parameters,
  };
  return { record, content };
}
