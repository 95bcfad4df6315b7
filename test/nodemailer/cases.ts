/** The messages of the comparison: each form that nodemailer's documentation shows, and what servers answer. */
import { Readable } from 'node:stream';
import { join } from 'node:path';
import type { Case } from './compared.js';

const FIXTURE = join(import.meta.dirname, '../../fixtures/demo/new-message-with-bcc.eml');
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const ACCOUNTS = { accounts: { ann: 'secret' }, extensions: ['PIPELINING', 'AUTH PLAIN LOGIN'] };
const base = { from: 'Ann <ann@example.org>', to: 'bob@example.org', subject: 'Hi', text: 'Hello' };

export const cases: readonly Case[] = [
  { name: 'a text', data: () => base },
  { name: 'text and html', data: () => ({ ...base, html: '<p>Hello</p>' }) },
  { name: 'html alone', data: () => ({ ...base, text: undefined, html: '<p>Hello</p>' }) },
  { name: 'nothing but addresses', data: () => ({ from: 'ann@example.org', to: 'bob@example.org' }) },
  {
    name: 'names beyond ASCII, several recipients, Cc, Bcc and Reply-To',
    data: () => ({
      ...base,
      from: { name: 'Änn Müller', address: 'ann@example.org' },
      to: ['bob@example.org', { name: 'Doe, Jane', address: 'jane@example.org' }, 'Zoë <zoe@example.org>'],
      cc: 'c1@example.org, "Two, C" <c2@example.org>',
      bcc: ['hidden@example.org'],
      replyTo: 'reply@example.org',
      subject: 'Grüße an alle, die es angeht, und noch ein langer Betreff, der gefaltet wird',
    }),
  },
  { name: 'a group', data: () => ({ ...base, to: 'Friends: bob@example.org, jane@example.org;' }) },
  { name: 'an address twice', data: () => ({ ...base, to: 'bob@example.org', cc: 'bob@example.org' }) },
  { name: 'a domain beyond ASCII', data: () => ({ ...base, to: 'bob@bücher.example' }) },
  {
    name: 'a sender',
    data: () => ({ ...base, sender: 'sec@example.org' }),
    differs: ['envelope-sender'],
    ours: { envelope: { from: 'sec@example.org' } },
  },
  {
    name: 'an answer',
    data: () => ({ ...base, inReplyTo: '<a@example.org>', references: ['<b@example.org>', 'c@example.org'] }),
  },
  { name: 'references as text', data: () => ({ ...base, references: '<a@x.example> <b@x.example>' }) },
  {
    name: 'headers as an object',
    data: () => ({ ...base, headers: { 'X-One': 'eins', 'X-Two': ['a', 'b'], 'X-Three': 'Grüße' } }),
  },
  {
    name: 'headers as a list, prepared and with places of their own',
    data: () => ({
      ...base,
      headers: [
        { key: 'X-One', value: 'eins' },
        { key: 'X-Prepared', value: { prepared: true, value: '=?utf-8?q?gr=C3=BC=C3=9Fe?=' } },
        { key: 'Reply-To', value: 'r@example.org' },
        { key: 'In-Reply-To', value: '<a@example.org>' },
      ],
    }),
  },
  { name: 'priority high', data: () => ({ ...base, priority: 'high' }) },
  { name: 'priority low and xMailer', data: () => ({ ...base, priority: 'low', xMailer: 'Ours 1.0' }) },
  {
    name: 'list fields',
    data: () => ({
      ...base,
      list: {
        help: 'admin@example.com?subject=help',
        unsubscribe: { url: 'http://example.com', comment: 'A (comment)' },
        subscribe: ['admin@example.com?subject=subscribe', { url: 'http://example.com/s', comment: 'Subscribe' }],
        post: [['http://example.com/post', { url: 'admin@example.com?subject=post', comment: 'Post' }]],
        id: { url: 'mylist.example.com', comment: 'Müsli "list"' },
      },
    }),
  },
  {
    name: 'attachments of all kinds',
    data: () => ({
      ...base,
      html: '<img src="cid:pixel@x">',
      attachments: [
        { filename: 'a.txt', content: 'hello world!' },
        { filename: 'b.bin', content: Buffer.from([0, 1, 2, 250]) },
        { filename: 'c.pdf', content: Readable.from([Buffer.from('%PDF'), Buffer.from('-1.4')]) },
        { filename: 'größe.png', content: PIXEL, encoding: 'base64', cid: 'pixel@x' },
        { content: 'no name', contentType: 'text/plain' },
        {
          filename: 'd.txt',
          content: 'inline',
          contentDisposition: 'inline',
          contentType: 'text/plain; charset=utf-8',
        },
        { path: 'data:text/plain;base64,aGVsbG8=', filename: 'e.txt' },
        { filename: false, content: 'x', contentType: 'application/x-thing' },
      ],
    }),
  },
  {
    name: 'an attachment by its path',
    data: () => ({ ...base, attachments: [{ path: FIXTURE }] }),
    leave: { files: join(import.meta.dirname, '../../fixtures') },
  },
  {
    name: 'an attachment by its path, that is not allowed',
    data: () => ({ ...base, attachments: [{ path: FIXTURE }] }),
    differs: ['files-and-urls'],
    ours: { error: { code: 'EFILEACCESS' } },
  },
  {
    name: 'an attachment alone',
    data: () => ({ from: base.from, to: base.to, attachments: [{ filename: 'a.txt', content: 'x' }] }),
    differs: ['attachment-alone'],
    ours: { tree: 'mixed(text/plain)' },
  },
  {
    name: 'an image with a cid and no html',
    data: () => ({ ...base, attachments: [{ filename: 'p.png', content: PIXEL, encoding: 'base64', cid: 'p@x' }] }),
  },
  {
    name: 'html and an image, without text',
    data: () => ({
      ...base,
      text: undefined,
      html: '<img src="cid:p@x">',
      attachments: [{ filename: 'p.png', content: PIXEL, encoding: 'base64', cid: 'p@x' }],
    }),
  },
  {
    name: 'an attached message',
    data: () => ({
      ...base,
      attachments: [{ contentType: 'message/rfc822', content: 'From: a@x.example\r\n\r\nhi\r\n' }],
    }),
  },
  {
    name: 'other forms of the text',
    data: () => ({
      ...base,
      html: '<p>Hello</p>',
      amp: '<html amp4email></html>',
      watchHtml: '<b>Hi</b>',
      alternatives: [{ contentType: 'text/x-web-markdown', content: '**Hi**' }],
    }),
  },
  {
    name: 'an invitation',
    data: () => ({
      ...base,
      icalEvent: { method: 'request', content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n', filename: 'i.ics' },
    }),
  },
  {
    name: 'pictures in the html itself',
    data: () => ({ ...base, attachDataUrls: true, html: `<p><img src="data:image/png;base64,${PIXEL}"></p>` }),
  },
  {
    name: 'texts as octets and streams',
    data: () => ({ ...base, text: Buffer.from('Grüße'), html: Readable.from(['<p>', 'Grüße</p>']) }),
  },
  { name: 'text as an object', data: () => ({ ...base, text: { content: 'SGFsbG8=', encoding: 'base64' } }) },
  {
    name: 'an envelope',
    data: () => ({
      ...base,
      envelope: { from: 'Bounce <bounce@example.org>', to: 'x@example.org, Y <y@example.org>', cc: ['z@example.org'] },
    }),
  },
  {
    name: 'the null sender',
    differs: ['message-id'],
    ours: { info: { idDomain: '<example.org>' } },
    data: () => ({ ...base, envelope: { from: false, to: 'x@example.org' } }),
  },
  {
    name: 'an envelope without a sender',
    data: () => ({ ...base, envelope: { to: 'x@example.org' } }),
    differs: ['envelope-sender'],
    ours: { envelope: { from: 'ann@example.org' } },
  },
  { name: 'a date and an identifier', data: () => ({ ...base, date: new Date(0), messageId: '<one@example.org>' }) },
  {
    name: 'a whole message with an envelope',
    differs: ['message-id'],
    ours: { info: { idDomain: '' } },
    data: () => ({
      envelope: { from: 'ann@example.org', to: ['bob@example.org'] },
      raw: 'From: ann@example.org\r\nTo: bob@example.org\r\nSubject: raw\r\n\r\nhello\r\n',
    }),
  },
  {
    name: 'a whole message with a Bcc in it',
    data: () => ({
      envelope: { from: 'ann@example.org', to: ['bob@example.org'] },
      raw: 'From: ann@example.org\r\nTo: bob@example.org\r\nBcc: hidden@example.org\r\nSubject: raw\r\n\r\nhello\r\n',
    }),
    differs: ['raw-bcc'],
    ours: { headers: ['from: ann@example.org', 'subject: raw', 'to: bob@example.org'] },
  },
  {
    name: 'a whole message that says itself where it goes',
    data: () => ({ raw: 'From: ann@example.org\r\nTo: bob@example.org\r\n\r\nhi\r\n' }),
    differs: ['raw-envelope'],
    ours: { envelope: { to: ['bob@example.org'] } },
  },
  {
    name: 'reports',
    data: () => ({
      ...base,
      dsn: { id: 'some-id', return: 'headers', notify: ['failure', 'delay'], recipient: 'sender@example.org' },
    }),
  },
  { name: 'no recipients', data: () => ({ from: 'ann@example.org', text: 'x' }) },
  {
    name: 'no sender',
    data: () => ({ to: 'bob@example.org', text: 'x' }),
    differs: ['no-sender'],
    ours: { error: { code: 'EENVELOPE' } },
  },
  {
    name: 'several authors',
    data: () => ({ ...base, from: ['a@example.org', 'b@example.org'] }),
    differs: ['several-authors'],
    ours: { error: { code: 'EENVELOPE' } },
  },
  {
    name: 'a name without quotes',
    data: () => ({ ...base, to: 'Doe, John <j@example.org>' }),
    differs: ['address-syntax'],
    ours: { error: { code: 'EENVELOPE' } },
  },
  {
    name: 'a line end in the subject',
    data: () => ({ ...base, subject: 'one\r\nBcc: x@example.org' }),
    differs: ['line-ends'],
    ours: { error: { code: 'EMESSAGE' } },
  },
  {
    name: 'one recipient of two refused',
    data: () => ({ ...base, to: 'bob@example.org, no@example.org' }),
    behave: { on: { 'RCPT:<no@example.org>': '550 5.1.1 no such user' } },
  },
  {
    name: 'all recipients refused',
    data: () => ({ ...base, to: 'a@example.org, b@example.org' }),
    behave: { on: { 'RCPT:1': '450 4.2.0 later', 'RCPT:2': '550 5.1.1 no such user' } },
  },
  { name: 'the sender refused', data: () => base, behave: { on: { MAIL: '550 5.7.1 no' } } },
  { name: 'DATA refused', data: () => base, behave: { on: { DATA: '451 4.3.0 later' } } },
  { name: 'the content refused', data: () => base, behave: { on: { final: '554-5.7.1 no\n554 spam' } } },
  { name: 'a closed connection behind the content', data: () => base, behave: { on: { final: '(close)' } } },
  { name: 'a greeting that is none', data: () => base, behave: { on: { greeting: '554 go away' } } },
  { name: 'a connection closed in front of the greeting', data: () => base, behave: { on: { greeting: '(close)' } } },
  { name: 'a login', data: () => base, behave: ACCOUNTS, options: { auth: { user: 'ann', pass: 'secret' } } },
  { name: 'a wrong login', data: () => base, behave: ACCOUNTS, options: { auth: { user: 'ann', pass: 'wrong' } } },
  { name: 'half of a login', data: () => base, behave: ACCOUNTS, options: { auth: { user: 'ann' } } },
  {
    name: 'a login that the server does not offer',
    data: () => base,
    options: { auth: { user: 'ann', pass: 'secret' } },
    differs: ['not-offered'],
    ours: { error: { code: 'EAUTH' } },
  },
  {
    name: 'TLS that is needed and not offered',
    data: () => base,
    options: { requireTLS: true },
    differs: ['not-offered'],
    ours: { error: { code: 'ETLS', responseCode: undefined } },
  },
  { name: 'a certificate that does not verify', data: () => base, behave: { extensions: ['STARTTLS'] } },
  {
    name: 'a certificate that may fail to verify',
    data: () => base,
    behave: { extensions: ['STARTTLS'] },
    options: { tls: { rejectUnauthorized: false } },
  },
  {
    name: 'reports that the server does not offer',
    data: () => ({ ...base, dsn: { id: 'x', notify: 'failure' } }),
    behave: { extensions: ['PIPELINING'] },
    differs: ['not-offered'],
    ours: { error: { code: 'EENVELOPE' } },
  },
  {
    name: 'a user beyond ASCII at a server that does not take one',
    data: () => ({ ...base, to: 'jürgen@example.org' }),
    behave: { extensions: ['PIPELINING'] },
    differs: ['not-offered'],
    ours: { error: { code: 'EENVELOPE', responseCode: undefined } },
  },
  {
    name: 'base64 that is none',
    data: () => ({ ...base, attachments: [{ filename: 'a.bin', content: 'no base64!', encoding: 'base64' }] }),
    differs: ['bad-content'],
    ours: { error: { code: 'EMESSAGE' } },
  },
  {
    name: 'a field that is nearly one',
    data: () => ({ ...base, reply_to: 'reply@example.org' }) as typeof base,
    differs: ['misspelt-fields'],
    ours: { error: { code: 'EMESSAGE' } },
  },
  {
    name: 'a field of a plugin',
    data: () => ({ ...base, template: 'welcome', context: { name: 'Bob' } }) as typeof base,
  },
  {
    name: 'a type of content in headers',
    data: () => ({ ...base, headers: { 'Content-Type': 'text/html' } }),
    differs: ['structural-headers'],
    ours: { error: { code: 'EMESSAGE' } },
  },
  {
    name: 'a file beside the HTML that has an identifier, and is no part of it',
    data: () => ({
      ...base,
      html: '<p>Hello</p>',
      attachments: [{ filename: 'a.txt', content: 'x', cid: 'a@x', contentDisposition: 'attachment' }],
    }),
    differs: ['attached-with-cid'],
    ours: { tree: 'mixed(alternative(text/plain,text/html),text/plain)' },
  },
  { name: 'a name with a dot', data: () => ({ ...base, to: 'Example Inc. <bob@example.org>' }) },
  { name: 'nobody among the recipients', data: () => ({ ...base, to: ['bob@example.org', ''], cc: '', bcc: [] }) },
  {
    name: 'a file that is not there',
    data: () => ({ ...base, attachments: [{ path: '/nonexistent/a.pdf' }] }),
    leave: { allowFileAccess: true },
  },
  {
    name: 'a stream that fails',
    data: () => ({
      ...base,
      attachments: [
        {
          filename: 'a.bin',
          content: new Readable({
            read() {
              this.destroy(Object.assign(new Error('the disk is gone'), { code: 'EIO' }));
            },
          }),
        },
      ],
    }),
  },
];
