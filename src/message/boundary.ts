/**
 * Boundaries between parts (RFC 2046 section 5.1.1). One rule: none can stand in a part. `=_` is in nothing that quoted-printable
 * or base64 makes; parts that are sent as they are, are searched.
 */
import { MessageError } from '../errors.js';
import { asBuffer } from '../octets/line-ends.js';
import type { MessageEnvironment } from './environment.js';

const RANDOM_OCTETS = 15;
const MAX_ATTEMPTS = 8;

/**
 * What all boundaries of one message begin with. Content that is not in memory cannot be searched; there, 120 random bits do.
 *
 * @param literal the parts that are sent as they are.
 * @throws MessageError: `ERR_BOUNDARY`, when the environment's randomness gives again and again what stands in the parts.
 */
export function makeBoundaryBase({ randomBytes }: MessageEnvironment, literal: readonly Buffer[]): string {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const base = `=_${asBuffer(randomBytes(RANDOM_OCTETS)).toString('hex')}`;
    if (!literal.some((octets) => octets.includes(base))) return base;
  }
  throw new MessageError('no boundary was found that does not stand in the message', {
    code: 'ERR_BOUNDARY',
    hint: 'The source of randomness repeats itself.',
  });
}
