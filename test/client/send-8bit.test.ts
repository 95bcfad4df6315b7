/** A composed message with 8-bit text goes as it is to a server with 8BITMIME, and encoded to one without. */
import { Message, SMTP, SMTPNotSupportedError, type SendMessageOptions } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const fields = {
  from: 'ann@x.test',
  to: 'bob@x.test',
  subject: 'hi',
  text: 'Grüße, and more text in plain ASCII so that it stays readable\n',
  textEncoding: '8bit',
} as const;

async function received(
  message: Message,
  extensions: readonly string[],
  options: SendMessageOptions = {},
): Promise<{ parameters: readonly string[] | undefined; text: string; sizeBytes: number }> {
  await using server = await ScriptedServer.start({ behave: { extensions } });
  await using smtp = await SMTP.connect(server.url);
  const { sizeBytes } = await smtp.sendMessage(message, options);
  const [taken] = server.messages;
  return { parameters: taken?.parameters, text: Buffer.from(taken?.content ?? []).toString(), sizeBytes };
}

it('is sent in the form that the server takes, and again in the same octets', async () => {
  const message = Message.compose(fields);
  const asItIs = await received(message, ['8BITMIME', 'SIZE']);
  expect(asItIs.parameters).toEqual([`SIZE=${String(Buffer.byteLength(asItIs.text))}`, 'BODY=8BITMIME']);
  expect(asItIs.text).toBe(Buffer.from(await message.toBytes()).toString());
  expect(asItIs.text).toContain('\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße,');

  const encoded = await received(message, ['SIZE']);
  expect(encoded.parameters).toEqual([`SIZE=${String(encoded.text.length)}`]);
  expect(encoded.sizeBytes).toBe(encoded.text.length);
  expect(encoded.text).toContain('\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe,');
  const identity = /^(?:Message-ID|Date): .*$/gm;
  expect(encoded.text.match(identity)).toEqual(asItIs.text.match(identity));

  expect(await received(message, ['8BITMIME', 'SIZE'])).toEqual(asItIs);
  expect(await received(message, ['SIZE'])).toEqual(encoded);
});

it('is encoded where BODY=7BIT was asked for', async () => {
  const { parameters, text } = await received(Message.compose(fields), ['8BITMIME'], { mailOptions: ['BODY=7BIT'] });
  expect(parameters).toEqual(['BODY=7BIT']);
  expect(text).toContain('quoted-printable');
});

it('is refused when an attached message would be 8-bit all the same', async () => {
  const attachments = [{ content: Buffer.from('Subject: Grüße\r\n\r\n'), contentType: 'message/rfc822' }];
  const sending = received(Message.compose({ ...fields, attachments }), []);
  expect(await rejectionOf(sending)).toBeInstanceOf(SMTPNotSupportedError);
});
