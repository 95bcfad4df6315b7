/**
 * The text of a DKIM-Signature field (RFC 6376 section 3.5). One rule: `b=` stands last, so that what is signed is what is
 * written, up to where the signature begins.
 */

/** RFC 5322 section 2.1.1: the octets that a line should not exceed. */
const PREFERRED_LINE_OCTETS = 78;
/** A signature that begins in fewer octets than this gets a line of its own. */
const ROOM_FOR_SIGNATURE = 16;

export interface SignatureTags {
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly canonicalization: string;
  readonly domain: string;
  readonly selector: string;
  /** Seconds since the Unix epoch. */
  readonly signedAt: number;
  readonly expiresAt: number | undefined;
  readonly names: readonly string[];
  /** In base64. */
  readonly bodyHash: string;
}

/** The field, folded at 78 octets, up to and with `b=`. No line end. */
export function unsignedField(tags: SignatureTags): string {
  const lines = new FoldedLines('DKIM-Signature:');
  lines.word('v=1;');
  lines.word(`a=${tags.algorithm};`);
  lines.word(`c=${tags.canonicalization};`);
  lines.word(`d=${tags.domain};`);
  lines.word(`s=${tags.selector};`);
  lines.word(`t=${String(tags.signedAt)};`);
  if (tags.expiresAt !== undefined) lines.word(`x=${String(tags.expiresAt)};`);
  tags.names.forEach((name, index) => {
    const end = index === tags.names.length - 1 ? ';' : ':';
    if (index === 0) lines.word(`h=${name}${end}`);
    else lines.part(`${name}${end}`);
  });
  lines.word(`bh=${tags.bodyHash};`);
  lines.word('b=', ROOM_FOR_SIGNATURE);
  return lines.text;
}

/** The whole field with its line end. `signature` is base64, and white space within it does not count. */
export function signedField(unsigned: string, signature: string): string {
  const lines = new FoldedLines(unsigned);
  for (let start = 0; start < signature.length;) {
    const part = signature.slice(start, start + Math.max(lines.room, 1));
    lines.part(part);
    start += part.length;
  }
  return `${lines.text}\r\n`;
}

class FoldedLines {
  #text: string;
  #lineOctets: number;

  constructor(text: string) {
    this.#text = text;
    this.#lineOctets = text.length - (text.lastIndexOf('\n') + 1);
  }

  get text(): string {
    return this.#text;
  }

  /** Octets that fit on this line; on a new one when there are none left. */
  get room(): number {
    const room = PREFERRED_LINE_OCTETS - this.#lineOctets;
    return room > 0 ? room : PREFERRED_LINE_OCTETS - 1;
  }

  /** Something that a space parts from what is in front of it, and room behind it. */
  word(text: string, roomBehind = 0): void {
    this.#add(' ', text, roomBehind);
  }

  /** Something that stands beside what is in front of it. */
  part(text: string): void {
    this.#add('', text, 0);
  }

  #add(separator: string, text: string, roomBehind: number): void {
    const isTooLong = this.#lineOctets + separator.length + text.length + roomBehind > PREFERRED_LINE_OCTETS;
    if (isTooLong) {
      this.#text += `\r\n ${text}`;
      this.#lineOctets = 1 + text.length;
    } else {
      this.#text += `${separator}${text}`;
      this.#lineOctets += separator.length + text.length;
    }
  }
}
