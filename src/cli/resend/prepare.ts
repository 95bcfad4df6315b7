/**
 * From a place in the archive to what is to be sent: the message with its Resent-* fields, to whom, and what an earlier run has
 * done with it.
 */
import type { Envelope, EnvelopeExplanation, Message } from '../../index.js';
import { explain } from '../explain.js';
import type { Entry } from './archive.js';
import { contentDigest, keyOf, type Ordinals } from './identity.js';
import type { Journal } from './journal.js';
import { MARKS, type Marks } from './journal-records.js';
import type { ResendSettings } from './settings.js';
import { resolve } from 'node:path';

export interface Prepared {
  readonly entry: Entry;
  readonly message: Message;
  readonly explanation: EnvelopeExplanation;
  readonly envelope: Envelope;
  /** Undefined without a journal. */
  readonly id: string | undefined;
  /** One for each recipient; all untried when no earlier run knows the message. */
  readonly marks: Marks;
  /** Which recipients are to be sent to; none when all is decided. */
  readonly positions: readonly number[];
}

export interface PrepareOptions {
  readonly settings: Pick<ResendSettings, 'resent' | 'envelopeOptions' | 'serializeOptions' | 'resendUnknown'>;
  readonly journal: Journal | undefined;
  readonly ordinals: Ordinals;
}

/** Rejects with the library's MessageError, or the system's error. */
export async function prepare(entry: Entry, { settings, journal, ordinals }: PrepareOptions): Promise<Prepared> {
  const archived = await entry.open();
  const { resent, envelopeOptions, serializeOptions } = settings;
  const message = resent === undefined ? archived : archived.resend(resent);
  const explanation = explain(message, { given: {}, envelopeOptions });
  const envelope: Envelope = { from: explanation.from, to: explanation.to };
  let id: string | undefined;
  if (journal !== undefined) {
    const key = keyOf(await contentDigest(archived, serializeOptions), envelope);
    id =
      journal.idMovedTo(resolve(entry.place.file.path)) ?? ordinals.next(key, (candidate) => journal.isGone(candidate));
  }
  const untried = MARKS.untried.repeat(envelope.to.length);
  const known = id === undefined ? undefined : journal?.marksOf(id);
  const marks = known?.length === untried.length ? known : untried;
  const open: string[] = [MARKS.untried, MARKS.later, ...(settings.resendUnknown ? [MARKS.unknown] : [])];
  const positions = [...envelope.to.keys()].filter((position) => open.includes(marks.charAt(position)));
  return { entry, message, explanation, envelope, id, marks, positions };
}
