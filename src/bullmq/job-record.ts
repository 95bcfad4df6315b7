/**
 * An entry as a BullMQ job. `data` is written once, with the content; `progress` holds what changes and is replaced as a whole; both are JSON
 * that dashboards show. What does not read as they were written is a damaged job, never half an entry.
 */
import { isUtf8 } from 'node:buffer';
import {
  OUTBOX_STATES,
  type OutboxFailure,
  type OutboxRecipient,
  type OutboxRecord,
  type OutboxState,
} from '../outbox/parts.js';

/**
 * The content, or where it is. Text that is UTF-8 stays readable and short; anything else is base64. `dropped`: everybody has it, and nobody
 * will ask for it again.
 */
export type StoredContent =
  { readonly utf8: string } | { readonly base64: string } | { readonly blob: string } | { readonly dropped: true };

/** What is not part of what never changes, or has a place of its own. */
const CHANGING = [
  'identity',
  'version',
  'state',
  'recipients',
  'attempts',
  'expiresAtMs',
  'nextAttemptAtMs',
  'attemptedAtMs',
  'finishedAtMs',
  'failure',
  'departed',
  'owner',
] as const satisfies readonly (keyof OutboxRecord)[];

/** What an entry is made of that never changes. */
type FixedPart = Omit<OutboxRecord, (typeof CHANGING)[number]>;

/** `identity` and `ticket` stand first: they are read without the rest. */
export interface JobData {
  readonly v: 1;
  readonly identity: string;
  /** Of the call that added the job: another one's means that it was there before. */
  readonly ticket: string;
  readonly fixed: FixedPart;
  readonly expiresAtMs: number;
  readonly notBeforeMs: number;
  readonly content: StoredContent;
}

export interface JobProgress {
  readonly v: 1;
  readonly version: number;
  readonly state: OutboxState;
  readonly recipients: readonly OutboxRecipient[];
  readonly attempts: number;
  readonly expiresAtMs: number;
  readonly nextAttemptAtMs?: number;
  readonly attemptedAtMs?: number;
  readonly finishedAtMs?: number;
  readonly failure?: OutboxFailure;
  readonly departed?: readonly number[];
}

export const JOB_NAME = 'mail';

/** The version of a record whose job has no progress yet. */
const FIRST_VERSION = 1;

export function contentToStore(content: Uint8Array): StoredContent {
  const octets = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return isUtf8(octets) ? { utf8: octets.toString('utf8') } : { base64: octets.toString('base64') };
}

export function dataOf(record: OutboxRecord, content: StoredContent, ticket: string): JobData {
  const { identity, expiresAtMs, nextAttemptAtMs: notBeforeMs = record.enqueuedAtMs } = record;
  const fixed: Partial<OutboxRecord> = { ...record };
  for (const name of CHANGING) Reflect.deleteProperty(fixed, name);
  return { v: 1, identity, ticket, fixed: fixed as FixedPart, expiresAtMs, notBeforeMs, content };
}

/** The data of a message that everybody has, without a content that would only take room in Redis. Undefined where it takes none. */
export function withoutContent(data: JobData): JobData | undefined {
  return 'blob' in data.content || 'dropped' in data.content ? undefined : { ...data, content: { dropped: true } };
}

export function progressOf(record: OutboxRecord): JobProgress {
  const { version, state, recipients, attempts, expiresAtMs } = record;
  const { nextAttemptAtMs, attemptedAtMs, finishedAtMs, failure, departed } = record;
  return {
    v: 1,
    version,
    state,
    recipients,
    attempts,
    expiresAtMs,
    ...(nextAttemptAtMs !== undefined && { nextAttemptAtMs }),
    ...(attemptedAtMs !== undefined && { attemptedAtMs }),
    ...(finishedAtMs !== undefined && { finishedAtMs }),
    ...(failure !== undefined && { failure }),
    ...(departed !== undefined && { departed }),
  };
}

/** The two values at the front of a job's data, as `JobScripts.head` gives it. */
export function readHead(head: string): { readonly identity: string; readonly ticket: string } | undefined {
  const [, identity, ticket] = /^\{"v":1,"identity":"([0-9a-f]{64})","ticket":"([0-9a-f]{32})",/.exec(head) ?? [];
  return identity === undefined || ticket === undefined ? undefined : { identity, ticket };
}

/** What a job says, or why it cannot be read. */
export type ReadJob = { readonly record: OutboxRecord; readonly data: JobData } | { readonly damage: string };

/** `progress`: 0 in BullMQ while there is none. */
export function readJob(id: string, data: unknown, progress: unknown): ReadJob {
  if (!isObject(data) || data['v'] !== 1) return { damage: 'its data was not written by posthaste' };
  const fixed = data['fixed'];
  if (!isObject(fixed) || fixed['id'] !== id) return { damage: 'its data names another job' };
  if (!isFixed(fixed) || typeof data['identity'] !== 'string') return { damage: 'its data lacks fields' };
  if (!isContent(data['content'])) return { damage: 'its data has no content' };
  const known = data as unknown as JobData;
  const { identity, expiresAtMs, notBeforeMs } = known;
  if (typeof expiresAtMs !== 'number' || typeof notBeforeMs !== 'number') return { damage: 'its data lacks fields' };
  const base = { ...fixed, identity };
  if (progress === 0 || progress === undefined || progress === null) {
    const recipients = fixed.envelope.to.map((address) => ({ address, status: 'pending' as const }));
    const first = { version: FIRST_VERSION, state: 'queued' as const, recipients, attempts: 0 };
    return { record: { ...base, ...first, expiresAtMs, nextAttemptAtMs: notBeforeMs }, data: known };
  }
  if (!isProgress(progress, fixed.envelope.to.length)) return { damage: 'its progress was not written by posthaste' };
  const record: OutboxRecord & { v?: number } = { ...base, ...progress };
  delete record.v;
  return { record, data: known };
}

function isFixed(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & FixedPart {
  const { envelope, parameters, contentHash } = value;
  if (!isObject(envelope) || !isObject(parameters) || typeof contentHash !== 'string') return false;
  if (typeof envelope['from'] !== 'string' || !isListOf(envelope['to'], isString)) return false;
  return ['priority', 'sizeBytes', 'enqueuedAtMs'].every((name) => typeof value[name] === 'number');
}

function isContent(value: unknown): value is StoredContent {
  if (!isObject(value)) return false;
  return value['dropped'] === true || ['utf8', 'base64', 'blob'].some((name) => typeof value[name] === 'string');
}

const STATES: readonly unknown[] = OUTBOX_STATES;
const STATUSES: readonly unknown[] = [
  'pending',
  'accepted',
  'refused',
  'unknown',
] satisfies OutboxRecipient['status'][];

function isProgress(value: unknown, recipientCount: number): value is JobProgress {
  if (!isObject(value) || value['v'] !== 1 || !STATES.includes(value['state'])) return false;
  if (!['version', 'attempts', 'expiresAtMs'].every((name) => typeof value[name] === 'number')) return false;
  const { recipients, departed } = value;
  if (departed !== undefined && !isListOf(departed, Number.isInteger)) return false;
  return isListOf(recipients, isRecipient) && recipients.length === recipientCount;
}

function isRecipient(value: unknown): boolean {
  return isObject(value) && typeof value['address'] === 'string' && STATUSES.includes(value['status']);
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function isListOf(value: unknown, test: (item: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.every(test);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
