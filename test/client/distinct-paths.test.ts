import fc from 'fast-check';
import { distinctPaths } from '../../src/client/distinct-paths.js';
import { forwardPath, forwardPaths } from '../../src/client/paths.js';
import type { RecipientResult } from '../../src/types.js';

const addresses = (given: readonly string[]): readonly string[] =>
  distinctPaths(forwardPaths(given)).paths.map(({ address }) => address);

function accepted(count: number): RecipientResult[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    address: `asked ${String(index)}`,
    status: 'accepted',
    stage: 'final',
  }));
}

describe('distinctPaths', () => {
  it('compares domains without case and local parts exactly', () => {
    expect(addresses(['a@x.test', 'a@X.TEST', 'A@x.test', 'b@x.test', 'a@x.test'])).toEqual([
      'a@x.test',
      'A@x.test',
      'b@x.test',
    ]);
  });

  it('knows one mailbox in its quoted and plain form, and with both forms of an internationalized domain', () => {
    expect(addresses(['"a"@x.test', 'a@x.test'])).toHaveLength(1);
    expect(addresses(['a@b\u00fccher.example', 'a@xn--bcher-kva.example'])).toHaveLength(1);
  });

  it('takes an @ in a quoted local part without a domain for a part of the name', () => {
    expect(addresses(['"x@B"', '"x@b"'])).toHaveLength(2);
    expect(addresses(['"x@B"@Y.test', '"x@B"@y.test', '"x@b"@y.test'])).toHaveLength(2);
  });

  it('gives one result per recipient given, at its own index and with its own spelling', () => {
    const distinct = distinctPaths(forwardPaths(['a@x.test', 'b@x.test', 'a@X.test']));
    const spread = distinct.spread(accepted(2));
    expect(spread.map(({ index, address }) => [index, address])).toEqual([
      [0, 'a@x.test'],
      [1, 'b@x.test'],
      [2, 'a@X.test'],
    ]);
    expect(distinct.spread([])).toEqual([]);
    expect(distinctPaths(forwardPaths(['a@x.test', 'a@X.test', 'b@x.test'])).places).toEqual([0, 2]);
    expect(distinctPaths(forwardPaths(['a@x.test', 'b@x.test'])).places).toBeUndefined();
  });

  it('loses nobody, whatever the list', () => {
    const local = fc.constantFrom('a', 'A', 'b', '"a b"');
    const domain = fc.constantFrom('@x.test', '@X.test', '@y.test', '');
    fc.assert(
      fc.property(fc.array(fc.tuple(local, domain), { minLength: 1, maxLength: 20 }), (pairs) => {
        const given = pairs.map(([left, right]) => left + right);
        const distinct = distinctPaths(forwardPaths(given));
        const spread = distinct.spread(accepted(distinct.paths.length));
        expect(spread.map(({ index }) => index)).toEqual(given.map((_, index) => index));
        expect(spread.map(({ address }) => address)).toEqual(given.map((one) => forwardPath(one).address));
      }),
    );
  });
});
