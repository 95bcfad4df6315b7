/**
 * Bytes as text: one escape notation for transcripts, for behaviours and for what the server prints. What `showBytes`
 * writes, `readEscapes` reads back to the same bytes.
 */

/** A bad escape; the caller knows the line and says it. */
export class EscapeError extends Error {
  override readonly name = 'EscapeError';
}

const named: Readonly<Record<string, number>> = { r: 13, n: 10, t: 9, 0: 0, s: 32 };

/** Stands for an unescaped `*` in the text that `readPattern` returns: no octet has this value. */
export const anyRun = '\u0100';

/** One octet per character: the form in which lines are compared. */
function read(text: string, star: string): string {
  let out = '';
  const encode = (part: string): string => Buffer.from(part, 'utf8').toString('latin1');
  for (let at = 0; at < text.length;) {
    const next = text.indexOf('\\', at);
    const plain = text.slice(at, next === -1 ? text.length : next);
    out += encode(plain).replaceAll('*', star);
    if (next === -1) break;
    const letter = text.charAt(next + 1);
    const hex = /^x([0-9a-fA-F]{2})/.exec(text.slice(next + 1, next + 4))?.[1];
    const value = named[letter];
    if (hex !== undefined) {
      out += String.fromCharCode(Number.parseInt(hex, 16));
      at = next + 4;
    } else if (value !== undefined) {
      out += String.fromCharCode(value);
      at = next + 2;
    } else if (/^[!-/:-@[-`{-~]$/.test(letter)) {
      out += letter;
      at = next + 2;
    } else {
      throw new EscapeError(`"\\${letter}" is no escape`);
    }
  }
  return out;
}

/** The octets of a text in which `\r \n \t \0 \s \xHH` and a backslash in front of punctuation are escapes. */
export function readEscapes(text: string): Buffer {
  return Buffer.from(read(text, '*'), 'latin1');
}

/** As `readEscapes`, but one character per octet, and `anyRun` for each `*` that has no backslash. */
export function readPattern(text: string): string {
  return read(text, anyRun);
}

const escapeOf = new Map([
  [13, '\\r'],
  [10, '\\n'],
  [9, '\\t'],
  [0, '\\0'],
  [0x5c, '\\\\'],
]);

function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => `\\x${octet.toString(16).padStart(2, '0')}`).join('');
}

/** Bytes for people: UTF-8 as it is, everything that cannot be seen as an escape. */
export function showBytes(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (octet) => {
      if (octet >= 0x20 && octet < 0x7f) return escapeOf.get(octet) ?? String.fromCharCode(octet);
      return escapeOf.get(octet) ?? hexOf(Uint8Array.of(octet));
    }).join('');
  }
  return text.replace(/[\p{C}\p{Z}\\]/gu, (character) => {
    if (character === ' ') return character;
    return escapeOf.get(character.codePointAt(0) ?? 0) ?? hexOf(Buffer.from(character, 'utf8'));
  });
}

/** A line without its end, in a form that stands behind `C: ` or `S: ` and means these bytes and nothing else. */
export function showLine(line: Uint8Array): string {
  return showBytes(line)
    .replaceAll('*', '\\*')
    .replace(/^ | $/g, '\\s')
    .replace(/^["(</]/, (first) => `\\${first}`);
}

/** Bytes as they stand between quotes. */
export function quote(bytes: Uint8Array): string {
  return `"${showBytes(bytes).replaceAll('"', '\\"')}"`;
}
