/**
 * Reads the envelope out of the fields that count (RFC 5322 section 3.6). One rule: what they do not say plainly is an error;
 * nobody is guessed and nobody is lost.
 */
import { AmbiguousSenderError, MessageError, MissingRecipientsError, MissingSenderError } from '../errors.js';
import type { Envelope, Warning } from '../types.js';
import { MAX_RECIPIENTS, type LocatedMailbox } from './address-parser.js';
import { readAddressList } from './address.js';
import type { EnvelopeOptions } from './envelope-options.js';
import type { HeaderSpan } from './header-block.js';
import { readField } from './header-field.js';
import { mailboxKey } from './mailbox.js';

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

/** Which halves of an envelope are wanted; the caller has the other one. */
export interface EnvelopeHalves {
  readonly from: boolean;
  readonly to: boolean;
}

/** The envelope, and how it came about. */
export interface EnvelopeExplanation extends Envelope {
  /** Whether a set of Resent-* fields gave it. */
  readonly resent: boolean;
  /** The sender's first, then one for each recipient named, duplicates too: To, Cc, Bcc. */
  readonly sources: readonly EnvelopeSource[];
  /** The fields that are removed when the message is sent; the occurrence counts from 0. */
  readonly removed: readonly { readonly header: string; readonly occurrence: number }[];
  readonly warnings: readonly Warning[];
}

/** What the fields that count say. */
export type EnvelopeReading = Omit<EnvelopeExplanation, 'removed'>;

/** RFC 5322 section 3.6: fields that stand at most once. */
const ONCE_ONLY = new Map(
  ['Date', 'From', 'Sender', 'Reply-To', 'To', 'Cc', 'Bcc', 'Message-ID', 'In-Reply-To', 'References', 'Subject'].map(
    (name) => [name.toLowerCase(), name],
  ),
);

const RECIPIENT_KINDS = ['To', 'Cc', 'Bcc'] as const;
type RecipientKind = (typeof RECIPIENT_KINDS)[number];

/** One field that counts, and its place among all fields of its name. */
interface Field {
  readonly header: string;
  readonly occurrence: number;
  readonly span: HeaderSpan;
}

export class EnvelopeReader {
  readonly #spans: readonly HeaderSpan[];
  readonly #set: readonly HeaderSpan[] | undefined;
  readonly #prefix: '' | 'Resent-';
  readonly #options: EnvelopeOptions;
  readonly #isStrict: boolean;
  readonly #sources: EnvelopeSource[] = [];
  readonly #warnings: Warning[] = [];

  constructor(spans: readonly HeaderSpan[], set: readonly HeaderSpan[] | undefined, options: EnvelopeOptions) {
    this.#spans = spans;
    this.#set = set;
    this.#prefix = set === undefined ? '' : 'Resent-';
    this.#options = options;
    this.#isStrict = options.conformance === 'rfc5322';
  }

  read(halves: EnvelopeHalves): EnvelopeReading {
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
    let count = 0;
    for (const kind of RECIPIENT_KINDS) {
      for (const field of this.#fields(kind)) {
        const { header, occurrence } = field;
        for (const { mailbox, position } of this.#mailboxes(field, 'to')) {
          count += 1;
          if (count > MAX_RECIPIENTS) failTooMany(header);
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
    const key = header.toLowerCase();
    const fields: Field[] = [];
    let occurrence = 0;
    for (const span of this.#spans) {
      if (span.key !== key) continue;
      if (this.#set?.includes(span) ?? true) fields.push({ header, occurrence, span });
      occurrence += 1;
    }
    return fields;
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
    const seen = new Set<string>();
    const repeated: string[] = [];
    for (const { key } of this.#spans) {
      if (seen.has(key)) repeated.push(key);
      else if (ONCE_ONLY.has(key)) seen.add(key);
    }
    for (const [key, header] of ONCE_ONLY) {
      if (!repeated.includes(key)) continue;
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
