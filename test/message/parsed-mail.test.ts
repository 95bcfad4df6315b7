import { simpleParser } from 'mailparser';
import { bindMessageEnvironment } from '../../src/message/environment.js';
import { Message } from '../../src/message/message.js';
import { fieldsOfParsedMail, isParsedMail, type ParsedMail } from '../../src/message/parsed-mail.js';
import { failure } from './failure.js';
import { fixedEnvironment } from './fixed-environment.js';

beforeAll(() => {
  bindMessageEnvironment(fixedEnvironment);
});

describe('a message that mailparser has read', () => {
  it('is composed anew with the same fields, texts and attachments', async () => {
    const original = Message.compose({
      from: [{ name: 'Jörg', address: 'j@x.example' }, 'k@x.example'],
      sender: 'k@x.example',
      replyTo: 'l@x.example',
      to: 'Team: a@x.example, "B, C" <b@x.example>;, d@x.example',
      cc: 'e@x.example',
      subject: 'Grüße',
      text: 'Text ü\n',
      html: '<img src="cid:logo">',
      messageId: '<id@x.example>',
      inReplyTo: '<before@x.example>',
      references: ['<first@x.example>', '<before@x.example>'],
      date: new Date(Date.UTC(2024, 1, 29)),
      attachments: [
        { content: Buffer.from([0, 255]), filename: 'ä.bin' },
        { content: 'png', filename: 'logo.png', cid: 'logo' },
      ],
    });
    const octets = Buffer.from(await original.toBytes());
    // As a reader gives it, and as its types say.
    const mail: ParsedMail = await simpleParser(octets, { keepCidLinks: true });
    expect(isParsedMail(mail)).toBe(true);
    expect(Buffer.from(await Message.compose(mail).toBytes()).toString()).toBe(octets.toString());
  });

  it('with its other fields as text, and without those of its way here', async () => {
    const mail = await simpleParser(
      [
        'Received: from a by b',
        'DKIM-Signature: v=1',
        'Authentication-Results: x; spf=pass',
        'Delivered-To: c@x.example',
        'From: a@x.example',
        'X-Note: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= and',
        '\tmore',
        'List-Unsubscribe: <https://x.example/u>,',
        ' <mailto:u@x.example>',
        'X-Tag: 1',
        'x-tag: 2',
        'X-Raw: ü',
        'X-Empty:',
        'not a field',
        'Content-Type: text/plain',
        '',
        'Text',
      ].join('\r\n'),
    );
    const { headers } = fieldsOfParsedMail(mail);
    expect(headers).toEqual({
      'X-Note': ['Grüße and more'],
      'List-Unsubscribe': ['<https://x.example/u>, <mailto:u@x.example>'],
      'X-Tag': ['1', '2'],
      'X-Raw': ['ü'],
      'X-Empty': [''],
    });
    const message = Message.compose(mail);
    expect(message.headers.getAll('x-tag')).toEqual(['1', '2']);
    expect(message.headers.get('List-Unsubscribe')).toBe('<https://x.example/u>, <mailto:u@x.example>');
    for (const name of ['Received', 'DKIM-Signature', 'Authentication-Results', 'Delivered-To']) {
      expect(message.headers.has(name)).toBe(false);
    }
  });

  it('whose other field decodes to a line end is refused', async () => {
    const mail = await simpleParser('From: a@x.example\r\nX-A: =?utf-8?Q?a=0D=0ABcc:_b@x?=\r\n\r\nText');
    expect(() => Message.compose(mail)).toThrow(failure({ code: 'ERR_INVALID_HEADER_VALUE', header: 'X-A' }));
  });

  it.each([[{ key: 'x' }], [null], ['X-A: 1'], [{ line: 7 }], [{ line: 'no colon' }]])(
    'whose header line is %j is read without it',
    (line) => {
      const mail = { headers: new Map(), headerLines: [line], attachments: [] };
      expect(fieldsOfParsedMail(mail).headers).toBeUndefined();
    },
  );

  it('without HTML, attachments and the rest', async () => {
    const mail = await simpleParser('From: a@x.example\r\nBcc: b@x.example\r\n\r\nText', { skipTextToHtml: true });
    expect(fieldsOfParsedMail(mail)).toEqual({
      from: [{ name: '', address: 'a@x.example' }],
      bcc: [{ name: '', address: 'b@x.example' }],
      text: 'Text',
      attachments: [],
    });
  });
});

it.each([null, 'x', {}, { headers: {}, headerLines: [], attachments: [] }, { headers: new Map(), attachments: [] }])(
  '%j is not one',
  (value) => {
    expect(isParsedMail(value)).toBe(false);
  },
);
