/**
 * How a journal knows a message again: by the octets that go out (without the Resent-* block, whose date and Message-ID are new
 * each time) and by its envelope. So neither a renamed file nor another place in an mbox matters; equal ones are numbered.
 */
import { createHash } from 'node:crypto';
import type { Envelope, Message, SerializeOptions } from '../../index.js';

/** The octets of the message as it stood in the archive. Throws what `message.stream()` throws. */
export async function contentDigest(message: Message, options: SerializeOptions): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of message.stream(options)) hash.update(chunk);
  return hash.digest('base64url');
}

/** The same for each equal message with an equal envelope. */
export function keyOf(digest: string, { from, to }: Envelope): string {
  return createHash('sha256')
    .update(JSON.stringify([digest, from, ...to]))
    .digest('base64url');
}

/** Numbers the messages of each key, from 1, in the order in which they are met. */
export class Ordinals {
  readonly #counts = new Map<string, number>();

  /** `isGone`: the number was given in an earlier run, and its message stands in the archive no more. */
  next(key: string, isGone: (id: string) => boolean = () => false): string {
    let ordinal = this.#counts.get(key) ?? 0;
    do ordinal += 1;
    while (isGone(idOf(key, ordinal)));
    this.#counts.set(key, ordinal);
    return idOf(key, ordinal);
  }
}

function idOf(key: string, ordinal: number): string {
  return `${key}#${String(ordinal)}`;
}
