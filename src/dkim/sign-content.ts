/**
 * DKIM signatures over content (RFC 6376 section 3.7). One rule: what is signed are the octets that go out, read once from the
 * content itself, and of the body nothing is kept but its hashes.
 */
import { createHash, sign, type Hash } from 'node:crypto';
import { MessageError } from '../errors.js';
import { asBuffer } from '../octets/line-ends.js';
import { BodyCanonicalizer, type CanonicalForm } from './canonical-body.js';
import { canonicalField } from './canonical-field.js';
import type { SigningKey } from './dkim-key.js';
import { signedField, unsignedField } from './signature-field.js';
import { fieldsOfNames, namesToSign, type FieldOctets } from './signed-fields.js';

const LINE_END = Buffer.from('\r\n');
const END_OF_HEADER = Buffer.from('\r\n\r\n');

/**
 * One DKIM-Signature for each key, in order, each ending in CRLF.
 *
 * @param content in its canonical form: CRLF line ends only.
 * @throws MessageError: `ERR_DKIM_NO_FROM`, before the body is read; what reading the content throws; the reason of the signal.
 */
export async function signContent(
  content: AsyncIterable<Uint8Array>,
  keys: readonly SigningKey[],
  now: Date,
  signal?: AbortSignal,
): Promise<string[]> {
  const head = new HeadReader();
  const hashes = new Map<CanonicalForm, BodyHash>(keys.map(({ bodyForm }) => [bodyForm, new BodyHash(bodyForm)]));
  for await (const chunk of content) {
    signal?.throwIfAborted();
    const body = head.isComplete ? chunk : head.push(chunk);
    if (body === undefined) continue;
    for (const hash of hashes.values()) hash.push(body);
  }
  const fields = head.end();
  const signedAt = Math.floor(now.getTime() / 1000);
  const signatures = keys.map(async (key) => {
    const names = namesToSign(fields, key.choice);
    const { algorithm, canonicalization, domain, selector, expiresInSeconds, bodyForm, headerForm } = key;
    const unsigned = unsignedField({
      algorithm,
      canonicalization,
      domain,
      selector,
      signedAt,
      expiresAt: expiresInSeconds === undefined ? undefined : signedAt + expiresInSeconds,
      names,
      bodyHash: hashes.get(bodyForm)?.digest() ?? '',
    });
    const input = signatureInput(fieldsOfNames(fields, names), unsigned, headerForm);
    return signedField(unsigned, (await signature(input, key)).toString('base64'));
  });
  return await Promise.all(signatures);
}

/** What is signed: the fields that `h=` names, and the signature's own without its value and without line end. */
export function signatureInput(fields: readonly Buffer[], unsigned: string, form: CanonicalForm): Buffer {
  const own = canonicalField(Buffer.from(`${unsigned}\r\n`, 'latin1'), form);
  return Buffer.concat([
    ...fields.map((field) => canonicalField(field, form)),
    own.subarray(0, own.length - LINE_END.length),
  ]);
}

/** The signature of the input. On a thread of its own: RSA takes long enough to hold up other connections. */
export async function signature(
  input: Buffer,
  { algorithm, keyObject }: Pick<SigningKey, 'algorithm' | 'keyObject'>,
): Promise<Buffer> {
  // RFC 8463 section 3: Ed25519 signs the hash, as if that were the message.
  const [digest, data] =
    algorithm === 'rsa-sha256' ? ['sha256', input] : [undefined, createHash('sha256').update(input).digest()];
  return await new Promise((resolve, reject) => {
    sign(digest, data, keyObject, (error, octets) => {
      if (error === null) resolve(octets);
      else reject(error);
    });
  });
}

/** The fields of a canonical header block, line by line. */
export function splitFields(block: Buffer): FieldOctets[] {
  const starts: number[] = [];
  for (let start = 0; start < block.length;) {
    if (starts.length === 0 || !isBlank(block[start])) starts.push(start);
    const lineEnd = block.indexOf(LINE_END, start);
    start = lineEnd === -1 ? block.length : lineEnd + LINE_END.length;
  }
  return starts.map((start, index) => {
    const octets = block.subarray(start, starts[index + 1] ?? block.length);
    // RFC 5322 section 4.5: white space may stand in front of the colon, and a fold where there is white space.
    const [, name = ''] = /^([!-9;-~]+)[ \t\r\n]*:/.exec(octets.toString('latin1')) ?? [];
    return { key: name.toLowerCase(), octets };
  });
}

function isBlank(octet: number | undefined): boolean {
  return octet === 0x20 || octet === 0x09;
}

class BodyHash {
  readonly #canonicalizer: BodyCanonicalizer;
  readonly #hash: Hash = createHash('sha256');
  #digest: string | undefined;

  constructor(form: CanonicalForm) {
    this.#canonicalizer = new BodyCanonicalizer(form);
  }

  push(octets: Uint8Array): void {
    for (const piece of this.#canonicalizer.push(octets)) this.#hash.update(piece);
  }

  digest(): string {
    this.#digest ??= this.#hash.update(this.#canonicalizer.end()).digest('base64');
    return this.#digest;
  }
}

/** Takes the header block off the front of the content. */
class HeadReader {
  readonly #chunks: Buffer[] = [];
  /** The last octets in front of the next chunk; at the beginning, what an empty line has in front of it. */
  #before: Buffer = LINE_END;
  #fields: readonly FieldOctets[] | undefined;

  get isComplete(): boolean {
    return this.#fields !== undefined;
  }

  /** The octets of the body in this chunk; undefined while the header block goes on. */
  push(chunk: Uint8Array): Buffer | undefined {
    const octets = asBuffer(chunk);
    // The empty line may lie across chunks; one at the very beginning ends a block without fields.
    const lookedAt = Buffer.concat([this.#before, octets]);
    const found = lookedAt.indexOf(END_OF_HEADER);
    const headEnd = found === -1 ? octets.length : found + END_OF_HEADER.length - this.#before.length;
    this.#chunks.push(octets.subarray(0, headEnd));
    this.#before = lookedAt.subarray(1 - END_OF_HEADER.length);
    if (found === -1) return undefined;
    this.#finish(LINE_END.length);
    return octets.subarray(headEnd);
  }

  end(): readonly FieldOctets[] {
    return this.#fields ?? this.#finish(0);
  }

  #finish(emptyLineOctets: number): readonly FieldOctets[] {
    const block = Buffer.concat(this.#chunks);
    this.#fields = splitFields(block.subarray(0, block.length - emptyLineOctets));
    if (this.#fields.some(({ key }) => key === 'from')) return this.#fields;
    throw new MessageError('a message without a From field cannot be signed', {
      code: 'ERR_DKIM_NO_FROM',
      header: 'From',
      hint: 'Add one: every message has it, and every signature covers it (RFC 6376 section 5.4).',
    });
  }
}
