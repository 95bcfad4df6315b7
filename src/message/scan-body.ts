/** Reads a streamed body once, to know beforehand what will be declared to the server. Nothing is kept but the facts. */
import { MessageError } from '../errors.js';
import { LineEndEncoder, MAX_LINE_OCTETS } from '../octets/line-ends.js';
import type { BodyFacts } from './message-parts.js';

/** @throws MessageError: `ERR_NUL_OCTET`; what the source throws. A line over 998 octets is a fact, not an error. */
export async function scanBody(body: AsyncIterable<Uint8Array>): Promise<BodyFacts> {
  const encoder = new LineEndEncoder({ bodyOnly: true, allowLongLines: true });
  let measure: LineEndEncoder | undefined = new LineEndEncoder({ bodyOnly: true });
  let longLine: MessageError | undefined;
  for await (const chunk of body) {
    encoder.push(chunk);
    try {
      measure?.push(chunk);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      longLine = new MessageError(`a line of the body has more than ${String(MAX_LINE_OCTETS)} octets`, {
        code: error.code,
        hint: error.hint,
      });
      measure = undefined;
    }
  }
  encoder.end();
  const { sizeBytes, eightBit, dotLines } = encoder;
  return { sizeBytes, eightBit, dotLines, longLine };
}
