/**
 * A body that was signed. One rule: a reading that gives other octets than the first one ends in an error, which comes before the
 * end of the message can be sent, so that no message leaves with a signature that does not fit.
 */
import { createHash } from 'node:crypto';
import { MessageError } from '../errors.js';

export class UnchangedBody {
  #digest: Buffer | undefined;

  /**
   * The same octets; how they are cut does not matter.
   *
   * @throws MessageError at their end: `ERR_MESSAGE_CHANGED`.
   */
  async *watch(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = createHash('sha256');
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
    const digest = hash.digest();
    this.#digest ??= digest;
    if (digest.equals(this.#digest)) return;
    throw new MessageError('the body of the message is not the one that was signed', {
      code: 'ERR_MESSAGE_CHANGED',
      hint: 'Its source must give the same octets each time it is read; sign anew what it gives now.',
    });
  }
}
