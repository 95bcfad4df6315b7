import fc from 'fast-check';
import { countEqualLines, FEWEST_EQUAL_LINES } from '../../src/octets/equal-lines.js';
import { linesOf } from '../support/line-end-reference.js';
import { equalLinesArbitrary } from '../support/octet-arbitraries.js';

const DOT = 0x2e;

/** How many lines there are, read octet by octet. */
function countOf(octets: Buffer, start: number, lineOctets: number): number {
  const lines = linesOf(octets.subarray(start));
  const other = lines.findIndex(
    ({ octets: line, end }) => end !== 'CRLF' || line.length !== lineOctets || line[0] === DOT,
  );
  return other === -1 ? lines.length : other;
}

const count = (text: string, lineOctets: number, mostLines = 1000): number =>
  countEqualLines(Buffer.from(text, 'latin1'), 0, lineOctets, mostLines);

describe('countEqualLines', () => {
  it('never counts a line that is not clean, and none of many too few', () => {
    fc.assert(
      fc.property(
        equalLinesArbitrary(),
        fc.nat({ max: 3 }),
        fc.integer({ min: FEWEST_EQUAL_LINES, max: 100 }),
        ({ octets, lineOctets }, line, mostLines) => {
          const start = Math.min(line * (lineOctets + 2), octets.length);
          const counted = countEqualLines(octets, start, lineOctets, mostLines);
          const lines = countOf(octets, start, lineOctets);
          expect(counted).toBeLessThanOrEqual(Math.min(lines, mostLines));
          if (lines >= FEWEST_EQUAL_LINES) expect(counted).toBe(Math.min(lines, mostLines));
        },
      ),
    );
  });

  it('ends in front of the line with another line end, wherever in the line it stands', () => {
    const clean = 'abcdefg\r\n';
    for (const other of ['\r', '\n']) {
      for (let at = 0; at < 7; at += 1) {
        const line = `${'abcdefg'.slice(0, at)}${other}${'abcdefg'.slice(at + 1)}\r\n`;
        for (const before of [0, 1, 20]) {
          expect(count(clean.repeat(before) + line + clean.repeat(39 - before), 7)).toBe(before);
        }
      }
    }
  });

  it('ends in front of a line that is longer, shorter, ends otherwise or begins with a dot', () => {
    for (const other of [
      'abcdefgh\r\n',
      'abcdef\r\n',
      'abcdefg\n\n',
      'abcdefg\r\r',
      'abcdefg\n\r',
      '.bcdefg\r\n',
      'abcdefg',
    ]) {
      expect(count('abcdefg\r\n'.repeat(30) + other, 7)).toBe(30);
    }
  });

  it('counts empty lines', () => {
    expect(count('\r\n'.repeat(30), 0)).toBe(30);
    expect(count(`${'\r\n'.repeat(30)}\r`, 0)).toBe(30);
  });

  it('leaves few lines to others, and many to the next time', () => {
    expect(count('a\r\n'.repeat(FEWEST_EQUAL_LINES - 1), 1)).toBe(0);
    expect(count('a\r\n'.repeat(FEWEST_EQUAL_LINES), 1)).toBe(FEWEST_EQUAL_LINES);
    expect(count('a\r\n'.repeat(100), 1, 64)).toBe(64);
    expect(count(`${'a'.repeat(998)}\r\n`.repeat(100), 998)).toBe(65);
    expect(count(`${'a'.repeat(5000)}\r\n`.repeat(100), 5000)).toBe(0);
  });

  it('remembers nothing of the lines before', () => {
    expect(count(`${'aaaaaa\r\n'.repeat(20)}${'aaa\naa\r\n'.repeat(20)}`, 6)).toBe(20);
    expect(count('bbbbbb\r\n'.repeat(17), 6)).toBe(17);
  });
});
