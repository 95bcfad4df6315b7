import { areFields, checkAttachment, checkMessageFields } from '../../src/message/message-fields.js';
import { failure } from './failure.js';

const from = 'a@x.example';

it.each([
  [{ from }, true],
  [{ to: from }, true],
  [Object.create({ from }), true],
  [{ toString: 1, id: 2 }, false],
  [{}, false],
  [['from'], false],
  [null, false],
  ['from', false],
])('%j are meant as fields: %s', (value: unknown, expected) => {
  expect(areFields(value)).toBe(expected);
});

describe('the fields of a message', () => {
  it('are taken when they are known and of their kind, also from JSON', () => {
    const fields = { from, to: ['b@x.example'], subject: 'S', text: 'T', attachments: [], headers: { 'X-A': '1' } };
    expect(() => {
      checkMessageFields(JSON.parse(JSON.stringify(fields)));
    }).not.toThrow();
    expect(() => {
      checkMessageFields({ from, html: undefined, date: new Date(0), path: undefined });
    }).toThrow(failure({ code: 'ERR_UNKNOWN_MESSAGE_FIELD' }));
  });

  it.each<[key: string, hint: RegExp]>([
    ['path', /fileAttachment/],
    ['href', /never read/],
    ['raw', /Message\.parse/],
    ['envelope', /options of the call/],
    ['icalEvent', /text\/calendar/],
    ['encoding', /UTF-8/],
    ['replyto', /Did you mean replyTo/],
    ['reply-to', /Did you mean replyTo/],
    ['Message-ID', /Did you mean messageId/],
    ['toString', /headers/],
    ['__proto__', /headers/],
    ['x-mailer', /headers/],
  ])('%s is refused with a hint', (key, hint) => {
    const fields: unknown = JSON.parse(`{"from":"a@x.example","${key}":"x"}`);
    expect(() => {
      checkMessageFields(fields);
    }).toThrow(failure({ code: 'ERR_UNKNOWN_MESSAGE_FIELD', hint: expect.stringMatching(hint) as string }));
  });

  it.each([
    { subject: 1 },
    { subject: null },
    { text: Buffer.from('x') },
    { text: { path: '/etc/passwd' } },
    { html: { href: 'http://127.0.0.1/' } },
    { attachments: { 0: {}, length: 1 } },
    { attachments: null },
    { date: '2025-11-22' },
    { date: 0 },
    { headers: [{ key: 'X-A', value: '1' }] },
    { headers: new Map([['X-A', '1']]) },
    { to: null },
    { textEncoding: 'base64' },
    { textEncoding: true },
  ])('%j is refused', (fields) => {
    expect(() => {
      checkMessageFields({ from, ...fields });
    }).toThrow(failure({ code: 'ERR_INVALID_MESSAGE_FIELD' }));
  });

  it.each([null, undefined, 'From: a', 7, [], ['a']])('%j are no fields', (fields) => {
    expect(() => {
      checkMessageFields(fields);
    }).toThrow(failure({ code: 'ERR_INVALID_MESSAGE_FIELD' }));
  });
});

describe('the fields of an attachment', () => {
  it.each([
    [{ path: '/etc/passwd' }, 'ERR_UNKNOWN_MESSAGE_FIELD'],
    [{ content: '', href: 'http://127.0.0.1/' }, 'ERR_UNKNOWN_MESSAGE_FIELD'],
    [{ content: '', raw: '' }, 'ERR_UNKNOWN_MESSAGE_FIELD'],
    [{ content: '', contentTransferEncoding: '7bit' }, 'ERR_UNKNOWN_MESSAGE_FIELD'],
    [{ content: null }, 'ERR_INVALID_MESSAGE_FIELD'],
    [{ content: '', filename: false }, 'ERR_INVALID_MESSAGE_FIELD'],
    ['/etc/passwd', 'ERR_INVALID_MESSAGE_FIELD'],
    [null, 'ERR_INVALID_MESSAGE_FIELD'],
  ])('%j is refused, and named', (attachment, code) => {
    expect(() => {
      checkAttachment(attachment, 'attachments[2]');
    }).toThrow(failure({ code, message: expect.stringContaining('attachments[2]') as string }));
  });
});
