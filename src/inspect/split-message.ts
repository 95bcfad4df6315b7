/**
 * Where the header block of a message ends. One rule: the empty line is the same one that `Message.parse` sees: CRLF, a lone LF and a
 * lone CR each end a line.
 */

const LF = 0x0a;
const CR = 0x0d;

/** The octets behind the empty line; none when there is no such line. A BOM may stand in front of the message. */
export function bodyOfRaw(octets: Buffer): Buffer {
  const hasByteOrderMark = octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf;
  return bodyOf(hasByteOrderMark ? octets.subarray(3) : octets);
}

/** The same of octets as they are sent. */
export function bodyOf(octets: Buffer): Buffer {
  let position = 0;
  while (position < octets.length) {
    const isEmpty = octets[position] === LF || octets[position] === CR;
    while (position < octets.length && octets[position] !== LF && octets[position] !== CR) position += 1;
    position += octets[position] === CR && octets[position + 1] === LF ? 2 : 1;
    if (isEmpty) return octets.subarray(position);
  }
  return octets.subarray(octets.length);
}
