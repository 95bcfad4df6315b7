/** A value that carries a line end into the header block: through every field, name, file name, type and id that the API takes. */
import { Message, type MessageFields } from '../../src/index.js';
import { refusalOf, World } from './world.js';

const evil = [
  'x\r\nBcc: v@evil.test',
  'x\nBcc: v@evil.test',
  'x\rBcc: v@evil.test',
  'x\0y',
  'x\r\n\r\nbody',
  'x\r',
  '\nx',
];
const plain: MessageFields = { from: 'a@x.test', to: 'b@y.test', text: 't' };

const ways: readonly (readonly [string, (value: string) => MessageFields])[] = [
  ['subject', (subject) => ({ ...plain, subject })],
  ['the name of from', (name) => ({ ...plain, from: { name, address: 'a@x.test' } })],
  ['the name of to', (name) => ({ ...plain, to: [{ name, address: 'b@y.test' }] })],
  ['the name of replyTo', (name) => ({ ...plain, replyTo: { name, address: 'b@y.test' } })],
  ['messageId', (messageId) => ({ ...plain, messageId: `<${messageId}@x.test>` })],
  ['inReplyTo', (inReplyTo) => ({ ...plain, inReplyTo })],
  ['references', (reference) => ({ ...plain, references: [reference] })],
  ['a header value', (value) => ({ ...plain, headers: { 'X-Y': value } })],
  ['one of several header values', (value) => ({ ...plain, headers: { 'X-Y': ['fine', value] } })],
  ['a header name', (value) => ({ ...plain, headers: { [value]: 'x' } })],
  ['a file name', (filename) => ({ ...plain, attachments: [{ content: 'x', filename }] })],
  ['a content type', (contentType) => ({ ...plain, attachments: [{ content: 'x', contentType }] })],
  [
    'a parameter of a content type',
    (value) => ({ ...plain, attachments: [{ content: 'x', contentType: `text/plain; name="${value}"` }] }),
  ],
  ['a content id', (cid) => ({ ...plain, html: '<p>', attachments: [{ content: 'x', cid }] })],
  ['a header of an attachment', (value) => ({ ...plain, attachments: [{ content: 'x', headers: { 'X-Y': value } }] })],
  ['the type of an alternative', (contentType) => ({ ...plain, alternatives: [{ content: 'x', contentType }] })],
];

it.each(ways)('%s: refused, not flattened', async (_name, fields) => {
  for (const value of evil) {
    await using world = await World.start();
    await refusalOf(() => world.client.sendMessage(fields(value)));
    await refusalOf(() => world.mailer.send(fields(value)));
    await refusalOf(() => world.sendAll([fields(value)]));
    await refusalOf(async () => Message.compose(fields(value)).toBytes());
    expect(world.commands).toEqual([]);
  }
});

it('what a Message is given later is refused as well', async () => {
  const message = Message.parse('Subject: s\r\n\r\nx');
  for (const value of evil) {
    for (const edit of ['append', 'prepend', 'set'] as const) {
      await refusalOf(() => {
        message.headers[edit]('X-Y', value);
      });
      await refusalOf(() => {
        message.headers[edit](value, 'x');
      });
    }
  }
  expect([...message.headers]).toEqual([['Subject', 's']]);
});

it('a Resent-* block takes no line ends either', async () => {
  const message = Message.parse('From: a@x.test\r\nSubject: s\r\n\r\nx');
  for (const value of evil) {
    await refusalOf(() => message.resend({ from: { name: value, address: 'a@x.test' }, to: 'b@y.test' }).toBytes());
    await refusalOf(() => message.resend({ from: 'a@x.test', to: `${value}@y.test` }).toBytes());
    await refusalOf(() => message.resend({ from: 'a@x.test', to: 'b@y.test', messageId: `<${value}@x>` }).toBytes());
  }
});
