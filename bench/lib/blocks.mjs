/** Octets in the blocks in which a file is read. */
const BLOCK_OCTETS = 65_536;

export function blocksOf(octets) {
  const blocks = [];
  for (let at = 0; at < octets.length; at += BLOCK_OCTETS) blocks.push(octets.subarray(at, at + BLOCK_OCTETS));
  return blocks;
}

export function sumOfLengths(parts) {
  let sum = 0;
  for (const part of parts) sum += part.length;
  return sum;
}
