/**
 * The envelope of a message, and where each address of it came from (RFC 5322 section 3.6). One rule: what the fields do not say
 * plainly is an error. Nobody is guessed, nobody is lost, and a resent message never goes to the recipients of the original.
 */
import {
  AmbiguousSenderError,
  MessageError,
  MissingRecipientsError,
  MissingSenderError,
  MultipleResentSetsError,
} from '../errors.js';
import type { Envelope, Warning } from '../types.js';
import { MAX_RECIPIENTS, type LocatedMailbox } from './address-parser.js';
import { readAddressList } from './address.js';
import type { HeaderSpan } from './header-block.js';
import { readField } from './header-field.js';
import { HeaderList } from './headers.js';
import { mailboxKey } from './mailbox.js';
import { removedName } from './removed-fields.js';
import { newestResentSet, resentSets } from './resent-sets.js';

/** How the fields of a message are read. */
export interface EnvelopeOptions {
  /**
   * What a message with several sets of Resent-* fields does. `error` (default): MultipleResentSetsError. `latest`: the topmost
   * set counts, if it is clear where it ends. `ignore`: no set counts, the plain fields do.
   */
  readonly resent?: 'error' | 'latest' | 'ignore';
  /**
   * `lenient` reads a list that is no RFC 5322 (up to 16 KiB of it) a second way, and takes its addresses when no other reading
   * exists. Default `strict`.
   */
  readonly addresses?: 'strict' | 'lenient';
  /**
   * `rfc5322` refuses what the standard forbids and archives are full of: several From addresses without a Sender, repeated
   * once-only fields, Resent-* fields without Resent-Date. Default `lax`: the first From address, all fields, no date needed.
   */
  readonly conformance?: 'lax' | 'rfc5322';
  /** Refuses addresses without a domain, which name local users. Default false. */
  readonly requireDomain?: boolean;
}

/** Where one address of the envelope stands. All numbers count from 0. */
export interface EnvelopeSource {
  readonly role: 'from' | 'to';
  readonly address: string;
  readonly header: string;
  /** Which of the fields of that name, from the top. */
  readonly occurrence: number;
  /** Where the address begins in the unfolded value, in UTF-16 code units. */
  readonly position: number;
  /** The index in `to` of the same address, when it was named before. */
  readonly duplicateOf?: number;
}

/** The envelope, and how it came about. */
export interface EnvelopeExplanation extends Envelope {
  /** Whether a set of Resent-* fields gave it. */
  readonly resent: boolean;
  /** The sender's first, then one for each recipient named, duplicates too: To, Cc, Bcc. */
  readonly sources: readonly EnvelopeSource[];
  /** The fields that are removed when the message is sent. */
  readonly removed: readonly { readonly header: string; readonly occurrence: number }[];
  readonly warnings: readonly Warning[];
}

/** RFC 5322 section 3.6: fields that stand at most once. */
const ONCE_ONLY = new Map(
  ['Date', 'From', 'Sender', 'Reply-To', 'To', 'Cc', 'Bcc', 'Message-ID', 'In-Reply-To', 'References', 'Subject'].map(
    (name) => [name.toLowerCase(), name],
  ),
);

const RECIPIENT_KINDS = ['To', 'Cc', 'Bcc'] as const;
type RecipientKind = (typeof RECIPIENT_KINDS)[number];

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

/** Which halves of an envelope are wanted; the caller has the other one. */
export interface EnvelopeHalves {
  readonly from: boolean;
  readonly to: boolean;
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
): Omit<EnvelopeExplanation, 'removed'> {
  checkOptions(options);
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

const CHOICES = {
  resent: ['error', 'latest', 'ignore'],
  addresses: ['strict', 'lenient'],
  conformance: ['lax', 'rfc5322'],
} as const;

/** A misspelt choice must not pass for the default. */
function checkOptions(options: EnvelopeOptions): void {
  for (const name of ['resent', 'addresses', 'conformance'] as const) {
    const given = options[name];
    const choices: readonly string[] = CHOICES[name];
    if (given === undefined || choices.includes(given)) continue;
    throw new MessageError(`the envelope option ${name} cannot be ${JSON.stringify(given)}`, {
      code: 'ERR_INVALID_OPTION',
      hint: `Choose one of: ${choices.join(', ')}.`,
    });
  }
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

/** One field that counts, and its place among all fields of its name. */
interface Field {
  readonly header: string;
  readonly occurrence: number;
  readonly span: HeaderSpan;
}

class EnvelopeReader {
  /** Every field of the message by its key. */
  readonly #byKey = new Map<string, HeaderSpan[]>();
  readonly #set: readonly HeaderSpan[] | undefined;
  readonly #prefix: '' | 'Resent-';
  readonly #options: EnvelopeOptions;
  readonly #isStrict: boolean;
  readonly #sources: EnvelopeSource[] = [];
  readonly #warnings: Warning[] = [];

  constructor(spans: readonly HeaderSpan[], set: readonly HeaderSpan[] | undefined, options: EnvelopeOptions) {
    for (const span of spans) {
      const same = this.#byKey.get(span.key);
      if (same === undefined) this.#byKey.set(span.key, [span]);
      else same.push(span);
    }
    this.#set = set;
    this.#prefix = set === undefined ? '' : 'Resent-';
    this.#options = options;
    this.#isStrict = options.conformance === 'rfc5322';
  }

  read(halves: EnvelopeHalves): Omit<EnvelopeExplanation, 'removed'> {
    this.#checkRepeatedFields();
    this.#checkResentDate();
    const from = halves.from ? this.#sender() : '';
    const to = halves.to ? this.#recipients() : [];
    return { from, to, resent: this.#set !== undefined, sources: this.#sources, warnings: this.#warnings };
  }

  /** Sender, else the first mailbox of From. */
  #sender(): string {
    const header = `${this.#prefix}Sender`;
    const fields = this.#fields('Sender');
    const [field] = fields;
    if (field === undefined) return this.#author();
    if (fields.length > 1) failAmbiguous(header, `stands ${String(fields.length)} times`);
    const mailboxes = this.#mailboxes(field, 'from');
    const [agent] = mailboxes;
    if (agent === undefined) return this.#author();
    if (mailboxes.length > 1) failAmbiguous(header, `names ${String(mailboxes.length)} addresses`);
    return this.#useSender(agent, field);
  }

  #author(): string {
    const header = `${this.#prefix}From`;
    let author: { readonly located: LocatedMailbox; readonly field: Field } | undefined;
    let count = 0;
    for (const field of this.#fields('From')) {
      const mailboxes = this.#mailboxes(field, 'from');
      const [located] = mailboxes;
      if (author === undefined && located !== undefined) author = { located, field };
      count += mailboxes.length;
    }
    if (author === undefined) {
      throw new MissingSenderError(`neither ${this.#prefix}Sender nor ${header} gives an address`, {
        header,
        hint: 'Add a From field, or give the sender yourself.',
      });
    }
    if (count > 1) {
      if (this.#isStrict) {
        throw new MissingSenderError(
          `${header} names ${String(count)} addresses, and there is no ${this.#prefix}Sender`,
          {
            header: `${this.#prefix}Sender`,
            hint: 'RFC 5322 section 3.6.2 asks for a Sender then; give the sender yourself.',
          },
        );
      }
      this.#warn(
        'WARN_SEVERAL_AUTHORS',
        header,
        `names ${String(count)} addresses without a Sender: the first is taken`,
      );
    }
    return this.#useSender(author.located, author.field);
  }

  #useSender({ mailbox: { address }, position }: LocatedMailbox, { header, occurrence }: Field): string {
    this.#sources.push({ role: 'from', address, header, occurrence, position });
    return address;
  }

  /** Everybody in To, Cc and Bcc, in that order, each once. */
  #recipients(): string[] {
    const to: string[] = [];
    const indexes = new Map<string, number>();
    for (const kind of RECIPIENT_KINDS) {
      for (const field of this.#fields(kind)) {
        const { header, occurrence } = field;
        for (const { mailbox, position } of this.#mailboxes(field, 'to')) {
          const { address } = mailbox;
          const key = mailboxKey(mailbox);
          const duplicateOf = indexes.get(key);
          if (duplicateOf === undefined) {
            indexes.set(key, to.length);
            to.push(address);
            this.#sources.push({ role: 'to', address, header, occurrence, position });
          } else {
            this.#sources.push({ role: 'to', address, header, occurrence, position, duplicateOf });
          }
          // One of the sources is the sender.
          if (this.#sources.length - 1 > MAX_RECIPIENTS) failTooMany(header);
        }
      }
    }
    if (to.length === 0) {
      const prefix = this.#prefix;
      throw new MissingRecipientsError(`neither ${prefix}To, ${prefix}Cc nor ${prefix}Bcc gives an address`, {
        header: `${prefix}To`,
        hint: 'Give the recipients yourself.',
      });
    }
    return to;
  }

  /** The fields of one kind that count, from the top. */
  #fields(kind: 'Sender' | 'From' | RecipientKind): Field[] {
    const header = this.#prefix === '' ? kind : `Resent-${kind}`;
    const spans = this.#byKey.get(header.toLowerCase());
    if (spans === undefined) return [];
    const fields = spans.map((span, occurrence) => ({ header, occurrence, span }));
    const set = this.#set;
    return set === undefined ? fields : fields.filter(({ span }) => set.includes(span));
  }

  #mailboxes({ header, span }: Field, role: 'from' | 'to'): readonly LocatedMailbox[] {
    const { addresses = 'strict', requireDomain } = this.#options;
    const { value, isGuess } = readField(span);
    const syntax = {
      header,
      requireDomain,
      // A notification comes from nobody, so that nothing is sent back (RFC 5321 section 4.5.5). Nothing can go to nobody.
      nullAddress: role === 'from' && !this.#isStrict,
      unknownCharset: isGuess,
    };
    const { mailboxes, lenient } = readAddressList(value, syntax, addresses);
    if (lenient) {
      this.#warn(
        'WARN_LENIENT_ADDRESS',
        header,
        'is no list of addresses by RFC 5322; its only other reading was taken',
      );
    }
    return mailboxes;
  }

  #checkRepeatedFields(): void {
    for (const [key, header] of ONCE_ONLY) {
      if ((this.#byKey.get(key)?.length ?? 0) <= 1) continue;
      if (this.#isStrict) {
        throw new MessageError(`${header} stands more than once`, {
          code: 'ERR_DUPLICATE_FIELD',
          header,
          hint: "RFC 5322 section 3.6 allows one; conformance: 'lax' takes all of them.",
        });
      }
      this.#warn('WARN_DUPLICATE_FIELD', header, 'stands more than once');
    }
  }

  #checkResentDate(): void {
    if (this.#set === undefined || this.#set.some(({ key }) => key === 'resent-date')) return;
    if (this.#isStrict) {
      throw new MessageError('the message has Resent-* fields without a Resent-Date', {
        code: 'ERR_MISSING_RESENT_DATE',
        header: 'Resent-Date',
        hint: "RFC 5322 section 3.6.6 asks for one; conformance: 'lax' does without.",
      });
    }
    this.#warn('WARN_MISSING_RESENT_DATE', 'Resent-Date', 'is missing beside the other Resent-* fields');
  }

  #warn(code: string, header: string, what: string): void {
    this.#warnings.push({ code, header, message: `${header} ${what}` });
  }
}

function failAmbiguous(header: string, what: string): never {
  throw new AmbiguousSenderError(`${header} ${what}`, {
    header,
    hint: 'RFC 5322 section 3.6.2 allows one; give the sender yourself.',
  });
}

function failTooMany(header: string): never {
  throw new MessageError(`the message names more than ${String(MAX_RECIPIENTS)} recipients`, {
    code: 'ERR_TOO_MANY_RECIPIENTS',
    header,
    hint: 'Give each message a part of them.',
  });
}
