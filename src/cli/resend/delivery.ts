/**
 * One message of a run: sent, tried again for those who may get it later, and each step in the journal before it counts. What
 * may have been delivered is never tried again here.
 */
import { isPosthasteError, SMTPException, type Mailer, type RecipientResult, type SendResult } from '../../index.js';
import type { Journal } from './journal.js';
import { MARKS, markOf, withMarks, type Mark, type Marks } from './journal-records.js';
import type { Prepared } from './prepare.js';
import type { Settled } from './report.js';
import type { ResendSettings } from './settings.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface DeliveryOptions {
  readonly settings: Pick<ResendSettings, 'serializeOptions' | 'retries'>;
  readonly mailer: Mailer;
  readonly journal: Journal | undefined;
  /** Fires when nothing new is to be begun. */
  readonly ending: AbortSignal;
}

interface Attempt {
  readonly marks: Marks;
  readonly recipients: readonly RecipientResult[];
  readonly result?: SendResult;
  readonly error?: unknown;
}

/** Rejects with CliError, exit `cannot-write`, when the journal cannot be written. */
export async function deliver(prepared: Prepared, options: DeliveryOptions): Promise<Settled> {
  const { entry, id, envelope } = prepared;
  const recipients: (RecipientResult | undefined)[] = envelope.to.map(() => undefined);
  let { marks, positions } = prepared;
  let last: Attempt;
  for (let attempt = 1; ; attempt += 1) {
    last = await tryOnce(prepared, marks, positions, options);
    marks = last.marks;
    for (const recipient of last.recipients) recipients[recipient.index] = recipient;
    const { error } = last;
    const next = marks;
    positions = positions.filter((position) => next[position] === MARKS.later || next[position] === MARKS.untried);
    const mayHelp =
      error === undefined || (isPosthasteError(error) && (error.retryable || error.delivery === 'unknown'));
    if (positions.length === 0 || !mayHelp || attempt > options.settings.retries || options.ending.aborted) break;
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS), options.ending);
    if (hasFired(options.ending)) break;
  }
  const { result, error } = last;
  return { label: entry.label, id, envelope, before: prepared.marks, marks, tried: true, recipients, result, error };
}

async function tryOnce(
  { entry, message, envelope, id }: Prepared,
  before: Marks,
  positions: readonly number[],
  { settings, mailer, journal }: DeliveryOptions,
): Promise<Attempt> {
  let marks = before;
  const journalFaults: unknown[] = [];
  const at = (index: number): number => positions[index] ?? index;
  const beforeContent = async ({ recipients }: { readonly recipients: readonly RecipientResult[] }): Promise<void> => {
    const asked = recipients.filter(({ status }) => status !== 'refused').map(({ index }) => at(index));
    if (id !== undefined && journal !== undefined) {
      try {
        await journal.intend(id, entry.label, envelope, asked);
      } catch (error) {
        journalFaults.push(error);
        throw error;
      }
      marks = withMarks(marks, asked, () => MARKS.unknown);
    }
  };
  let result: SendResult | undefined;
  let error: unknown;
  try {
    const to = positions.map((position) => envelope.to[position] ?? '');
    const { serializeOptions } = settings;
    result = await mailer.send(message, { from: envelope.from, to, serializeOptions, beforeContent });
  } catch (thrown) {
    error = thrown;
  }
  if (journalFaults.length > 0) throw journalFaults[0];
  const told = result?.recipients ?? (error instanceof SMTPException ? error.recipients : []);
  const recipients = told.map((recipient) => ({ ...recipient, index: at(recipient.index) }));
  const decided = positions.map((position) =>
    markFor(
      recipients.find(({ index }) => index === position),
      error,
    ),
  );
  const after = withMarks(marks, positions, (index) => decided[index] ?? MARKS.unknown);
  if (id !== undefined && journal !== undefined && (recipients.length > 0 || after !== before)) {
    const recorded = positions.map((index, place) => {
      const reply = recipients.find((recipient) => recipient.index === index)?.reply;
      return {
        index,
        address: envelope.to[index] ?? '',
        mark: decided[place] ?? MARKS.unknown,
        ...(reply && { reply: `${String(reply.code)} ${reply.text}` }),
      };
    });
    await journal.done(id, envelope.to.length, recorded);
  }
  return { marks: after, recipients, ...(result && { result }), ...(error === undefined ? {} : { error }) };
}

/** Nobody knows better than the error what became of a recipient of whom nothing is told. */
function markFor(recipient: RecipientResult | undefined, error: unknown): Mark {
  if (recipient !== undefined && recipient.status !== 'not-sent') return markOf(recipient);
  if (!isPosthasteError(error)) return error === undefined ? MARKS.untried : MARKS.unknown;
  switch (error.delivery) {
    case 'unknown':
      return recipient === undefined ? MARKS.unknown : MARKS.untried;
    case 'refused':
      return error.retryable ? MARKS.later : MARKS.refused;
    case 'not-sent':
      return MARKS.untried;
  }
}

/** Asked anew: it may have fired while something was awaited. */
function hasFired({ aborted }: AbortSignal): boolean {
  return aborted;
}

/** Ends early when the run does. */
async function pause(milliseconds: number, ending: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      ending.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    ending.addEventListener('abort', end);
  });
}
