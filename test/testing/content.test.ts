import fc from 'fast-check';
import { commandViolations, ContentCollector, contentViolations, unstuff } from '../../src/testing/content.js';

const kinds = (wire: string, framing: 'data' | 'bdat' = 'data', eightBitAllowed = false): string[] =>
  contentViolations(Buffer.from(wire, 'latin1'), { framing, eightBitAllowed }).map(
    (one) => `${one.kind}@${String(one.offset)}`,
  );

function collect(pieces: readonly Buffer[]): { raw: Buffer; ended: boolean; rest: number } {
  const collector = new ContentCollector();
  let rest = 0;
  for (const piece of pieces) rest += piece.length - collector.feed(piece);
  return { raw: collector.raw(), ended: collector.ended, rest };
}

describe('ContentCollector', () => {
  it.each([
    ['a\r\n.\r\nNEXT', 'a\r\n.\r\n', 4],
    ['.\r\nNEXT', '.\r\n', 4],
    ['..\r\n.\r\n', '..\r\n.\r\n', 0],
    ['a\r\n\r\n.\r\n', 'a\r\n\r\n.\r\n', 0],
    ['a\r\n.\r\r\n.\r\n', 'a\r\n.\r\r\n.\r\n', 0],
  ])('%j ends behind %j, however it is cut', (wire, content, rest) => {
    const whole = Buffer.from(wire);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const got = collect([whole.subarray(0, cut), whole.subarray(cut)]);
      expect(got).toEqual({ raw: Buffer.from(content), ended: true, rest });
    }
    expect(collect([...whole].map((octet) => Buffer.of(octet)))).toEqual({
      raw: Buffer.from(content),
      ended: true,
      rest,
    });
  });

  it.each(['a\n.\n', 'a\n.\r\n', 'a\r\n.\n', 'a\r.\r', 'a\r\n.\r', 'a\r\n. \r\n'])('%j does not end it', (wire) => {
    expect(collect([Buffer.from(wire)]).ended).toBe(false);
  });

  it('gives back what was stuffed, for every content and every cut', () => {
    const line = fc.string({ unit: fc.constantFrom('.', '..', 'a', '\r', '\n', ' ') });
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(40)), (lines, cuts) => {
        const clean = lines.map((one) => one.replace(/[\r\n]/g, 'x'));
        const stuffed = clean.map((one) => (one.startsWith('.') ? `.${one}` : one));
        const wire = Buffer.from([...stuffed, '.', ''].join('\r\n'));
        const pieces: Buffer[] = [];
        let from = 0;
        for (const cut of cuts) {
          pieces.push(wire.subarray(from, from + cut));
          from += cut;
        }
        const got = collect([...pieces, wire.subarray(from)]);
        expect(got.ended).toBe(true);
        expect(unstuff(got.raw, true).toString()).toBe([...clean, ''].join('\r\n'));
        expect(contentViolations(got.raw, { framing: 'data', eightBitAllowed: false })).toEqual([]);
      }),
    );
  });
});

describe('violations of content', () => {
  it.each([
    ['Subject: hi\r\n\r\n..dot\r\n.\r\n', []],
    ['.\r\n', []],
    ['a\nb\r\n.\r\n', ['bare-lf@1']],
    ['a\rb\r\n.\r\n', ['bare-cr@1']],
    ['a\r\r\n.\r\n', ['bare-cr@1']],
    ['a\n.\nMAIL\r\n.\r\n', ['bare-lf@1']],
    ['a\0\r\n.\r\n', ['nul@1']],
    ['.hidden\r\n.\r\n', ['unstuffed-dot@0']],
    ['\xfc\r\n.\r\n', ['eight-bit@0']],
    [`${'x'.repeat(998)}\r\n.\r\n`, []],
    [`.${'.'.repeat(998)}\r\n.\r\n`, []],
    [`ab\r\n${'x'.repeat(999)}\r\n.\r\n`, ['long-line@4']],
    ['a\r\nb', []],
  ])('%j has %j', (wire, expected) => {
    expect(kinds(wire)).toEqual(expected);
  });

  it('lets eight bits pass that were declared', () => {
    expect(kinds('\xfc\r\n.\r\n', 'data', true)).toEqual([]);
  });

  it('BDAT content is not stuffed and ends with its last line', () => {
    expect(kinds('.one dot\r\n', 'bdat')).toEqual([]);
    expect(kinds('no end', 'bdat')).toEqual(['missing-crlf@6']);
  });
});

describe('violations of commands', () => {
  it.each([
    ['NOOP\r\n', []],
    ['NOOP\n', ['bare-lf']],
    ['NO\0OP\r\n', ['control']],
    ['NOOP\rX\n', ['bare-lf', 'control']],
    ['NOOP\t\r\n', ['control']],
  ])('%j has %j', (line, expected) => {
    expect(commandViolations(Buffer.from(line)).map((one) => one.kind)).toEqual(expected);
  });
});
