/** How many octets the native searches of Buffer went over: a cost that can be compared with a limit without a clock. */
import { jest } from '@jest/globals';

interface Searchable {
  readonly length: number;
  indexOf(octet: number, from?: number): number;
}

export function octetsSearched(work: () => unknown): number {
  let octets = 0;
  const buffers = Buffer.prototype as Searchable;
  const { indexOf } = buffers;
  const spy = jest.spyOn(buffers, 'indexOf').mockImplementation(function (this: Searchable, octet, from = 0) {
    const found = indexOf.call(this, octet, from);
    octets += (found === -1 ? this.length : found + 1) - from;
    return found;
  });
  try {
    work();
  } finally {
    spy.mockRestore();
  }
  return octets;
}
