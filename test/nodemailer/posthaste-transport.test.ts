/** Our transport below nodemailer's own: it composes, and its octets are sent. */
import { readFileSync } from 'node:fs';
import nodemailer from 'nodemailer';
import { Mailer } from '../../src/index.js';
import { createTransport, posthasteTransport } from '../../src/nodemailer/index.js';
import { VERSION } from '../../src/nodemailer/version.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const MAIL = {
  from: 'ann@example.org',
  to: 'bob@example.org',
  bcc: 'eve@example.org',
  subject: 'Hi',
  text: 'Hello\n.\n',
};

it('sends the octets and the envelope of nodemailer', async () => {
  await using server = await ScriptedServer.start({ behave: {} });
  const transport = nodemailer.createTransport(posthasteTransport(server.url));
  const date = new Date(0);
  const info = await transport.sendMail({ ...MAIL, date, messageId: '<a@b>', dsn: { id: 'x', notify: 'failure' } });
  const composed = await nodemailer
    .createTransport({ streamTransport: true, buffer: true })
    .sendMail({ ...MAIL, date, messageId: '<a@b>' });
  const expected = (composed.message as Buffer)
    .toString()
    .replace(/^Bcc:.*\r\n/m, '')
    .replace(/\r?\n/g, '\r\n');
  const [message] = server.messages;
  expect(message?.content.toString()).toBe(expected);
  expect(message?.recipients[0]?.parameters).toContain('NOTIFY=FAILURE');
  expect(info).toMatchObject({
    accepted: ['bob@example.org', 'eve@example.org'],
    messageId: '<a@b>',
    ehlo: expect.arrayContaining(['DSN']) as string[],
  });
  expect(info.result.queueId).toBe('T1');
  expect(await transport.verify()).toBe(true);
  transport.close();
});

it('loses the Bcc of a whole message', async () => {
  await using server = await ScriptedServer.start({ behave: {} });
  await using mailer = new Mailer(server.url);
  const transport = nodemailer.createTransport(posthasteTransport(mailer));
  await transport.sendMail({
    envelope: { from: 'a@x.example', to: 'b@x.example' },
    raw: 'From: a@x.example\r\nBcc: c@x.example\r\n\r\nhi\r\n',
  });
  expect(server.messages[0]?.content.toString()).not.toMatch(/bcc/i);
  transport.close();
  // The Mailer is its owner's: it was not closed.
  await transport.sendMail({ from: 'a@x.example', to: 'b@x.example', text: 'x' });
  expect(server.messages).toHaveLength(2);
});

it('fails in the words of nodemailer', async () => {
  await using server = await ScriptedServer.start({ behave: { on: { RCPT: '550 5.1.1 no' } } });
  const transport = nodemailer.createTransport(posthasteTransport({ url: server.url }));
  expect(await rejectionOf(transport.sendMail(MAIL))).toMatchObject({
    code: 'EENVELOPE',
    rejected: ['bob@example.org', 'eve@example.org'],
  });
  transport.close();
  const failing = posthasteTransport('smtp://127.0.0.1:1');
  const error = await new Promise((resolve) => {
    failing.verify(resolve);
  });
  expect(error).toMatchObject({ code: 'ESOCKET', originalCode: 'ECONNREFUSED' });
});

it.each([7, undefined, 'ftp://x', { hots: 'x' }])('is not made of %p', (target) => {
  expect(() => posthasteTransport(target as never)).toThrow(expect.objectContaining({ code: 'ECONFIG' }) as Error);
});

it('what is not options is refused with what to do instead', () => {
  const plugin = { name: 'other', version: '1', send: () => undefined };
  for (const given of [plugin, new Mailer('smtp://localhost'), 7, []]) {
    expect(() => createTransport(given as never)).toThrow(expect.objectContaining({ code: 'ECONFIG' }) as Error);
  }
});

it('has the version of the package', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect([VERSION, posthasteTransport('smtp://localhost').version]).toEqual([version, version]);
});
