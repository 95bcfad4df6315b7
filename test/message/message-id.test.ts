import { checkMessageId, makeMessageId } from '../../src/message/message-id.js';
import { failure } from './failure.js';
import { fixedEnvironment } from './fixed-environment.js';

describe('makeMessageId', () => {
  it('has 128 random bits and the name of the host', () => {
    expect(makeMessageId(fixedEnvironment)).toBe(`<${'ab'.repeat(16)}@host.example>`);
  });

  it.each(['', 'my host', 'höst', 'a\r\nBcc: v@x', 'a..b', '.a', 'a.', 'a.b ', ' a.b', 'a.b c', '[a]'])(
    'does without the host name %j',
    (name) => {
      expect(makeMessageId({ ...fixedEnvironment, hostname: () => name })).toBe(`<${'ab'.repeat(16)}@localhost>`);
    },
  );

  it.each(['localhost', 'a.b', 'mail.host.example', 'a-b.c1.d2', 'UPPER.example'])('takes the host name %j', (name) => {
    expect(makeMessageId({ ...fixedEnvironment, hostname: () => name })).toBe(`<${'ab'.repeat(16)}@${name}>`);
  });

  it('is one that is accepted', () => {
    const identifier = makeMessageId(fixedEnvironment);
    expect(checkMessageId(identifier)).toBe(identifier);
  });
});

describe('checkMessageId', () => {
  it.each([
    ['<a@b>', '<a@b>'],
    ['a@b', '<a@b>'],
    ['<a.b+c@[192.0.2.1]>', '<a.b+c@[192.0.2.1]>'],
    ['<é@x>', '<é@x>'],
  ])('%s is %s', (given, identifier) => {
    expect(checkMessageId(given)).toBe(identifier);
  });

  it.each([
    '',
    'a',
    '<a>',
    '<a@>',
    '<@b>',
    '<a@b',
    'a@b>',
    '<a@b@c>',
    '<a b@c>',
    '<a@b>\r\nBcc: v@x',
    '<a@b\0>',
    '<a@b> <c@d>',
    `<${'a'.repeat(600)}@b>`,
  ])('refuses %j', (given) => {
    expect(() => checkMessageId(given)).toThrow(failure({ code: 'ERR_INVALID_MESSAGE_ID', hint: expect.any(String) }));
  });

  it('takes one that fits into half a line, with room for its field, and no longer one', () => {
    // 998 octets are a line.
    for (const [letter, octets] of [
      ['x', 1],
      ['\u00e9', 2],
    ] as const) {
      const fits = `<${'a'.repeat(498 - 4 - octets)}${letter}@b>`;
      expect(Buffer.byteLength(fits)).toBe(498);
      expect(checkMessageId(fits)).toBe(fits);
      expect(() => checkMessageId(fits.replace('<', '<a'))).toThrow(failure({ code: 'ERR_INVALID_MESSAGE_ID' }));
    }
  });

  it.each(['<a\u00ad@b>', '<a@b\u202e>', '<a\u007f@b>', '<a@b>x', 'x<a@b>', '<<a@b>', '<a@b>>', '<a>@b>'])(
    'refuses %j, which some would read otherwise',
    (given) => {
      expect(() => checkMessageId(given)).toThrow(failure({ code: 'ERR_INVALID_MESSAGE_ID' }));
    },
  );

  it('refuses what is no text', () => {
    expect(() => checkMessageId(7 as unknown as string)).toThrow(failure({ code: 'ERR_INVALID_MESSAGE_ID' }));
  });
});
