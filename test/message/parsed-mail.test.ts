import { simpleParser } from 'mailparser';
import { bindMessageEnvironment } from '../../src/message/environment.js';
import { Message } from '../../src/message/message.js';
import { fieldsOfParsedMail, isParsedMail, type ParsedMail } from '../../src/message/parsed-mail.js';
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
