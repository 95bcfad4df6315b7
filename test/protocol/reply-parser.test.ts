import fc from 'fast-check';
import {
  MAX_REPLY_LINE_OCTETS,
  MAX_REPLY_LINES,
  MAX_REPLY_OCTETS,
  ReplyParser,
} from '../../src/protocol/reply-parser.js';
import type { Reply } from '../../src/types.js';
import { chunksOf, cutsArbitrary, splitsOf } from '../support/octet-arbitraries.js';
import { readReplies } from '../support/reply-reference.js';

const octetsOf = (text: string): Buffer => Buffer.from(text, 'latin1');

function parse(...chunks: readonly (string | Uint8Array)[]) {
  const parser = new ReplyParser();
  const replies = chunks.flatMap((chunk) => parser.push(typeof chunk === 'string' ? octetsOf(chunk) : chunk));
  return { parser, replies };
}

const codesOf = (replies: readonly Reply[]): readonly number[] => replies.map(({ code }) => code);

describe('ReplyParser', () => {
  it('reads replies of one line and of several, in order', () => {
    const { parser, replies } = parse('220 hi\r\n250-mx.example\r\n250-SIZE 100\r\n250 DSN\r\n354\r\n550-\r\n550 \r\n');
    expect(replies.map(({ code, lines }) => [code, ...lines])).toEqual([
      [220, 'hi'],
      [250, 'mx.example', 'SIZE 100', 'DSN'],
      [354, ''],
      [550, '', ''],
    ]);
    expect(parser).toMatchObject({ violation: undefined, incomplete: false, sawBareLf: false });
  });

  it('reads the same replies wherever they are cut into two', () => {
    const octets = octetsOf('250-5.7.1 a\r\n250-b\n250 c\r\n421 4.3.2 bye\r\n');
    const [whole] = [parse(octets).replies];
    expect(codesOf(whole)).toEqual([250, 421]);
    for (const chunks of splitsOf(octets)) {
      const { parser, replies } = parse(...chunks);
      expect(replies).toEqual(whole);
      expect(parser.violation).toBeUndefined();
    }
  });

  it('reads a reply that comes octet by octet, and knows that it is not complete', () => {
    const parser = new ReplyParser();
    const octets = [...octetsOf('250-a\r\n250 b\r\n')];
    const last = octets.pop();
    for (const octet of octets) {
      expect(parser.push(Uint8Array.of(octet))).toEqual([]);
      expect(parser.incomplete).toBe(true);
    }
    expect(codesOf(parser.push(Uint8Array.of(last ?? 0)))).toEqual([250]);
    expect(parser.incomplete).toBe(false);
  });

  it('reads any stream as the reference does, however it is cut, and never throws', () => {
    const piece = fc.constantFrom(
      '250',
      '550',
      '421',
      '2',
      '199',
      '600',
      '-',
      ' ',
      '\r\n',
      '\n',
      '\r',
      'x',
      '\0',
      '\u00e9',
    );
    const line = fc.constantFrom('250 ok\r\n', '250-more\r\n', '550-no\r\n', '550 no\n', '250\r\n', '250\n');
    const stream = fc.array(fc.oneof({ weight: 3, arbitrary: line }, piece), { maxLength: 30 });
    fc.assert(
      fc.property(stream, cutsArbitrary(), (pieces, cuts) => {
        const octets = octetsOf(pieces.join(''));
        const expected = readReplies(octets);
        const { parser, replies } = parse(...chunksOf(octets, cuts));
        expect(replies.map(({ code, lines }) => ({ code, lines }))).toEqual(expected.replies);
        expect(parser.violation !== undefined).toBe(expected.broken);
        expect(parser.incomplete).toBe(expected.incomplete);
      }),
    );
  });

  it('reads each line of a long conversation for itself, also one that came before in another reply', () => {
    const line = fc.constantFrom('250 ok\r\n', '250-ok\r\n', '250 no\r\n', '250-\r\n', '250\r\n', '250 ok\n');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), cutsArbitrary(), (lines, cuts) => {
        const octets = octetsOf(lines.join(''));
        const expected = readReplies(octets);
        const { parser, replies } = parse(...chunksOf(octets, cuts));
        expect(replies.map(({ code, lines: texts }) => ({ code, lines: texts }))).toEqual(expected.replies);
        expect(parser.sawBareLf).toBe(lines.includes('250 ok\n'));
      }),
    );
  });

  it('survives octets of any kind', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
        const { parser, replies } = parse(...chunks);
        expect(codesOf(replies)).toEqual(readReplies(Buffer.concat(chunks)).replies.map(({ code }) => code));
        expect(parser.push(new Uint8Array())).toEqual([]);
      }),
    );
  });

  it.each([
    ['no code', 'hello\r\n'],
    ['an empty line', '\r\n'],
    ['a code of two digits', '25\r\n'],
    ['a code of four digits', '2500 x\r\n'],
    ['a code below 200', '199 x\r\n'],
    ['a code above 599', '600 x\r\n'],
    ['a blank in front', ' 250 x\r\n'],
    ['a sign', '+25 x\r\n'],
    ['an underscore behind the code', '250_x\r\n'],
    ['a tab behind the code', '250\tx\r\n'],
    ['a CR behind the code', '250\rx\r\n'],
    ['digits that are not ASCII', '\u00b2\u00b5\u00b0 x\r\n'],
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n'],
  ])('takes a line with %s for no reply', (_what, line) => {
    const { parser, replies } = parse('250 fine\r\n', line, '250 fine\r\n');
    expect(codesOf(replies)).toEqual([250]);
    expect(parser.violation).toMatch(/^a line that is no SMTP reply: "/);
  });

  it('takes the three digits of a code from 200 to 599, and no other octet', () => {
    for (const [position, allowed] of ['2345', '0123456789', '0123456789'].entries()) {
      const seen = Array.from({ length: 256 }, (_, octet) => octet).filter((octet) => {
        const line = octetsOf('250 x\r\n');
        line[position] = octet;
        return parse(line).replies.length === 1;
      });
      expect(String.fromCharCode(...seen)).toBe(allowed);
    }
  });

  it('shows only the first 80 octets of a line that is no reply', () => {
    const shown = (length: number) => parse(`${'x'.repeat(length)}\r\n`).parser.violation;
    expect(shown(80)).toBe(`a line that is no SMTP reply: "${'x'.repeat(80)}"`);
    expect(shown(81)).toBe(`a line that is no SMTP reply: "${'x'.repeat(80)}"...`);
  });

  describe('gives one and the same reply for equal lines', () => {
    /** Behind the lines: which of them the last one is the very reply of. */
    const sameAsLast = (...lines: readonly string[]): readonly number[] => {
      const { replies } = parse(lines.map((line) => `${line}\r\n`).join(''));
      expect(replies).toHaveLength(lines.length);
      return replies.slice(0, -1).flatMap((reply, index) => (reply === replies.at(-1) ? [index] : []));
    };
    const ofOctets = (octets: number): string => `250 ${'x'.repeat(octets - 6)}`;

    it('of up to 128 octets', () => {
      expect(sameAsLast('250 ok', '250 ok', '250 ok')).toEqual([0, 1]);
      expect(sameAsLast(ofOctets(128), ofOctets(128))).toEqual([0]);
      expect(sameAsLast('354 a', ofOctets(100), ofOctets(101), ofOctets(100))).toEqual([1]);
      expect(sameAsLast(ofOctets(129), ofOctets(129))).toEqual([]);
    });

    it('that are equal to the last octet', () => {
      expect(sameAsLast('250 ok', '250 oK')).toEqual([]);
      expect(sameAsLast('250 ok', '251 ok')).toEqual([]);
      expect(sameAsLast('250 ok', '250 okay')).toEqual([]);
      expect(sameAsLast('250 okay', '250 ok')).toEqual([]);
    });

    it('among the last four that were new', () => {
      expect(sameAsLast('250 a', '250 b', '250 c', '250 d', '250 a')).toEqual([0]);
      expect(sameAsLast('250 a', '250 b', '250 c', '250 d', '250 e', '250 b')).toEqual([1]);
      expect(sameAsLast('250 a', '250 b', '250 c', '250 d', '250 e', '250 a')).toEqual([]);
      expect(sameAsLast('250 a', '250 b', '250 c', '250 d', '250 e', '250 f', '250 c')).toEqual([2]);
    });

    it('wherever the second one is cut', () => {
      for (const chunks of splitsOf(octetsOf('250 ok\r\n'))) {
        const { replies } = parse('250 ok\r\n', ...chunks);
        expect([replies.length, new Set(replies).size]).toEqual([2, 1]);
      }
    });

    it('of one line, behind no lone LF', () => {
      expect(parse('250-a\r\n250 b\r\n250 b\r\n').replies.map(({ lines }) => lines)).toEqual([['a', 'b'], ['b']]);
      const { replies } = parse('250 a\n250 a\n250 b\r\n250 b\r\n');
      expect(new Set(replies).size).toBe(4);
    });
  });

  it.each([
    ['250-a\r\n550 b\r\n', 250, 550],
    ['550-a\r\n250 b\r\n', 550, 250],
    ['250-a\r\n250-b\r\n251 c\r\n', 250, 251],
  ])('refuses a reply with differing codes: %j', (text, first, second) => {
    const { parser, replies } = parse(text, '250 late\r\n');
    expect(replies).toEqual([]);
    expect(parser.violation).toBe(`one reply with two codes, ${String(first)} and ${String(second)}`);
  });

  it('still gives the replies in front of a violation, and none behind it', () => {
    const { parser, replies } = parse('250 a\r\n251 b\r\nrubbish\r\n252 c\r\n', '253 d\r\n');
    expect(codesOf(replies)).toEqual([250, 251]);
    expect(parser.push(octetsOf('254 e\r\n'))).toEqual([]);
    expect(parser.violation).toContain('rubbish');
  });

  it('waits for nothing more behind a violation, also in the middle of a reply', () => {
    expect(parse('250-a\r\nrubbish\r\n').parser.incomplete).toBe(false);
    expect(parse('250-a\r\n', '250-b', 'x'.repeat(13_000)).parser.incomplete).toBe(false);
  });

  it('tolerates a line that ends in a lone LF, and notes it', () => {
    const { parser, replies } = parse('250-a\r\n250 b\n');
    expect(replies[0]?.lines).toEqual(['a', 'b']);
    expect(parser.sawBareLf).toBe(true);
  });

  it('takes a lone CR for no line end', () => {
    const { parser, replies } = parse('250 a\r250 b\r\n');
    expect(replies.map(({ text }) => text)).toEqual(['a\r250 b']);
    expect(parser.violation).toBeUndefined();
    expect(parse('250 a\r').parser.incomplete).toBe(true);
  });

  it('reads text as UTF-8 where it is, else as Latin-1', () => {
    expect(parse(Buffer.from('250 gr\u00fc\u00df\r\n')).replies[0]?.text).toBe('gr\u00fc\u00df');
    expect(parse('250 gr\u00fc\u00df\r\n').replies[0]?.text).toBe('gr\u00fc\u00df');
  });

  it('keeps a copy of what it waits to see the end of', () => {
    const chunk = octetsOf('250 ab');
    const parser = new ReplyParser();
    parser.push(chunk);
    chunk.fill('x');
    expect(parser.push(octetsOf('c\r\n')).map(({ text }) => text)).toEqual(['abc']);
  });

  describe('limits', () => {
    const longest = `250 ${'x'.repeat(MAX_REPLY_LINE_OCTETS - 6)}\r\n`;

    it('are those of RFC 4954 for a line, and ours for a reply', () => {
      expect([MAX_REPLY_LINE_OCTETS, MAX_REPLY_LINES, MAX_REPLY_OCTETS]).toEqual([12_288, 512, 65_536]);
    });

    it('take a line of 12,288 octets, its CRLF included, and no octet more', () => {
      for (const cuts of [[], [0.3, 0.9999]]) {
        expect(codesOf(parse(...chunksOf(octetsOf(longest), cuts)).replies)).toEqual([250]);
        const { parser, replies } = parse(...chunksOf(octetsOf(`250 x${longest.slice(4)}`), cuts));
        expect(replies).toEqual([]);
        expect(parser.violation).toBe('a reply line of more than 12288 octets');
      }
    });

    it('do not wait for the end of a line that is too long already', () => {
      const parser = new ReplyParser();
      parser.push(Buffer.alloc(MAX_REPLY_LINE_OCTETS, 'x'));
      expect(parser.violation).toBeUndefined();
      parser.push(octetsOf('x'));
      expect(parser.violation).toBe('a reply line of more than 12288 octets');
    });

    it('take 512 lines, and not one more', () => {
      expect(parse(`${'250-x\r\n'.repeat(511)}250 x\r\n`).replies[0]?.lines).toHaveLength(512);
      const { parser, replies } = parse(`${'250-x\r\n'.repeat(512)}250 x\r\n`);
      expect(replies).toEqual([]);
      expect(parser.violation).toBe('a reply of more than 512 lines');
    });

    it('take 65,536 octets for a reply, and not one more', () => {
      const line = `250-${'x'.repeat(1018)}\r\n`;
      const fits = line.repeat(63) + line.replace('-', ' ');
      expect(fits).toHaveLength(MAX_REPLY_OCTETS);
      expect(codesOf(parse(fits).replies)).toEqual([250]);
      const { parser, replies } = parse(line.repeat(63) + line.replace('-', ' x'));
      expect(replies).toEqual([]);
      expect(parser.violation).toBe('a reply of more than 65536 octets');
    });

    it('count each reply anew', () => {
      const reply = `${'250-x\r\n'.repeat(511)}250 x\r\n`;
      const big = `250-${'x'.repeat(1018)}\r\n`.repeat(63) + '250 x\r\n';
      expect(parse(reply.repeat(3) + big.repeat(3)).replies).toHaveLength(6);
    });

    it('stop a server that never ends its reply, whatever its lines look like', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 13_000 }),
          fc.integer({ min: 1, max: 5000 }),
          (lineOctets, chunkOctets) => {
            const endless = octetsOf(`250-${'x'.repeat(lineOctets)}\r\n`.repeat(Math.ceil(140_000 / (lineOctets + 6))));
            const parser = new ReplyParser();
            let taken = 0;
            const replies: Reply[] = [];
            for (let start = 0; parser.violation === undefined && start < endless.length; start += chunkOctets) {
              replies.push(...parser.push(endless.subarray(start, start + chunkOctets)));
              taken = start;
            }
            expect(replies).toEqual([]);
            expect(parser.violation).toMatch(/^a reply (?:line )?of more than /);
            expect(taken).toBeLessThanOrEqual(MAX_REPLY_OCTETS + MAX_REPLY_LINE_OCTETS);
          },
        ),
        { numRuns: 25 },
      );
    });
  });
});
