/**
 * The grammar of address lists as one regular expression over tokens, a letter each: RFC 5322 section 3.4 with the obsolete
 * forms of section 4.4, and what this project adds to it (local users, a missing comma behind a group, an address as its own
 * name). A second statement of what the parser accepts, before its policies.
 */
import { tokensOf, type Token } from './tokens.js';

const LETTERS: Readonly<Record<Token['kind'], (text: string) => string>> = {
  white: () => '',
  comment: () => '',
  quoted: () => 'Q',
  literal: () => 'L',
  atom: () => 'A',
  special: (text) => text,
};

const localPart = '[AQ](?:\\.[AQ])*';
const domain = '(?:A(?:\\.A)*|L)';
const addrSpec = `${localPart}@${domain}`;
const route = `,*@${domain}(?:,(?:@${domain})?)*:`;
const angleAddress = `<(?:${route})?${localPart}(?:@${domain})?>`;
const phrase = '[AQ][AQ.]*';
const mailbox = `(?:(?:${phrase}|${addrSpec})?${angleAddress}|${addrSpec}|${localPart})`;
const group = `${phrase}:,*(?:${mailbox}(?:,+${mailbox})*,*)?;`;
const ADDRESS_LIST = new RegExp(`^,*(?:${mailbox}(?:,+|$)|${group},*)*$`);

/** Whether the text is an address list, whatever its words say. */
export function isAddressList(text: string): boolean {
  const letters = tokensOf(text)?.map(({ kind, text: token }) => LETTERS[kind](token));
  return letters !== undefined && ADDRESS_LIST.test(letters.join(''));
}
