import { checkMessageId, makeMessageId } from '../../src/message/message-id.js';
import { failure } from './failure.js';
import { fixedEnvironment } from './fixed-environment.js';

describe('makeMessageId', () => {
  it('has 128 random bits and the name of the host', () => {
    expect(makeMessageId(fixedEnvironment)).toBe(`<${'ab'.repeat(16)}@host.example>`);
  });

  it.each(['', 'my host', 'höst', 'a\r\nBcc: v@x', 'a..b'])('does without the host name %j', (name) => {
    expect(makeMessageId({ ...fixedEnvironment, hostname: () => name })).toBe(`<${'ab'.repeat(16)}@localhost>`);
  });

  it.each(['localhost', 'a.b', 'mail.host.example'])('takes the host name %j', (name) => {
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

  it('refuses what is no text', () => {
    expect(() => checkMessageId(7 as unknown as string)).toThrow(failure({ code: 'ERR_INVALID_MESSAGE_ID' }));
  });
});
