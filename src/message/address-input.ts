/** Addresses that an application gives, as an address field. One rule: the field is written from what was understood. */
import { MessageError } from '../errors.js';
import { parseStrictAddrSpec } from './address-parser.js';
import { checkName, readAddressList } from './address.js';
import { domainToAscii } from './domain.js';
import { encodePhrase } from './encoded-word.js';
import {
  formatAddrSpec,
  formatNameAddress,
  formatPhrase,
  type AddressInput,
  type Group,
  type Mailbox,
} from './mailbox.js';

export interface AddressField {
  /** The value of the field, unfolded; `''` when there are no addresses and no groups. */
  readonly value: string;
  readonly mailboxes: readonly Mailbox[];
}

const LINE_END_OR_NUL = /[\r\n\0]/;

/**
 * @param header the field that the addresses are for, named by errors.
 * @throws InvalidAddressError, or MessageError (`ERR_INVALID_NAME`, `ERR_INVALID_ADDRESS_INPUT`).
 */
export function readAddressInput(input: AddressInput | undefined, header: string): AddressField {
  if (input === undefined) return NOBODY;
  if (!Array.isArray(input)) return readOne(input, header);
  const items: readonly unknown[] = input;
  const values: string[] = [];
  const mailboxes: Mailbox[] = [];
  for (const item of items) {
    const field = readOne(item, header);
    if (field.value !== '') values.push(field.value);
    for (const mailbox of field.mailboxes) mailboxes.push(mailbox);
  }
  return { value: values.join(', '), mailboxes };
}

const NOBODY: AddressField = { value: '', mailboxes: [] };

function readOne(item: unknown, header: string): AddressField {
  if (typeof item === 'string') return readText(item, header);
  if (typeof item === 'object' && item !== null && 'address' in item && typeof item.address === 'string') {
    const name = 'name' in item ? item.name : undefined;
    if (name === undefined || typeof name === 'string') return readNameAddress(name ?? '', item.address, header);
  }
  throw new MessageError(`${header}: an address is neither text nor an object with name and address`, {
    code: 'ERR_INVALID_ADDRESS_INPUT',
    header,
    hint: "Give 'Name <user@domain>', { name, address }, or a list of these.",
  });
}

/** Text is in the syntax of a header field: its names may hold encoded-words, which stay. */
function readText(text: string, header: string): AddressField {
  if (LINE_END_OR_NUL.test(text)) {
    const position = String(text.search(LINE_END_OR_NUL));
    throw new MessageError(`${header}: the address holds a line end or NUL at position ${position}`, {
      code: 'ERR_INVALID_HEADER_VALUE',
      header,
    });
  }
  const { entries, mailboxes } = readAddressList(text, { header }, 'strict');
  let value = '';
  for (const entry of entries) value += value === '' ? writeEntry(entry) : `, ${writeEntry(entry)}`;
  return { value, mailboxes: mailboxes.map(({ mailbox }) => mailbox) };
}

function writeEntry(entry: Mailbox | Group): string {
  if (!('members' in entry)) return formatNameAddress(entry.name === '' ? '' : writeName(entry.name), onTheWire(entry));
  return `${writeName(entry.name)}:${entry.members.map((member) => ` ${writeEntry(member)}`).join(',')};`;
}

/** An internationalized domain in its A-labels, so that a field needs no SMTPUTF8 where the local part is ASCII. */
function onTheWire(mailbox: Mailbox): Mailbox {
  const { localPart, domain } = mailbox;
  if (!ASCII.test(localPart) || ASCII.test(domain)) return mailbox;
  return { ...mailbox, address: formatAddrSpec(localPart, domainToAscii(domain) ?? domain) };
}

// eslint-disable-next-line no-control-regex -- this is the range of ASCII
const ASCII = /^[\x00-\x7f]*$/;

function writeName(name: string): string {
  if (ASCII.test(name)) return formatPhrase(name);
  // The parser lets half a surrogate pair pass, which UTF-8 cannot carry.
  checkName(name);
  return encodePhrase(name);
}

/** In an object, the name is text for people: nothing in it is syntax. */
function readNameAddress(name: string, address: string, header: string): AddressField {
  checkName(name);
  const mailbox = parseStrictAddrSpec(address, { header });
  return {
    value: formatNameAddress(name === '' ? '' : encodePhrase(name), onTheWire(mailbox)),
    mailboxes: [{ ...mailbox, name }],
  };
}
