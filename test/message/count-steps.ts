/**
 * The work that a function does on text, as the number of characters it looks at: growth that does not depend on the clock.
 */
export function countCharacterReads(work: () => void): number {
  const original = String.prototype.charCodeAt;
  let reads = 0;
  String.prototype.charCodeAt = function (this: string, index: number): number {
    reads += 1;
    return original.call(this, index);
  };
  try {
    work();
  } finally {
    String.prototype.charCodeAt = original;
  }
  return reads;
}
