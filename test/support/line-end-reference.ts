/**
 * What a line is, once more and octet by octet, so that the encoder is not checked against itself: CRLF, a lone LF and a
 * lone CR each end one.
 */

export type LineEnd = 'CRLF' | 'LF' | 'CR' | 'none';

export interface Line {
  readonly octets: Uint8Array;
  /** `none`: the last line, which has no line end. */
  readonly end: LineEnd;
}

const CR = 13;
const LF = 10;

export function linesOf(octets: Uint8Array): readonly Line[] {
  const lines: Line[] = [];
  let line: number[] = [];
  const finish = (end: LineEnd): void => {
    lines.push({ octets: Uint8Array.from(line), end });
    line = [];
  };
  for (let at = 0; at < octets.length; at += 1) {
    const octet = octets[at] ?? 0;
    if (octet === LF) {
      finish('LF');
    } else if (octet !== CR) {
      line.push(octet);
    } else if (octets[at + 1] === LF) {
      finish('CRLF');
      at += 1;
    } else {
      finish('CR');
    }
  }
  if (line.length > 0) finish('none');
  return lines;
}

/** Every line with CRLF behind it. */
export function canonicalOf(octets: Uint8Array): Buffer {
  return Buffer.concat(linesOf(octets).flatMap((line) => [line.octets, Buffer.from('\r\n')]));
}

/** Whether a lone CR stands in the header block: the lines up to and including the first empty one. */
export function hasLoneCrInHeader(octets: Uint8Array): boolean {
  for (const { octets: line, end } of linesOf(octets)) {
    if (end === 'CR') return true;
    if (line.length === 0) return false;
  }
  return false;
}
