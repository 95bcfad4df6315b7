// Comparing octets: tells the first place where two contents differ, readable for contents of any size.

export interface ByteDifference {
  readonly offset: number;
  readonly actual: string;
  readonly expected: string;
}

const SHOWN = 60;

/** Undefined when both have the same octets. */
export function byteDifference(actual: Uint8Array, expected: Uint8Array): ByteDifference | undefined {
  if (Buffer.compare(actual, expected) === 0) return undefined;
  const shorter = Math.min(actual.length, expected.length);
  let offset = 0;
  while (offset < shorter && actual[offset] === expected[offset]) offset += 1;
  return { offset, actual: excerpt(actual, offset), expected: excerpt(expected, offset) };
}

function excerpt(bytes: Uint8Array, offset: number): string {
  const shown = Buffer.from(bytes.subarray(Math.max(0, offset - SHOWN / 2), offset + SHOWN)).toString('latin1');
  return `${JSON.stringify(shown)} of ${String(bytes.length)} octets`;
}
