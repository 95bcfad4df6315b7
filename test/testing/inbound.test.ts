import fc from 'fast-check';
import { Inbound } from '../../src/testing/inbound.js';

function linesOf(pieces: readonly Buffer[]): { lines: string[]; rest: string } {
  const inbound = new Inbound();
  const lines: string[] = [];
  for (const piece of pieces) {
    inbound.push(piece);
    for (let line = inbound.peekLine(); line !== undefined; line = inbound.peekLine()) {
      lines.push(inbound.take(line.length).toString('latin1'));
    }
  }
  return { lines, rest: inbound.take(Infinity).toString('latin1') };
}

describe('Inbound', () => {
  it('gives the same lines however the bytes are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '\0') });
    fc.assert(
      fc.property(text, fc.array(fc.nat(10)), (given, cuts) => {
        const whole = Buffer.from(given);
        const pieces: Buffer[] = [];
        let from = 0;
        for (const cut of cuts) {
          pieces.push(whole.subarray(from, from + cut));
          from += cut;
        }
        const { lines, rest } = linesOf([...pieces, whole.subarray(from)]);
        expect(lines.join('') + rest).toBe(given);
        expect(lines).toEqual(
          given
            .split('\n')
            .slice(0, -1)
            .map((line) => `${line}\n`),
        );
      }),
    );
  });

  it('looks without taking, and knows how much there is', () => {
    const inbound = new Inbound();
    inbound.push(Buffer.from('one\ntw'));
    expect(String(inbound.peekLine())).toBe('one\n');
    expect(String(inbound.peekLine())).toBe('one\n');
    expect(inbound.sizeBytes).toBe(6);
    expect(String(inbound.take(4))).toBe('one\n');
    expect(inbound.peekLine()).toBeUndefined();
    inbound.push(Buffer.from('o\n'));
    expect(String(inbound.peekLine())).toBe('two\n');
    expect(String(inbound.take(2))).toBe('tw');
    expect(inbound.sizeBytes).toBe(2);
  });

  it('gives a line that never ends in pieces of a mebibyte', () => {
    const inbound = new Inbound();
    inbound.push(Buffer.alloc(1_048_577, 'x'));
    expect(inbound.peekLine()?.length).toBe(1_048_576);
  });
});
