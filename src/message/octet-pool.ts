/**
 * Randomness in small portions: a message needs a few octets at a time, and each call of the generator costs as much as a header
 * field. One rule: no octet is given out twice.
 */

const POOL_OCTETS = 4_096;

/** The same source, asked for more at a time. */
export function pooled(randomBytes: (sizeBytes: number) => Uint8Array): (sizeBytes: number) => Uint8Array {
  let pool: Uint8Array = new Uint8Array(0);
  let given = 0;
  return (sizeBytes) => {
    if (sizeBytes > POOL_OCTETS) return randomBytes(sizeBytes);
    if (given + sizeBytes > pool.length) {
      // A new one each time: who was given octets of the old one may hold them.
      pool = randomBytes(POOL_OCTETS);
      given = 0;
    }
    given += sizeBytes;
    return pool.subarray(given - sizeBytes, given);
  };
}
