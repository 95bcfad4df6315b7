/**
 * Encoded-words (RFC 2047) read for people. One rule: what cannot be decoded stays as it stands, and the work grows with the text
 * alone. The result is for showing: nothing that decides who gets a message looks at it.
 */
import { checkText } from './check-argument.js';

/** Spaces in the text of a word are a common fault, and can be read in one way only. */
const WORD = /=\?([^?\s]{1,100})\?([bBqQ])\?([^?\r\n]*)\?=/g;
const BLANK = /^[ \t\r\n]*$/;

/** Words in one charset with nothing but white space between them. */
interface Run {
  readonly charset: string;
  readonly pieces: Buffer[];
  readonly start: number;
  end: number;
}

/**
 * Text of a header field with its encoded-words decoded, as a reader shows it; white space between two of them is dropped. A character
 * that was cut between two words is put together. Words in an unknown charset stay as they are.
 *
 * An encoded-word may hold any character, line ends and controls too: the result is no header field, and no part of an address.
 *
 * @throws MessageError: `ERR_INVALID_ARGUMENT` for what is no string.
 */
export function decodeWords(text: string): string {
  checkText(text, 'the text to decode');
  const runs: Run[] = [];
  for (const match of text.matchAll(WORD)) {
    const [source, label = '', encoding = '', encoded = ''] = match;
    const charset = label.replace(/\*.*/, '').toLowerCase();
    const octets = encoding.toLowerCase() === 'b' ? Buffer.from(encoded, 'base64') : unquoted(encoded);
    const last = runs.at(-1);
    const end = match.index + source.length;
    if (last?.charset === charset && BLANK.test(text.slice(last.end, match.index))) {
      last.pieces.push(octets);
      last.end = end;
    } else runs.push({ charset, pieces: [octets], start: match.index, end });
  }
  let result = '';
  let position = 0;
  let isBehindWord = false;
  for (const { charset, pieces, start, end } of runs) {
    const decoded = decode(Buffer.concat(pieces), charset);
    const between = text.slice(position, start);
    if (!(isBehindWord && decoded !== undefined && BLANK.test(between))) result += between;
    result += decoded ?? text.slice(start, end);
    isBehindWord = decoded !== undefined;
    position = end;
  }
  return result + text.slice(position);
}

/** RFC 2047 section 4.2. */
function unquoted(encoded: string): Buffer {
  const text = encoded
    .replaceAll('_', ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}

function decode(octets: Buffer, charset: string): string | undefined {
  try {
    return new TextDecoder(charset).decode(octets);
  } catch {
    return undefined;
  }
}
