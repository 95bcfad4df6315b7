// A server that takes a message prepends trace fields (RFC 5321 section 4.4). What is stripped is exactly that block: the
// named fields, each once, in the order given, with their folded lines. Anything else there is an error, not a difference.

export interface Traced {
  /** Unfolded values by name, in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  /** What came behind the block. */
  readonly bytes: Buffer;
}

/**
 * `names` in the order in which the server writes them; one that ends in `?` may be missing. Throws when the bytes do not begin
 * with exactly these.
 */
export function takeTraceBlock(bytes: Buffer, names: readonly string[]): Traced {
  const fields = new Map<string, string>();
  let start = 0;
  for (const entry of names) {
    const optional = entry.endsWith('?');
    const name = optional ? entry.slice(0, -1) : entry;
    const end = endOfField(bytes, start);
    const [label, ...value] = bytes.toString('utf8', start, end).split(':');
    if (label?.toLowerCase() !== name.toLowerCase()) {
      if (optional) continue;
      throw new Error(
        `Expected the trace field ${name} at octet ${String(start)}, not: ${bytes.toString('latin1', start, end)}`,
      );
    }
    fields.set(
      name.toLowerCase(),
      value
        .join(':')
        .replace(/\r?\n(?=[ \t])/g, '')
        .trim(),
    );
    start = end;
  }
  return { fields, bytes: bytes.subarray(start) };
}

function endOfField(bytes: Buffer, start: number): number {
  let end = start;
  do {
    const newline = bytes.indexOf(0x0a, end);
    if (newline === -1) throw new Error('The trace block has no end.');
    end = newline + 1;
  } while (bytes[end] === 0x20 || bytes[end] === 0x09);
  return end;
}

/** `<a@b.c>` or `a@b.c` without the brackets. */
export function bareAddress(value: string): string {
  return value.startsWith('<') && value.endsWith('>') ? value.slice(1, -1) : value;
}

/**
 * The content with CRLF line ends, of a server that stores LF for each CRLF it read. A CR that is left was a CR of its own
 * on the wire; it stays, so that it shows up as a difference.
 */
export function withCrlf(stored: Buffer): Buffer {
  return Buffer.from(stored.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}
