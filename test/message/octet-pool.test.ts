import fc from 'fast-check';
import { pooled } from '../../src/message/octet-pool.js';
import { runs } from './runs.js';

/** A source whose octets are numbered: none comes twice. */
function numbered(): { readonly next: (sizeBytes: number) => Uint8Array; readonly calls: () => number } {
  let given = 0;
  let calls = 0;
  return {
    next: (sizeBytes) => {
      calls += 1;
      const words = Uint32Array.from({ length: Math.ceil(sizeBytes / 4) }, () => (given += 1));
      return new Uint8Array(words.buffer).subarray(0, sizeBytes);
    },
    calls: () => calls,
  };
}

describe('a pool of octets', () => {
  it('gives what its source gives, and asks it seldom', () => {
    const source = numbered();
    const take = pooled(source.next);
    const taken = Array.from({ length: 256 }, () => Buffer.from(take(16)).toString('hex'));
    expect(new Set(taken).size).toBe(256);
    expect(source.calls()).toBe(1);
    expect(Buffer.from(take(4)).readUInt32LE()).toBe(1025);
  });

  it('changes nothing that it gave', () => {
    const take = pooled(numbered().next);
    const taken = Array.from({ length: 1000 }, () => take(16));
    expect(new Set(taken.map((octets) => Buffer.from(octets).toString('hex'))).size).toBe(1000);
  });

  it('gives as many as are asked for, and none twice, whatever the sizes', () => {
    const sizes = fc.array(fc.oneof(fc.nat(64), fc.nat(5_000)), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, (asked) => {
        const take = pooled(numbered().next);
        const taken = asked.map((size) => take(size * 4));
        expect(taken.map(({ length }) => length)).toEqual(asked.map((size) => size * 4));
        const words = Buffer.concat(taken);
        const seen = Array.from({ length: words.length / 4 }, (_, index) => words.readUInt32LE(index * 4));
        expect(new Set(seen).size).toBe(seen.length);
      }),
      runs(100),
    );
  });
});
