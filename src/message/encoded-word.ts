/**
 * Text beyond ASCII for phrases of header fields (RFC 2047). One rule: what a reader decodes is what was given, so text that only
 * looks like an encoded-word is encoded as well.
 */
import { formatPhrase } from './mailbox.js';

/** An encoded-word has 75 octets at most: 45 octets of text, in base64, leave room for what stands around it. */
const MAX_TEXT_OCTETS = 45;

// eslint-disable-next-line no-control-regex -- this is the range of ASCII
const PLAIN = /^[\x00-\x7f]*$/;

/** A display name as an ASCII header field has it: atoms, a quoted string, or encoded-words. */
export function encodePhrase(name: string): string {
  return PLAIN.test(name) && !name.includes('=?') ? formatPhrase(name) : encodeWords(name);
}

/** Encoded-words of whole characters (RFC 2047 section 5). The white space between them is not part of the text. */
function encodeWords(text: string): string {
  const words: string[] = [];
  let chunk = '';
  let chunkOctets = 0;
  for (const character of text) {
    const octets = Buffer.byteLength(character);
    if (chunkOctets + octets > MAX_TEXT_OCTETS) {
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
