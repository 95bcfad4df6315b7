/**
 * The envelope of a message, and where each address of it came from (RFC 5322 section 3.6). One rule: a message that was resent
 * goes where its Resent-* fields say, and never again to the recipients of the original.
 */
import { MultipleResentSetsError } from '../errors.js';
import type { Envelope, Warning } from '../types.js';
import { checkEnvelopeOptions, type EnvelopeOptions } from './envelope-options.js';
import {
  EnvelopeReader,
  type EnvelopeExplanation,
  type EnvelopeHalves,
  type EnvelopeReading,
} from './envelope-reader.js';
import type { HeaderSpan } from './header-block.js';
import { HeaderList } from './headers.js';
import { removedName } from './removed-fields.js';
import { newestResentSet, resentSets } from './resent-sets.js';

export type { EnvelopeOptions } from './envelope-options.js';
export type { EnvelopeExplanation, EnvelopeHalves, EnvelopeSource } from './envelope-reader.js';

/**
 * @param resending what `resend()` made last: its fields are the set that counts.
 * @throws MissingSenderError, AmbiguousSenderError, MissingRecipientsError, MultipleResentSetsError, InvalidAddressError, and
 *   MessageError: `ERR_TOO_MANY_RECIPIENTS`; with `conformance: 'rfc5322'` also `ERR_DUPLICATE_FIELD` and
 *   `ERR_MISSING_RESENT_DATE`.
 */
export function envelopeOf(
  headers: HeaderList,
  resending: symbol | undefined,
  options: EnvelopeOptions = {},
): Envelope {
  const { from, to } = readEnvelope(headers, resending, options);
  return { from, to };
}

const BOTH_HALVES: EnvelopeHalves = { from: true, to: true };

/** The halves that are wanted; the other one is empty, and its fields may be missing or broken. Throws as `envelopeOf` does. */
export function halvesOfEnvelope(
  headers: HeaderList,
  resending: symbol | undefined,
  options: EnvelopeOptions,
  halves: EnvelopeHalves,
): Envelope & { readonly warnings: readonly Warning[] } {
  const { from, to, warnings } = readEnvelope(headers, resending, options, halves);
  return { from, to, warnings };
}

/** The same with how it came about; the fields of a half that `options` give are not read. Throws as `envelopeOf` does. */
export function explainEnvelope(
  headers: HeaderList,
  resending: symbol | undefined,
  options: EnvelopeOptions & Partial<Envelope> = {},
): EnvelopeExplanation {
  const { from, to } = options;
  const halves = { from: from === undefined, to: to === undefined };
  const read = halves.from || halves.to ? readEnvelope(headers, resending, options, halves) : NOTHING_READ;
  return { ...read, from: from ?? read.from, to: to ?? read.to, removed: removedFields(headers.spans) };
}

/** With both halves given, the fields may say what they like, or nothing. */
const NOTHING_READ = { from: '', to: [], resent: false, sources: [], warnings: [] } as const;

function readEnvelope(
  { spans }: HeaderList,
  resending: symbol | undefined,
  options: EnvelopeOptions,
  halves = BOTH_HALVES,
): EnvelopeReading {
  checkEnvelopeOptions(options);
  const set = options.resent === 'ignore' ? undefined : chosenResentSet(spans, resending, options);
  return new EnvelopeReader(spans, set, options).read(halves);
}

function removedFields(spans: readonly HeaderSpan[]): EnvelopeExplanation['removed'] {
  const counts = new Map<string, number>();
  return spans.flatMap((span) => {
    const header = removedName(span);
    if (header === undefined) return [];
    const occurrence = counts.get(header) ?? 0;
    counts.set(header, occurrence + 1);
    return [{ header, occurrence }];
  });
}

/** The Resent-* fields that count; undefined when the message was not resent. */
function chosenResentSet(
  spans: readonly HeaderSpan[],
  resending: symbol | undefined,
  { resent = 'error' }: EnvelopeOptions,
): readonly HeaderSpan[] | undefined {
  if (resending !== undefined) return spans.filter((span) => span.resending === resending);
  const sets = resentSets(spans);
  if (sets.length <= 1) return sets[0];
  const newest = resent === 'latest' ? newestResentSet(spans) : undefined;
  if (newest !== undefined) return newest;
  const count = String(sets.length);
  throw new MultipleResentSetsError(
    resent === 'latest'
      ? `the message holds ${count} sets of Resent-* fields, and it is not clear where the newest one ends`
      : `the message holds ${count} sets of Resent-* fields`,
    {
      sets: sets.map((set) => new HeaderList(set)),
      hint:
        resent === 'latest'
          ? 'Give the envelope yourself.'
          : "Choose with resent: 'latest' (the topmost set) or 'ignore' (the plain fields), or resend the message.",
    },
  );
}
