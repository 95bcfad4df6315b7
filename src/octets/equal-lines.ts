/**
 * Lines of equal length, as base64 and other encodings make them. Where the next line must end is known beforehand, so that two octets
 * of each are looked at here, and all others are searched at once, many lines together. One rule: a line counts only if no octet of
 * it is CR or LF but the two of its end.
 */

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const SPACE = 0x20;

/** Fewer lines are told sooner one by one. */
export const FEWEST_EQUAL_LINES = 16;

/** The lines, with their ends blotted out. Nothing in it is of use beyond one call. */
const copy = Buffer.allocUnsafeSlow(65_536);

/**
 * How many lines from `start` on have `lineOctets` octets and CRLF behind them, no other CR or LF, and no dot in front: at most
 * `mostLines`, since what is done for all of them is in vain where the first one is another. There may be more than it says: lines
 * that are not cheap to tell count as 0.
 */
export function countEqualLines(octets: Buffer, start: number, lineOctets: number, mostLines: number): number {
  const stride = lineOctets + 2;
  const fewest = start + FEWEST_EQUAL_LINES * stride;
  // Where lengths differ, this shows it soonest.
  if (fewest > octets.length || octets[fewest - 1] !== LF) return 0;
  const limit = Math.min(octets.length, start + Math.min(mostLines * stride, copy.length));
  let end = start;
  for (let next = start + stride; next <= limit; next += stride) {
    if (octets[next - 1] !== LF || octets[next - 2] !== CR || octets[end] === DOT) break;
    end = next;
  }
  if (end < fewest) return 0;
  copy.set(octets.subarray(start, end));
  const lines = copy.subarray(0, end - start);
  for (let next = stride; next <= lines.length; next += stride) {
    lines[next - 2] = SPACE;
    lines[next - 1] = SPACE;
  }
  const whole = Math.min(lengthBefore(lines, CR), lengthBefore(lines, LF));
  return Math.floor(whole / stride);
}

function lengthBefore(lines: Buffer, octet: number): number {
  const at = lines.indexOf(octet);
  return at === -1 ? lines.length : at;
}
