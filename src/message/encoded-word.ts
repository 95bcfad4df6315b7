/**
 * Text beyond ASCII in header fields (RFC 2047). One rule: what a reader decodes is what was given, so text that only
 * looks like an encoded-word is encoded as well.
 */
import { formatPhrase } from './mailbox.js';

/** RFC 2047 section 2: a line with an encoded-word in it has 76 octets at most. */
const MAX_LINE_OCTETS = 76;
/** What stands around the text of an encoded-word: `=?UTF-8?B?` and `?=`. */
const FRAME_OCTETS = 12;
/** The longest name of an address field, `Resent-Sender`, with its colon and space. */
const ADDRESS_FIELD_OCTETS = 15;
/** Enough for any character, when the name of the field leaves no room. */
const MIN_TEXT_OCTETS = 6;

/** Longer words cannot be folded, and a line has 998 octets at most (RFC 5322 section 2.1.1). */
const MAX_WORD_LENGTH = 900;

function hasTooLongWord(text: string): boolean {
  return text.length > MAX_WORD_LENGTH && text.split(/[ \t]/).some((word) => word.length > MAX_WORD_LENGTH);
}

// eslint-disable-next-line no-control-regex -- this is the range of ASCII
const PLAIN = /^[\x00-\x7f]*$/;

/** A display name as an ASCII header field has it: atoms, a quoted string, or encoded-words. */
export function encodePhrase(name: string): string {
  const isPlain = PLAIN.test(name) && !name.includes('=?') && !hasTooLongWord(name);
  return isPlain ? formatPhrase(name) : encodeWords(name, ADDRESS_FIELD_OCTETS);
}

/** Whether text can stand in an unstructured field as it is: a reader trims it, and may take tabs for spaces. */
export function isPlainText(text: string): boolean {
  return !/[^ -~]/.test(text) && text.trim() === text && !text.includes('=?') && !hasTooLongWord(text);
}

/**
 * Encoded-words of whole characters (RFC 2047 section 5). The white space between them is not part of the text.
 *
 * @param besideOctets what stands in front of the first word on its line.
 */
export function encodeWords(text: string, besideOctets: number): string {
  const room = Math.floor((MAX_LINE_OCTETS - FRAME_OCTETS - besideOctets) / 4) * 3;
  const maxTextOctets = Math.max(room, MIN_TEXT_OCTETS);
  // Nothing to cut, in most.
  if (text.length <= maxTextOctets && Buffer.byteLength(text) <= maxTextOctets) return encodedWord(text);
  const words: string[] = [];
  let chunk = '';
  let chunkOctets = 0;
  for (const character of text) {
    const octets = Buffer.byteLength(character);
    if (chunkOctets + octets > maxTextOctets) {
      words.push(encodedWord(chunk));
      chunk = '';
      chunkOctets = 0;
    }
    chunk += character;
    chunkOctets += octets;
  }
  words.push(encodedWord(chunk));
  return words.join(' ');
}

function encodedWord(text: string): string {
  return `=?UTF-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
