/**
 * The receiving end of DATA (RFC 5321 section 4.5.2), strict: octet by octet, and whatever another server could read
 * differently is an error: a CR or LF outside CRLF, octets behind the end, an end that does not come.
 */

export function readData(octets: Uint8Array): Buffer {
  const content: Buffer[] = [];
  let position = 0;
  while (position < octets.length) {
    const end = lineEndFrom(octets, position);
    const line = Buffer.from(octets.subarray(position, end));
    position = end + 2;
    if (line.length === 1 && line[0] === 0x2e) {
      if (position !== octets.length) throw new Error(`${String(octets.length - position)} octets behind the end`);
      return Buffer.concat(content);
    }
    content.push(line[0] === 0x2e ? line.subarray(1) : line, Buffer.from('\r\n'));
  }
  throw new Error('the content has no end');
}

/** Where the CRLF of the line begins. */
function lineEndFrom(octets: Uint8Array, start: number): number {
  for (let at = start; at < octets.length; at += 1) {
    const octet = octets[at];
    if (octet === 10) throw new Error(`a lone LF at ${String(at)}`);
    if (octet !== 13) continue;
    if (octets[at + 1] !== 10) throw new Error(`a lone CR at ${String(at)}`);
    return at;
  }
  throw new Error('the last line has no end');
}
