import fc from 'fast-check';
import { beginsLikeMbox, MboxParser, type MboxEvent } from '../../../src/cli/resend/mbox-parser.js';

interface Found {
  readonly text: string;
  readonly offset: number;
  readonly end: number;
  readonly cut: boolean;
}

/** The messages of an mbox that arrives in pieces of these sizes, over and over. */
function split(mbox: string | Buffer, sizes: readonly number[] = [1 << 20]): Found[] {
  const octets = Buffer.from(mbox as string, 'latin1');
  const parser = new MboxParser();
  const found: Found[] = [];
  let open: { offset: number; pieces: Buffer[] } | undefined;
  const take = (events: readonly MboxEvent[]): void => {
    for (const event of events) {
      if (event.kind === 'begin') {
        expect(open).toBeUndefined();
        open = { offset: event.offset, pieces: [] };
      } else if (event.kind === 'octets') {
        open?.pieces.push(event.octets);
      } else {
        const { offset = -1, pieces = [] } = open ?? {};
        found.push({ text: Buffer.concat(pieces).toString('latin1'), offset, end: event.offset, cut: event.cut });
        open = undefined;
      }
    }
  };
  for (let position = 0, turn = 0; position < octets.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    // A copy: what was pushed may be overwritten.
    take(parser.push(Buffer.from(octets.subarray(position, position + size))));
    position += size;
  }
  take(parser.end());
  expect(open).toBeUndefined();
  return found;
}

const texts = (mbox: string, sizes?: readonly number[]): string[] => split(mbox, sizes).map(({ text }) => text);

const FROM = 'From ada@example.org Thu Jan  1 00:00:00 1970';
const one = 'Subject: one\n\nbody\n';
const two = 'Subject: two\n\nmore\n';

/** As a writer of mboxrd does it. */
function mboxrd(messages: readonly string[], lineEnd = '\n'): string {
  return messages.map((message) => `${FROM}${lineEnd}${message.replace(/^(>*From )/gm, '>$1')}${lineEnd}`).join('');
}

describe('a message begins', () => {
  it('behind a blank line, a From line and a header line follow each other', () => {
    expect(texts(`${FROM}\n${one}\n${FROM}\n${two}\n`)).toEqual([one, two]);
  });

  it.each([
    ['without a blank line in front', `${one}${FROM}\n${two}`],
    ['without a date', `${one}\nFrom ada@example.org\n${two}`],
    ['with a date of another form', `${one}\nFrom ada@example.org 1970-01-01 00:00:00\n${two}`],
    ['without an address', `${one}\nFrom Thu Jan  1 00:00:00 1970\n${two}`],
    ['without a header line behind it', `${one}\n${FROM}\nhello, you\n${two}`],
    ['with another blank line behind it', `${one}\n${FROM}\n\n${two}`],
    ['in prose', `${one}\nFrom now on: nothing\n${two}`],
    ['on a line that is too long', `${one}\nFrom ${'a'.repeat(1000)} Thu Jan  1 00:00:00 1970\n${two}`],
  ])('not %s', (_, message) => {
    expect(texts(`${FROM}\n${message}\n`)).toEqual([message]);
  });

  it.each([
    'From - Thu Jan  1 00:00:00 1970',
    'From MAILER-DAEMON  Fri Jul  8 12:08:34 2011',
    'From "a b"@example.org Thu Jan 01 00:00:00 1970',
    'From ada@example.org Thu Jan  1 00:00 1970',
    'From ada@example.org Thu Jan  1 00:00:00 CET 1970',
    'From ada@example.org Thu Jan  1 00:00:00 1970 +0100 ',
  ])('with %s', (line) => {
    expect(texts(`${line}\n${one}\n${line}\n${two}\n`)).toEqual([one, two]);
  });

  it('with CRLF line ends too', () => {
    const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
    expect(texts(crlf(`${FROM}\n${one}\n${FROM}\n${two}\n`))).toEqual([crlf(one), crlf(two)]);
  });

  it('also where the blank line behind the last one is missing', () => {
    expect(split(`${FROM}\n${one}`)).toEqual([{ text: one, offset: 0, end: 65, cut: false }]);
  });
});

it('says where each one stands, so that it can be read again', () => {
  const mbox = `${FROM}\n${one}\n${FROM}\n${two}\n`;
  const found = split(mbox, [7]);
  expect(found.map(({ offset, end }) => texts(`${mbox.slice(offset, end)}\n`))).toEqual([[one], [two]]);
  expect(found.at(-1)?.end).toBe(mbox.length - 1);
});

describe('quoting', () => {
  it('takes one > from each quoted From line, in header and body, and from no other line', () => {
    const quoted = 'Subject: x\n>From : y\n\n>From a\n>>>From b\n> From c\n>Fromage\nx >From d\n';
    expect(texts(`${FROM}\n${quoted}\n`)).toEqual([
      'Subject: x\nFrom : y\n\nFrom a\n>>From b\n> From c\n>Fromage\nx >From d\n',
    ]);
  });
});

describe('a file that ends in the middle', () => {
  it.each([
    ['of a line', `${FROM}\nSubject: one\n\nbo`],
    ['of a From line', `${FROM}\n${one}\nFrom ada@exam`],
    ['behind a From line', `${FROM}\n${one}\n${FROM}\n`],
    ['of a header name', `${FROM}\n${one}\n${FROM}\nSubj`],
  ])('%s has a last message that is cut, and the others are whole', (_, mbox) => {
    const found = split(mbox, [3]);
    expect(found.map(({ cut }) => cut)).toEqual([...found.slice(1).map(() => false), true]);
    if (found.length > 1) expect(found[0]?.text).toBe(one);
  });
});

it.each(['', one, `\n${FROM}\n${one}`, `${FROM}\n\n${one}`, 'From here to there', 'F'])(
  'refuses %j, which is no mbox',
  (text) => {
    expect(() => split(text, [5])).toThrow(/no mbox/);
  },
);

it('knows the beginning of an mbox', () => {
  expect([`${FROM}\n`, `${FROM}\r\n${one}`].map((text) => beginsLikeMbox(Buffer.from(text)))).toEqual([true, true]);
  expect([FROM, '', one, 'From me\n'].map((text) => beginsLikeMbox(Buffer.from(text)))).toEqual(Array(4).fill(false));
});

/** Lines that come near to every rule. */
const line = fc.oneof(
  fc.constantFrom(
    '',
    FROM,
    `>${FROM}`,
    `>>${FROM}`,
    'From ',
    '>From ',
    '>>From x',
    '>',
    '>Fro',
    'F',
    'From',
    'A: b',
    '\r',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 12 }).map((text) => text.replaceAll('\n', ' ')),
);
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

it('gives back, octet for octet, what a writer of mboxrd wrote, at every split', () => {
  const message = fc.array(line, { maxLength: 12 }).map((lines) => ['Subject: x', ...lines, ''].join('\n'));
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), sizes, (messages, pieces) => {
      expect(texts(mboxrd(messages), pieces)).toEqual(messages);
    }),
  );
});

/** The rule on whole lines, without a thought for splits. */
function byLines(mbox: string): string[] {
  const ended = /[^\n]*\n/g;
  const lines = [...mbox.matchAll(ended)].map(([text]) => text);
  const rest = mbox.replaceAll(ended, '');
  if (rest !== '') lines.push(rest);
  const isFrom = (text = ''): boolean =>
    /^From [^\s"]\S*[ \t]+Thu Jan {2}1 00:00:00 1970[ \t]*\r?\n$/.test(text) && text.length <= 1000;
  const isHeader = (text: string | undefined, last: boolean): boolean =>
    /^[!-9;-~]+[ \t]*:/.test(text ?? '') || (last && /^[!-9;-~]*[ \t]*$(?!\n)/.test(text ?? ''));
  const isBlank = (text = ''): boolean => text === '\n' || text === '\r\n';
  const starts = (index: number): boolean =>
    isFrom(lines[index]) &&
    isHeader(lines[index + 1], index + 2 >= lines.length && !(lines[index + 1] ?? '').endsWith('\n'));
  if (!starts(0)) throw new Error('it is no mbox');
  const messages: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const text = lines[index] ?? '';
    if (index === 0) messages.push('');
    else if (isBlank(text) && (index + 1 === lines.length || starts(index + 1))) {
      if (index + 1 < lines.length) messages.push('');
      index += 1;
    } else messages.push(`${messages.pop() ?? ''}${text.replace(/^>(>*From )/, '$1')}`);
  }
  return messages;
}

it('agrees with the rule on whole lines, at every split', () => {
  const mbox = fc
    .tuple(fc.array(line, { maxLength: 20 }), fc.boolean())
    .map(([lines, ended]) => `${[FROM, 'A: b', ...lines].join('\n')}${ended ? '\n' : ''}`);
  fc.assert(
    fc.property(mbox, sizes, (text, pieces) => {
      expect(texts(text, pieces)).toEqual(byLines(text));
    }),
    { numRuns: Math.max(500, fc.readConfigureGlobal().numRuns ?? 0) },
  );
});

it('takes time in proportion to the size of hostile input, and holds little of it', () => {
  const parser = new MboxParser();
  parser.push(Buffer.from(`${FROM}\nA: b\n\n`));
  let largest = 0;
  for (let count = 0; count < 2_000; count += 1) {
    const octets = parser
      .push(Buffer.alloc(1_000, '>'))
      .reduce((sum, event) => sum + (event.kind === 'octets' ? event.octets.length : 0), 0);
    largest = Math.max(largest, octets);
  }
  // What is held comes back with the next piece.
  expect(largest).toBeLessThanOrEqual(1_001);
});
