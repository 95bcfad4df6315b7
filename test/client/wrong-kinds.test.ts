/** Arguments of the wrong kind, as plain JavaScript lets through, get a typed error with a hint, never a TypeError from inside. */
import { isPosthasteError, Message, SMTP, type PosthasteError } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const message = Message.parse('From: a@x.test\nTo: b@x.test\n\nhello\n');

it.each<[string, (smtp: SMTP) => Promise<unknown>]>([
  ['a factory that gives the bytes', (smtp) => smtp.sendMessage((() => Buffer.from('x')) as never)],
  ['dsn.notify as one word', (smtp) => smtp.sendMessage(message, { dsn: { notify: 'never' as never } })],
  ['mechanisms as one word', (smtp) => smtp.login('ann', 'secret', { mechanisms: 'PLAIN' as never })],
  ['parameters of MAIL that are null', (smtp) => smtp.mail('a@x.test', null as never)],
  ['parameters of RCPT that are a number', (smtp) => smtp.rcpt('a@x.test', 5 as never)],
  ['rcptOptions that give nothing', (smtp) => smtp.sendMessage(message, { rcptOptions: (() => undefined) as never })],
  ['a sender that is null', (smtp) => smtp.sendMessage(message, { from: null as never })],
  ['recipients that are null', (smtp) => smtp.sendMessage(message, { to: null as never })],
  ['VRFY of nothing', (smtp) => smtp.verify(undefined as never)],
  ['EXPN of an empty name', (smtp) => smtp.expn(' ')],
  ['resend() without fields', async () => await Promise.resolve().then(() => message.resend(undefined as never))],
  [
    'a date as text',
    async () =>
      await Promise.resolve().then(() =>
        message.resend({ from: 'a@x.test', to: 'b@x.test', date: '2025-01-01' as never }),
      ),
  ],
  [
    'a message identifier that is a number',
    async () =>
      await Promise.resolve().then(() => message.resend({ from: 'a@x.test', to: 'b@x.test', messageId: 7 as never })),
  ],
])('%s', async (_, call) => {
  await using server = await ScriptedServer.start({ behave: { extensions: ['DSN', 'AUTH PLAIN'] } });
  await using smtp = await SMTP.connect(server.url);
  const error = await rejectionOf(call(smtp));
  expect(isPosthasteError(error)).toBe(true);
  expect((error as PosthasteError).hint).toBeTruthy();
  expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['EHLO']);
});
