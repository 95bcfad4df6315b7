/**
 * The strict address parser: RFC 5322 section 3.4 with the obsolete forms of section 4.4 and the groups of RFC 6854.
 * One rule: the grammar consumes the whole text, or the text is refused.
 *
 * Nothing recurses and nothing is read twice: a name, a local part and the name of a group begin alike, so their words are
 * collected once and judged by the character behind them.
 */
import { MessageError } from '../errors.js';
import { AddressScanner, END, type Word } from './address-scanner.js';
import { domainFault } from './domain.js';
import {
  formatAddrSpec,
  isPlainUser,
  mailboxKey,
  type Group,
  type LocatedMailbox,
  type Mailbox,
  type ParsedAddressList,
} from './mailbox.js';
import { readPlainAddrSpec, readPlainList } from './plain-addresses.js';

export type { LocatedMailbox, ParsedAddressList } from './mailbox.js';

/** The most mailboxes that one list, or one message, may name. */
export const MAX_RECIPIENTS = 100_000;
/** Octets of a path with its angle brackets (RFC 5321 section 4.5.3.1.3 promises 256; long return paths exceed that). */
export const MAX_PATH_OCTETS = 1_000;

const COMMA = 0x2c;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const OPEN_ANGLE = 0x3c;
const CLOSE_ANGLE = 0x3e;
const AT = 0x40;
const OPEN_BRACKET = 0x5b;
const DOT = 0x2e;

// eslint-disable-next-line no-control-regex -- this is the range of ASCII
const BEYOND_ASCII = /[^\x00-\x7f]/;
/** What nobody sees, or what turns the direction of its neighbours: one address could pass for another. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;

export interface AddressSyntax {
  /** The header field that is read, named by errors. */
  readonly header?: string | undefined;
  /** Refuses local parts without a domain. */
  readonly requireDomain?: boolean | undefined;
  /** Takes `<>` for the null reverse-path (RFC 5321 section 4.5.5): a mailbox whose address is `''`. */
  readonly nullAddress?: boolean | undefined;
  /** The text was made from octets that are no UTF-8, so that an address beyond ASCII would be a guess. */
  readonly unknownCharset?: boolean | undefined;
}

/** A whole list. Empty elements are dropped (obs-addr-list), and the comma behind a group may be missing. */
export function parseStrictList(text: string, syntax: AddressSyntax = {}): ParsedAddressList {
  refuseNoText(text, syntax.header);
  return readPlainList(text, MAX_RECIPIENTS) ?? new AddressParser(text, syntax).list();
}

/** Exactly one mailbox. */
export function parseStrictMailbox(text: string, syntax: AddressSyntax = {}): Mailbox {
  return new AddressParser(text, syntax).mailbox();
}

/** Exactly one addr-spec, or a local part alone, as a command of SMTP has it: no name, brackets, comments or white space. */
export function parseStrictAddrSpec(text: string, syntax: AddressSyntax = {}): Mailbox {
  refuseNoText(text, syntax.header);
  return readPlainAddrSpec(text) ?? new AddressParser(text, syntax, true).addrSpec();
}

interface OpenGroup {
  readonly name: string;
  readonly members: Mailbox[];
  readonly position: number;
}

/** Each method leaves the cursor behind what it read and behind the white space and comments that follow. */
class AddressParser {
  readonly #scanner: AddressScanner;
  readonly #syntax: AddressSyntax;
  /** Spares the checks of characters in nearly every text. */
  readonly #isAscii: boolean;
  /** A quoted string alone is a name that lost its address in a list of addresses, but a local user where one is asked for. */
  #inList = false;

  constructor(text: string, syntax: AddressSyntax, compact = false) {
    refuseNoText(text, syntax.header);
    this.#scanner = new AddressScanner(text, { header: syntax.header, compact });
    this.#syntax = syntax;
    this.#isAscii = !BEYOND_ASCII.test(text);
  }

  list(): ParsedAddressList {
    this.#inList = true;
    const scanner = this.#scanner;
    const entries: (Mailbox | Group)[] = [];
    const mailboxes: LocatedMailbox[] = [];
    let group: OpenGroup | undefined;
    for (;;) {
      scanner.skipCfws();
      if (scanner.take(COMMA)) continue;
      if (scanner.peek() === END) break;
      if (group !== undefined && scanner.take(SEMICOLON)) {
        entries.push({ name: group.name, members: group.members });
        group = undefined;
        continue;
      }
      const element = this.#mailboxOrGroup();
      if ('members' in element) {
        if (group !== undefined) scanner.fail('a group stands inside a group', { position: element.position });
        group = element;
        continue;
      }
      if (mailboxes.length === MAX_RECIPIENTS) this.#failTooMany(element.position);
      mailboxes.push(element);
      (group?.members ?? entries).push(element.mailbox);
      const behind = scanner.peek();
      if (behind !== COMMA && behind !== END && (behind !== SEMICOLON || group === undefined))
        this.#failBehindAddress();
    }
    if (group !== undefined) scanner.fail('the group is not closed with ";"', { position: group.position });
    this.#checkUsersWithoutDomain(mailboxes);
    return { entries, mailboxes, lenient: false };
  }

  mailbox(): Mailbox {
    this.#scanner.skipCfws();
    const element = this.#mailboxOrGroup();
    if ('members' in element) {
      this.#scanner.fail('a group stands where one address is expected', { position: element.position });
    }
    if (this.#scanner.peek() !== END) this.#failBehindOnly();
    this.#checkUsersWithoutDomain([element]);
    return element.mailbox;
  }

  addrSpec(): Mailbox {
    const located = this.#address('', this.#scanner.words());
    if (this.#scanner.peek() !== END) this.#failBehindOnly();
    this.#checkUsersWithoutDomain([located]);
    return located.mailbox;
  }

  /** mailbox, or the beginning of group up to its colon. */
  #mailboxOrGroup(): LocatedMailbox | OpenGroup {
    const { position } = this.#scanner;
    const words = this.#scanner.words();
    const behind = this.#scanner.peek();
    if (behind === OPEN_ANGLE) return this.#angleAddress(words.length === 0 ? '' : this.#phrase(words));
    if (behind !== COLON) return this.#addressAlone(words);
    const name = this.#phrase(words);
    this.#scanner.take(COLON);
    return { name, members: [], position };
  }

  /** An address that does not begin with an angle bracket. */
  #addressAlone(words: readonly Word[]): LocatedMailbox {
    const located = this.#address('', words);
    const { mailbox, position } = located;
    if (this.#inList && mailbox.domain === '' && !isPlainUser(mailbox.localPart)) this.#failNameAlone(position);
    if (mailbox.domain === '' || this.#scanner.peek() !== OPEN_ANGLE) return located;
    // Not in the grammar, but frequent, and harmless where name and address agree: `j@x <j@x>`.
    const named = this.#angleAddress(mailbox.address);
    if (mailboxKey(mailbox) !== mailboxKey(named.mailbox)) {
      this.#scanner.fail('the name in front of the address is another address', {
        position,
        hint: 'Put a comma between two addresses, or quotes around a name that holds "@".',
      });
    }
    return named;
  }

  /** phrase and obs-phrase: words, and dots behind the first one. */
  #phrase(words: readonly Word[]): string {
    const [first] = words;
    if (first === undefined) this.#scanner.failHere();
    if (first.kind === 'dot') this.#scanner.fail('a name begins with a dot', { position: first.position });
    let name = first.value;
    for (const word of words.slice(1)) name += word.spaced ? ` ${word.value}` : word.value;
    return name;
  }

  /** addr-spec, or a local part alone, of words that were read already. */
  #address(name: string, words: readonly Word[]): LocatedMailbox {
    const [first] = words;
    if (first === undefined) {
      this.#scanner.failHere(this.#scanner.peek() === AT ? { hint: 'The local part in front of it is missing.' } : {});
    }
    const { position } = first;
    const localPart = this.#localPart(words);
    const domain = this.#scanner.take(AT) ? this.#domain() : '';
    const address = formatAddrSpec(localPart, domain);
    // A code unit is three octets at most: only what may be too long is measured.
    if (address.length * 3 + 2 > MAX_PATH_OCTETS && Buffer.byteLength(address) + 2 > MAX_PATH_OCTETS) {
      this.#failTooLong(position);
    }
    return { mailbox: { name, address, localPart, domain }, position };
  }

  /** local-part and obs-local-part: words with one dot between each two. */
  #localPart(words: readonly Word[]): string {
    let localPart = '';
    let behindDot = true;
    for (const { kind, value, position } of words) {
      if (kind !== 'dot' && !behindDot) {
        if (this.#scanner.peek() !== AT) this.#failNameAlone(position);
        this.#scanner.fail('a local part has two words without a dot between them', {
          position,
          hint: 'Put angle brackets around an address that follows a name, or quotes around a local part with white space.',
        });
      }
      if (kind === 'dot' && behindDot) this.#failDot(position);
      behindDot = kind === 'dot';
      localPart += value;
      if (localPart.length > MAX_PATH_OCTETS) this.#failTooLong(words[0]?.position);
    }
    if (behindDot) this.#failDot(words.at(-1)?.position);
    this.#checkCharacters('local part', localPart, words[0]?.position);
    return localPart;
  }

  /** angle-addr and obs-angle-addr. */
  #angleAddress(name: string): LocatedMailbox {
    const scanner = this.#scanner;
    const { position } = scanner;
    scanner.take(OPEN_ANGLE);
    scanner.skipCfws();
    let located: LocatedMailbox = { mailbox: { name, address: '', localPart: '', domain: '' }, position };
    if (scanner.peek() !== CLOSE_ANGLE) {
      if (scanner.peek() === AT || scanner.peek() === COMMA) this.#dropRoute();
      located = this.#address(name, scanner.words());
    } else if (this.#syntax.nullAddress !== true) {
      scanner.fail('there is no address between "<" and ">"', { position });
    }
    if (scanner.peek() === END) scanner.fail('the "<" is not closed', { position });
    if (!scanner.take(CLOSE_ANGLE)) scanner.failHere();
    scanner.skipCfws();
    return located;
  }

  /** obs-route: `@one.example,@two.example:`. RFC 5321 appendix C: it is to be ignored. */
  #dropRoute(): void {
    const scanner = this.#scanner;
    let domains = 0;
    let behindDomain = false;
    while (domains === 0 || scanner.peek() !== COLON) {
      if (scanner.take(COMMA)) {
        behindDomain = false;
      } else if (!behindDomain && scanner.take(AT)) {
        this.#domain();
        domains += 1;
        behindDomain = true;
      } else {
        scanner.failHere();
      }
      scanner.skipCfws();
    }
    scanner.take(COLON);
    scanner.skipCfws();
  }

  /** domain and obs-domain. */
  #domain(): string {
    const scanner = this.#scanner;
    scanner.skipCfws();
    const { position } = scanner;
    let domain = '';
    if (scanner.peek() === OPEN_BRACKET) {
      domain = scanner.domainLiteral();
    } else {
      for (;;) {
        const label = scanner.atom();
        if (label === '')
          scanner.fail(domain === '' ? 'the domain behind "@" is missing' : 'a label of the domain is missing');
        domain += label;
        scanner.skipCfws();
        if (!scanner.take(DOT)) break;
        domain += '.';
        scanner.skipCfws();
      }
      this.#checkCharacters('domain', domain, position);
    }
    const fault = domainFault(domain);
    if (fault !== undefined) scanner.fail(fault, { position });
    return domain;
  }

  #checkCharacters(part: string, value: string, position = 0): void {
    if (value.includes('\t')) this.#scanner.fail(`the ${part} holds a tab`, { position });
    if (this.#isAscii || !BEYOND_ASCII.test(value)) return;
    if (this.#syntax.unknownCharset === true) {
      this.#scanner.fail(`the ${part} is neither ASCII nor UTF-8`, { position, hint: 'RFC 6532 wants UTF-8.' });
    }
    const unseen = UNSEEN.exec(value)?.[0].codePointAt(0);
    if (unseen !== undefined) {
      const name = `U+${unseen.toString(16).toUpperCase().padStart(4, '0')}`;
      this.#scanner.fail(`the ${part} holds the invisible character ${name}`, {
        position,
        hint: 'Remove it: with a character that nobody sees, one address can pass for another.',
      });
    }
  }

  /** A local user is a legal address, but beside addresses with a domain a lone word is rather a piece of a name. */
  #checkUsersWithoutDomain(mailboxes: readonly LocatedMailbox[]): void {
    const user = mailboxes.find(({ mailbox }) => mailbox.domain === '' && mailbox.address !== '');
    if (user === undefined) return;
    const { position } = user;
    if (this.#syntax.requireDomain === true) {
      this.#scanner.fail('the address has no domain', { position, hint: 'Write user@domain, or allow local users.' });
    }
    if (mailboxes.some(({ mailbox }) => mailbox.domain !== '')) {
      this.#scanner.fail('a word without a domain stands beside addresses that have one', {
        position,
        hint: 'Put quotes around a name that holds a comma ("Doe, John" <john@example.com>), or give a local user a domain.',
      });
    }
  }

  #failNameAlone(position: number): never {
    this.#scanner.fail('a name stands without an address', { position, hint: 'Write it as: Name <user@domain>.' });
  }

  #failDot(position = 0): never {
    this.#scanner.fail('a dot of a local part has no word beside it', {
      position,
      hint: 'Put quotes around such a local part: "a..b"@example.com.',
    });
  }

  #failTooLong(position = 0): never {
    this.#scanner.fail(`the address has more than ${String(MAX_PATH_OCTETS)} octets`, { position });
  }

  #failBehindAddress(): never {
    this.#scanner.failHere({
      hint: 'Put a comma between addresses, and angle brackets around one that follows a name.',
    });
  }

  /** One address was asked for. */
  #failBehindOnly(): never {
    if (this.#scanner.peek() !== COMMA) this.#failBehindAddress();
    this.#scanner.failHere({
      hint: 'One address is expected here: give several as a list, each as an entry of its own.',
    });
  }

  #failTooMany(position: number): never {
    this.#scanner.fail(`there are more than ${String(MAX_RECIPIENTS)} addresses`, {
      position,
      code: 'ERR_TOO_MANY_RECIPIENTS',
      hint: 'Give each message a part of them.',
    });
  }
}

/** Callers without types may give anything. */
function refuseNoText(text: unknown, header: string | undefined): void {
  if (typeof text === 'string') return;
  throw new MessageError(`an address is text, not ${text === null ? 'null' : typeof text}`, {
    code: 'ERR_INVALID_ARGUMENT',
    header,
    hint: 'Give a string.',
  });
}
