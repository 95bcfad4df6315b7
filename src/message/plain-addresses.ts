/**
 * Lists of nothing but plain addresses, as most are, read by one expression. One rule: what is read here is what the strict parser
 * would read; whatever is not plain beyond doubt is left to it.
 */
import type { LocatedMailbox, Mailbox, ParsedAddressList } from './mailbox.js';

const ATEXT = "A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~";
const NAME_WORD = `[${ATEXT}\\u0080-\\uffff]+`;
const LOCAL_PART = `[${ATEXT}]+(?:\\.[${ATEXT}]+)*`;
const DOMAIN = '[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*';
/** An element with the comma behind it: an address, or a name of words without quotes and dots, and an address in angle brackets. */
const ELEMENT = new RegExp(`(?:(${NAME_WORD}(?: ${NAME_WORD})*) <)?(${LOCAL_PART})@(${DOMAIN})(>)?(?:, ?|$)`, 'y');
const ADDR_SPEC = new RegExp(`^(${LOCAL_PART})@(${DOMAIN})$`);

/** A domain that is no longer than a label may be is short enough; the parser measures the others. */
const MAX_DOMAIN_LENGTH = 63;
const MAX_LOCAL_PART_LENGTH = 500;

/** Undefined: the list is not plain, or longer than `maxLength`. */
export function readPlainList(text: string, maxLength = Infinity): ParsedAddressList | undefined {
  const entries: Mailbox[] = [];
  const mailboxes: LocatedMailbox[] = [];
  for (let start = 0; start < text.length; start = ELEMENT.lastIndex) {
    ELEMENT.lastIndex = start;
    const found = ELEMENT.exec(text);
    if (found === null || entries.length === maxLength) return undefined;
    const name = found[1];
    if ((name === undefined) !== (found[4] === undefined)) return undefined;
    const mailbox = plainMailbox(name ?? '', found[2], found[3]);
    if (mailbox === undefined) return undefined;
    entries.push(mailbox);
    mailboxes.push({ mailbox, position: name === undefined ? start : start + name.length + 2 });
  }
  return { entries, mailboxes, lenient: false };
}

/** One addr-spec. Undefined: it is not plain. */
export function readPlainAddrSpec(text: string): Mailbox | undefined {
  const found = ADDR_SPEC.exec(text);
  return found === null ? undefined : plainMailbox('', found[1], found[2]);
}

function plainMailbox(name: string, localPart = '', domain = ''): Mailbox | undefined {
  if (localPart.length > MAX_LOCAL_PART_LENGTH || domain.length > MAX_DOMAIN_LENGTH) return undefined;
  return { name, address: `${localPart}@${domain}`, localPart, domain };
}
