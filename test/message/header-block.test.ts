import fc from 'fast-check';
import {
  findHeaderBlock,
  MAX_HEADER_BLOCK_OCTETS,
  MAX_HEADER_FIELDS,
  parseHeaderBlock,
  type HeaderBlock,
} from '../../src/message/header-block.js';
import { failure } from './failure.js';
import { runs } from './runs.js';

function parse(text: string): HeaderBlock {
  return parseHeaderBlock(Buffer.from(text, 'latin1'));
}

/** Each span as its name and its octets. */
function spansOf(text: string): [name: string, octets: string][] {
  return parse(text).spans.map(({ name, octets, start, end }) => [name, octets.toString('latin1', start, end)]);
}

describe('fields', () => {
  it.each<[fact: string, text: string, spans: [string, string][]]>([
    [
      'CRLF, LF and CR each end a line',
      'A: 1\r\nB: 2\nC: 3\rD: 4\r\n\r\nE: 5',
      [
        ['A', 'A: 1\r\n'],
        ['B', 'B: 2\n'],
        ['C', 'C: 3\r'],
        ['D', 'D: 4\r\n'],
      ],
    ],
    [
      'continuation lines belong to their field',
      'A: 1\r\n 2\n\t3\r\nB: 4\r\n\r\n',
      [
        ['A', 'A: 1\r\n 2\n\t3\r\n'],
        ['B', 'B: 4\r\n'],
      ],
    ],
    [
      'a line of white space does not end the block',
      'A: 1\r\n \r\nB: 2\r\n\r\n',
      [
        ['A', 'A: 1\r\n \r\n'],
        ['B', 'B: 2\r\n'],
      ],
    ],
    ['white space in front of the colon is no part of the name', 'A \t: 1\n\n', [['A', 'A \t: 1\n']]],
    ['a fold in front of the colon is no part of the name', 'A \r\n \n\t: 1\n\n', [['A', 'A \r\n \n\t: 1\n']]],
    [
      'a colon at the beginning of a line of its own belongs to no name',
      'A\r\n: 1\n\n',
      [
        ['', 'A\r\n'],
        ['', ': 1\n'],
      ],
    ],
    ['a value may be empty', 'A:\n\n', [['A', 'A:\n']]],
    ['names keep their case', 'bCC: 1\n\n', [['bCC', 'bCC: 1\n']]],
    [
      'the last line end may be missing',
      'A: 1\nB: 2',
      [
        ['A', 'A: 1\n'],
        ['B', 'B: 2'],
      ],
    ],
    [
      'a line without a colon is kept, and the block goes on',
      'A: 1\nno field\n more\nB: 2\n\n',
      [
        ['A', 'A: 1\n'],
        ['', 'no field\n more\n'],
        ['B', 'B: 2\n'],
      ],
    ],
    ['a name has no white space inside', 'A B: 1\n\n', [['', 'A B: 1\n']]],
    ['a name has no 8-bit characters', 'Ä: 1\n\n', [['', 'Ä: 1\n']]],
    ['a colon alone is no field', ': 1\n\n', [['', ': 1\n']]],
    [
      'a continuation of nothing is kept',
      ' x: 1\nA: 2\n\n',
      [
        ['', ' x: 1\n'],
        ['A', 'A: 2\n'],
      ],
    ],
    ['the block may be empty', '\r\nA: 1\n', []],
    ['the octets may be none', '', []],
  ])('%s', (_fact, text, spans) => {
    expect(spansOf(text)).toEqual(spans);
  });
});

describe('the end of the block', () => {
  it.each<[fact: string, text: string, end: number, bodyStart: number]>([
    ['an empty line of CRLF', 'A: 1\r\n\r\nB: 2', 6, 8],
    ['an empty line of LF', 'A: 1\n\nB: 2', 5, 6],
    ['an empty line of CR', 'A: 1\r\rB: 2', 5, 6],
    ['CR CR LF is two line ends', 'A: 1\r\r\nB: 2', 5, 7],
    ['LF CR is two line ends', 'A: 1\n\rB: 2', 5, 6],
    ['LF CR LF is two line ends', 'A: 1\n\r\nB: 2', 5, 7],
    ['no empty line', 'A: 1\r\n', 6, 6],
  ])('%s', (_fact, text, end, bodyStart) => {
    expect(parse(text)).toMatchObject({ end, bodyStart });
  });
});

describe('what stands in front', () => {
  it.each<[fact: string, text: string, start: number]>([
    ['a BOM', '\xef\xbb\xbfA: 1\n\n', 3],
    ['an mbox line', 'From a@b Fri Nov 21\nA: 1\n\n', 20],
    ['a quoted mbox line', '>From a@b\r\nA: 1\n\n', 11],
    ['a BOM and an mbox line', '\xef\xbb\xbfFrom a\nA: 1\n\n', 10],
    ['an mbox line without a sender', 'From \nA: 1\n\n', 6],
    ['a From field', 'From: a@b\n\n', 0],
    ['an obsolete From field', 'From : a@b\n\n', 0],
    ['an obsolete From field with more white space', 'From \t : a@b\n\n', 0],
    ['a word that begins like it', 'Fromage: 1\n\n', 0],
  ])('%s', (_fact, text, start) => {
    expect(parse(text).start).toBe(start);
  });

  it('only the first mbox line is passed over', () => {
    expect(spansOf('From a\nFrom b\nA: 1\n\n')).toEqual([
      ['', 'From b\n'],
      ['A', 'A: 1\n'],
    ]);
  });
});

describe('a CR without LF', () => {
  it.each<[text: string, loneCr: number | undefined]>([
    ['A: 1\r\nB: 2\n\n', undefined],
    ['A: 1\rB: 2\n\n', 4],
    ['A: 1\n\rbody', 5],
    ['A: 1\r', 4],
    ['From x\rA: 1\n\n', 6],
    ['A: 1\n\nbody\r', undefined],
  ])('%j', (text, loneCr) => {
    expect(parse(text).loneCr).toBe(loneCr);
  });
});

describe('limits', () => {
  const filler = `X: ${'x'.repeat(1018)}\r\n`; // 1,023 octets
  const full = filler.repeat(1024) + `Y: ${'y'.repeat(1019)}\r\n`; // 1 MiB

  it('a block of 1 MiB is the largest', () => {
    expect(full).toHaveLength(MAX_HEADER_BLOCK_OCTETS);
    expect(parse(`${full}\r\nbody`).spans).toHaveLength(1025);
    expect(() => parse(`${full}Z:\r\n\r\nbody`)).toThrow(failure({ code: 'ERR_HEADER_BLOCK_TOO_LARGE' }));
  });

  it.each(['x', ' ', 'X:', ' \n', 'From '])('a block of %j without an end is refused', (unit) => {
    const endless = Buffer.from(unit.repeat(2_000_000), 'latin1');
    expect(() => parseHeaderBlock(endless)).toThrow(failure({ code: 'ERR_HEADER_BLOCK_TOO_LARGE' }));
  });

  it('10,000 fields are the most', () => {
    expect(parse(`${'A:\n'.repeat(MAX_HEADER_FIELDS)}\n`).spans).toHaveLength(10_000);
    expect(() => parse(`${'A:\n'.repeat(MAX_HEADER_FIELDS)}B:\n\n`)).toThrow(
      failure({ code: 'ERR_TOO_MANY_HEADER_FIELDS' }),
    );
  });
});

describe('properties', () => {
  const octets = fc
    .array(fc.constantFrom('\r', '\n', ' ', '\t', ':', 'a', 'Bcc', 'From ', '\xef\xbb\xbf', '\xff'), { maxLength: 40 })
    .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

  it('prefix, spans, empty line and body lie end to end', () => {
    fc.assert(
      fc.property(octets, (raw) => {
        const block = parseHeaderBlock(raw);
        let position = block.start;
        for (const span of block.spans) {
          expect(span.start).toBe(position);
          expect(span.end).toBeGreaterThan(span.start);
          expect(span.valueStart).toBeLessThanOrEqual(span.end);
          position = span.end;
        }
        expect(position).toBe(block.end);
        expect(['', '\r', '\n', '\r\n']).toContain(raw.toString('latin1', block.end, block.bodyStart));
        if (block.bodyStart === block.end) expect(block.end).toBe(raw.length);
      }),
      runs(2000),
    );
  });

  it('the spans agree with a reading by lines', () => {
    fc.assert(
      fc.property(octets, (raw) => {
        const block = parseHeaderBlock(raw);
        const lines = raw.toString('latin1', block.start).split(/\r\n|\n|\r/);
        const header = lines.slice(0, lines.includes('') ? lines.indexOf('') : lines.length);
        const fields: string[] = [];
        for (const [index, line] of header.entries()) {
          if (/^[ \t]/.test(line) && index > 0) fields.push(`${fields.pop() ?? ''}${line}`);
          else fields.push(line);
        }
        const names = fields.map((field) => /^([!-9;-~]+)[ \t]*:/.exec(field)?.[1] ?? '');
        expect(block.spans.map(({ name }) => name)).toEqual(names);
      }),
      runs(2000),
    );
  });

  it('a prefix is either not enough, or gives the block of the whole', () => {
    fc.assert(
      fc.property(octets, fc.nat(), (raw, cut) => {
        const found = findHeaderBlock(raw.subarray(0, cut % (raw.length + 1)));
        if (found === undefined) return;
        const { start, end, bodyStart, loneCr, spans } = parseHeaderBlock(raw);
        expect(found).toMatchObject({ start, end, bodyStart, loneCr });
        expect(found.spans.map(({ name, end }) => [name, end])).toEqual(spans.map(({ name, end }) => [name, end]));
      }),
      runs(2000),
    );
  });

  it('a prefix that goes well beyond the empty line is enough', () => {
    expect(findHeaderBlock(Buffer.from('A: 1\r\n\r\nb'))).toBeDefined();
    expect(findHeaderBlock(Buffer.from('A: 1\r\n\r\n'))).toBeDefined();
    expect(findHeaderBlock(Buffer.from('A: 1\r\n\r'))).toBeUndefined();
    expect(findHeaderBlock(Buffer.from('A: 1\r\n'))).toBeUndefined();
  });
});

describe('growth', () => {
  /** How often single octets were looked at. */
  function reads(text: string): number {
    let count = 0;
    const octets = Buffer.from(text, 'latin1');
    const counting = new Proxy(octets, {
      get(target, property) {
        if (typeof property === 'string' && /^\d+$/.test(property)) count += 1;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    parseHeaderBlock(counting);
    return count;
  }

  it.each(['A: 1\r\n', 'A: 1\n 2\n', 'aaaaaaaa', 'A          ', 'x\r', ' \n'])(
    'a block of %j is read in linear time',
    (unit) => {
      const small = reads(`${unit.repeat(500)}\n\nbody`);
      const large = reads(`${unit.repeat(2000)}\n\nbody`);
      expect(large).toBeLessThanOrEqual(4.1 * small + 50);
    },
  );

  it('the body is not looked at', () => {
    expect(reads(`A: 1\r\n\r\n${'x'.repeat(100_000)}`)).toBeLessThan(60);
  });
});
