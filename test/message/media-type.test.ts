import { guessMediaType, parseMediaType } from '../../src/message/media-type.js';
import { failure } from './failure.js';

describe('parseMediaType', () => {
  it.each<[text: string, type: string, parameters: [string, string][]]>([
    ['text/plain', 'text/plain', []],
    [' Text/HTML ; Charset = "utf-8" ', 'text/html', [['charset', 'utf-8']]],
    [
      'text/calendar;method=REQUEST;x="a;\\"b"',
      'text/calendar',
      [
        ['method', 'REQUEST'],
        ['x', 'a;"b'],
      ],
    ],
    ['image/svg+xml;', 'image/svg+xml', []],
  ])('%s', (text, type, parameters) => {
    expect(parseMediaType(text)).toEqual({ type, parameters });
  });

  it.each([
    '',
    'text',
    'text/',
    '/plain',
    'text/plain x',
    'text/plain; a',
    'text/plain; a=b; A=c',
    'text/plain; a="b',
    'text/plain; a=b c',
    'text/plain\r\nBcc: x@y',
    'text/plain; a="b\r\nBcc: x@y"',
    'text/plain; a=ü',
    `text/plain; a="${'x'.repeat(5000)}"`,
  ])('refuses %j', (text) => {
    expect(() => parseMediaType(text)).toThrow(
      failure({ code: 'ERR_INVALID_CONTENT_TYPE', hint: expect.any(String) as string }),
    );
  });
});

it.each([
  ['report.PDF', 'application/pdf'],
  ['a.tar.gz', 'application/gzip'],
  ['mail.eml', 'message/rfc822'],
  ['README', 'application/octet-stream'],
  ['png', 'image/png'],
  ['', 'application/octet-stream'],
  ['constructor', 'application/octet-stream'],
])('%s is taken for %s', (filename, type) => {
  expect(guessMediaType(filename)).toBe(type);
});
