import fc from 'fast-check';
import { contentOfOctets, contentOfStream } from '../../src/octets/content-of.js';
import { CRLF, frameInMemory, quotedata } from '../../src/protocol/body.js';
import { readData } from '../support/data-reader.js';
import { canonicalOf } from '../support/line-end-reference.js';
import { octetsOfPieces, unpooled } from '../support/octet-arbitraries.js';

const contentOf = (octets: Uint8Array) => contentOfOctets(octets, { lineEndings: 'normalize-all' });

function framed(text: string): string {
  return Buffer.concat(frameInMemory(contentOf(Buffer.from(text))) ?? []).toString();
}

describe('frameInMemory', () => {
  it.each([
    ['', '.\r\n'],
    ['a: b\n', 'a: b\r\n.\r\n'],
    ['a: b', 'a: b\r\n.\r\n'],
    ['a: b\n\n.\n', 'a: b\r\n\r\n..\r\n.\r\n'],
    ['a: b\n\nx\r\n.\r\nMAIL FROM:<x@y>\r\n', 'a: b\r\n\r\nx\r\n..\r\nMAIL FROM:<x@y>\r\n.\r\n'],
  ])('frames %j', (text, octets) => {
    expect(framed(text)).toBe(octets);
  });

  it('gives a strict reader exactly the canonical content, whatever it is', () => {
    fc.assert(
      fc.property(octetsOfPieces(['\u00e9']), (octets) => {
        const wire = Buffer.concat(frameInMemory(contentOf(octets)) ?? []);
        expect(readData(wire)).toEqual(canonicalOf(octets));
      }),
    );
  });

  it('sends the very octets that were given where no line begins with a dot', () => {
    const octets = unpooled('a: b\r\n\r\nx.y\r\n');
    const [first, ...rest] = frameInMemory(contentOf(octets)) ?? [];
    expect(first?.buffer).toBe(octets.buffer);
    expect(first).toEqual(octets);
    expect(Buffer.concat(rest).toString()).toBe('.\r\n');
  });

  it('frames no content that is streamed', () => {
    const content = contentOfStream(async function* () {
      yield Buffer.from('a: b\r\n');
    });
    expect(frameInMemory(content)).toBeUndefined();
  });
});

it('ends lines with CR and LF', () => {
  expect([...Buffer.from(CRLF)]).toEqual([13, 10]);
});

describe('quotedata', () => {
  it.each([undefined, null, 5, Buffer.from('text')])('takes no %p', (data) => {
    expect(() => quotedata(data as unknown as string)).toThrow(
      expect.objectContaining({ name: 'MessageError', code: 'ERR_INVALID_ARGUMENT' }) as Error,
    );
  });

  it.each([
    ['', ''],
    ['a\r.b', 'a\r\n..b'],
    ['a\r\r\n.b', 'a\r\n\r\n..b'],
    ['a\n.\r\n..', 'a\r\n..\r\n...'],
    ['.', '..'],
    ['a.b', 'a.b'],
    ['\u00e9\n', '\u00e9\r\n'],
  ])('turns %j into %j, as Python does', (data, quoted) => {
    expect(quotedata(data)).toBe(quoted);
  });

  it('says the same as the frame, but for the last line end', () => {
    fc.assert(
      fc.property(octetsOfPieces(), (octets) => {
        const quoted = quotedata(octets.toString('latin1'));
        const ended = quoted === '' || quoted.endsWith('\r\n') ? quoted : `${quoted}\r\n`;
        expect(`${ended}.\r\n`).toBe(Buffer.concat(frameInMemory(contentOf(octets)) ?? []).toString('latin1'));
      }),
    );
  });
});
