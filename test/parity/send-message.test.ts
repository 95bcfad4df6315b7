/** Python's send_message, step by step. */
import {
  AmbiguousSenderError,
  InvalidAddressError,
  Message,
  MissingRecipientsError,
  MissingSenderError,
  MultipleResentSetsError,
  SMTP,
  SMTPNotSupportedError,
  type SendResult,
} from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { thrownBy } from '../support/thrown.js';

const envelopeOf = (...fields: readonly string[]): unknown =>
  Message.parse(`${fields.join('\n')}\n\nbody\n`).envelope();
const faultOf = (...fields: readonly string[]): unknown => thrownBy(() => envelopeOf(...fields));

async function send(
  text: string,
  extensions?: readonly string[],
): Promise<{ wire: string; result: SendResult | Error }> {
  await using server = await ScriptedServer.start({ behave: extensions === undefined ? {} : { extensions } });
  await using smtp = await SMTP.connect(server.url);
  const result = await smtp.sendMessage(Message.parse(text)).catch((error: unknown) => error as Error);
  return { wire: server.messages[0]?.content.toString() ?? '', result };
}

describe('1.6 send_message', () => {
  it('1.6 step 1: errors of the envelope come without a connection', async () => {
    const outcome = await new SMTP().sendMessage(Message.parse('Subject: x\n\n')).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(MissingSenderError);
  });

  it('1.6 step 2: one Resent set decides, with or without Resent-Date; two are an error', () => {
    const original = ['From: a@x.test', 'To: b@x.test'];
    expect(envelopeOf('Resent-From: c@x.test', 'Resent-To: d@x.test', ...original)).toEqual({
      from: 'c@x.test',
      to: ['d@x.test'],
    });
    const dated = 'Resent-Date: Mon, 1 Jan 2024 00:00:00 +0000';
    expect(envelopeOf(dated, 'Resent-From: c@x.test', 'Resent-To: d@x.test', ...original)).toEqual({
      from: 'c@x.test',
      to: ['d@x.test'],
    });
    expect(
      faultOf(
        'Resent-From: c@x.test',
        'Resent-To: d@x.test',
        'Resent-From: e@x.test',
        'Resent-To: f@x.test',
        ...original,
      ),
    ).toBeInstanceOf(MultipleResentSetsError);
  });

  it('1.6 step 3: Sender before From; two senders are ambiguous; an empty one does not count; none is an error', () => {
    expect(envelopeOf('Sender: s@x.test', 'From: a@x.test', 'To: b@x.test')).toMatchObject({ from: 's@x.test' });
    expect(envelopeOf('From: a@x.test, c@x.test', 'To: b@x.test')).toMatchObject({ from: 'a@x.test' });
    expect(envelopeOf('Sender:', 'From: a@x.test', 'To: b@x.test')).toMatchObject({ from: 'a@x.test' });
    expect(faultOf('Sender: s@x.test, t@x.test', 'From: a@x.test', 'To: b@x.test')).toBeInstanceOf(
      AmbiguousSenderError,
    );
    expect(faultOf('Sender: s@x.test', 'Sender: t@x.test', 'From: a@x.test', 'To: b@x.test')).toBeInstanceOf(
      AmbiguousSenderError,
    );
    expect(faultOf('To: b@x.test')).toBeInstanceOf(MissingSenderError);
  });

  it('1.6 step 4: all occurrences of To, Cc and Bcc count, each mailbox once', () => {
    const envelope = envelopeOf(
      'From: a@x.test',
      'To: b@x.test',
      'To: c@x.test, B@x.test, b@X.test',
      'Cc: d@x.test',
      'Cc: e@x.test',
      'Bcc: f@x.test',
    );
    expect([...(envelope as { to: readonly string[] }).to].sort()).toEqual(
      ['b@x.test', 'c@x.test', 'B@x.test', 'd@x.test', 'e@x.test', 'f@x.test'].sort(),
    );
  });

  it('1.6 step 4: empty fields and groups name nobody, and never an empty recipient', () => {
    expect(envelopeOf('From: a@x.test', 'To: undisclosed-recipients:;', 'Cc:', 'Bcc: b@x.test')).toMatchObject({
      to: ['b@x.test'],
    });
    expect(faultOf('From: a@x.test', 'To: undisclosed-recipients:;')).toBeInstanceOf(MissingRecipientsError);
    expect(envelopeOf('From: a@x.test', 'To: b@[192.0.2.1], c@x.test,', 'Cc: <@r.test:d@x.test>')).toMatchObject({
      to: ['b@[192.0.2.1]', 'c@x.test', 'd@x.test'],
    });
    expect(faultOf('From: a@x.test', 'To: b@x.test, broken <')).toBeInstanceOf(InvalidAddressError);
  });

  it('1.6 step 5: Bcc and Resent-Bcc do not go out, however they are written; others and embedded ones do', async () => {
    const { wire } = await send(
      [
        'From: a@x.test',
        'bcc: b@x.test',
        'To: c@x.test',
        'Bcc : d@x.test,',
        ' e@x.test',
        'X-Bcc: kept',
        '',
        'Bcc: in the body',
        '',
      ].join('\n'),
    );
    expect(wire).toBe('From: a@x.test\r\nTo: c@x.test\r\nX-Bcc: kept\r\n\r\nBcc: in the body\r\n');
  });

  it('1.6 step 6: a non-ASCII local part needs SMTPUTF8, a non-ASCII domain does not', async () => {
    const text = (from: string): string => `From: ${from}\nTo: b@x.test\n\nx\n`;
    const refused = await send(text('\u00e9@x.test'), ['8BITMIME']);
    expect(refused.result).toBeInstanceOf(SMTPNotSupportedError);
    const accepted = await send(text('\u00e9@x.test'), ['8BITMIME', 'SMTPUTF8']);
    expect(accepted.result).toMatchObject({ accepted: ['b@x.test'] });
    const domain = await send(text('a@b\u00fccher.example'), ['8BITMIME']);
    expect(domain.result).toMatchObject({ accepted: ['b@x.test'] });
  });

  it('1.6 step 7: what is not touched goes out octet by octet', async () => {
    const head = 'From:   a@x.test\r\nTo: b@x.test\r\nsubject:x \r\nX-Long: ' + 'y'.repeat(300) + '\r\n';
    const { wire } = await send(`${head}\r\nFrom here on \r\n  it stays\r\n`);
    expect(wire).toBe(`${head}\r\nFrom here on \r\n  it stays\r\n`);
  });

  it('1.6 step 8: from and to replace their halves', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using smtp = await SMTP.connect(server.url);
    const message = Message.parse('From: a@x.test\nTo: b@x.test\n\n');
    expect((await smtp.sendMessage(message, { from: 'c@x.test' })).envelope).toEqual({
      from: 'c@x.test',
      to: ['b@x.test'],
    });
    expect((await smtp.sendMessage(message, { to: ['d@x.test'] })).envelope).toEqual({
      from: 'a@x.test',
      to: ['d@x.test'],
    });
  });
});
