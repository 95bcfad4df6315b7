/** Python's sendmail, event by event; where the outcome differs, the reason stands in the title. */
import {
  InvalidAddressError,
  MessageError,
  MissingRecipientsError,
  SMTP,
  SMTPDataError,
  SMTPNotSupportedError,
  SMTPRecipientsRefused,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  type SMTPException,
} from '../../src/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const MESSAGE = 'Subject: x\n\n.hello\n';

interface Seen {
  readonly outcome: unknown;
  readonly verbs: readonly string[];
  readonly lines: readonly string[];
  readonly connected: boolean;
  readonly content: string | undefined;
}

async function send(
  behave: Behaviour,
  to: string | readonly string[] = ['b@x.test', 'c@x.test'],
  message = MESSAGE,
  mailOptions: readonly string[] = [],
): Promise<Seen> {
  await using server = await ScriptedServer.start({ behave });
  const smtp = new SMTP({ host: server.host, port: server.port, pipelining: false });
  await smtp.connect();
  const outcome = await smtp.sendmail('a@x.test', to, message, { mailOptions }).catch((error: unknown) => error);
  const commands = server.connections[0]?.commands ?? [];
  const seen = {
    outcome,
    verbs: commands.map(({ verb }) => verb),
    lines: commands.map(({ line }) => line),
    connected: smtp.connected,
    content: server.messages[0]?.content.toString(),
  };
  smtp.close();
  return seen;
}

describe('1.5 sendmail', () => {
  it('1.5 step 1: EHLO is said when it is needed', async () => {
    expect((await send({})).verbs).toEqual(['EHLO', 'MAIL', 'RCPT', 'RCPT', 'DATA']);
    expect((await send({ unsupported: ['EHLO'] })).verbs.slice(0, 2)).toEqual(['EHLO', 'HELO']);
  });

  it('1.5 step 2: line ends of a text become CRLF; non-ASCII text is UTF-8 and needs 8BITMIME', async () => {
    const loneCr = await send({}, 'b@x.test', 'A: b\rC: d\n\n');
    expect(loneCr.outcome).toBeInstanceOf(MessageError);
    expect((await send({}, 'b@x.test', 'A: b\r\n\nx\ry\n')).content).toBe('A: b\r\n\r\nx\r\ny\r\n');
    const refused = await send({ extensions: ['SIZE'] }, 'b@x.test', 'A: b\n\n\u00e9\n');
    expect(refused.outcome).toBeInstanceOf(SMTPNotSupportedError);
    expect(refused.verbs).toEqual(['EHLO']);
  });

  it('1.5 step 3: SIZE counts the content before dot-stuffing, and options follow it', async () => {
    const { lines } = await send({ extensions: ['SIZE', 'X-OWN'] }, 'b@x.test', MESSAGE, ['X-OWN=1']);
    expect(lines).toContain('MAIL FROM:<a@x.test> SIZE=22 X-OWN=1');
  });

  it('1.5 step 3: without ESMTP options are refused, not dropped', async () => {
    const { outcome, verbs } = await send({ unsupported: ['EHLO'] }, 'b@x.test', MESSAGE, ['SMTPUTF8']);
    expect(outcome).toBeInstanceOf(SMTPNotSupportedError);
    expect(verbs).toEqual(['EHLO', 'HELO']);
  });

  it('1.5 MAIL refused: SMTPSenderRefused, RSET, the connection stays; any 2xx is a yes', async () => {
    const refused = await send({ on: { MAIL: '550 no' } });
    expect(refused.outcome).toBeInstanceOf(SMTPSenderRefused);
    expect([refused.verbs.at(-1), refused.connected]).toEqual(['RSET', true]);
    expect((await send({ on: { MAIL: '251 well' } })).outcome).toMatchObject({ accepted: ['b@x.test', 'c@x.test'] });
  });

  it('1.5 MAIL 421: SMTPSenderRefused, no RSET, closed', async () => {
    const { outcome, verbs, connected } = await send({ on: { MAIL: '421 bye' } });
    expect(outcome).toBeInstanceOf(SMTPSenderRefused);
    expect([verbs.at(-1), connected]).toEqual(['MAIL', false]);
  });

  it('1.5 RCPT 250 and 251: accepted', async () => {
    const { outcome } = await send({ on: { 'RCPT:2': '251 will forward' } });
    expect(outcome).toMatchObject({ accepted: ['b@x.test', 'c@x.test'] });
  });

  it('1.5 RCPT other: recorded, the rest gets the message; 252 is an acceptance here', async () => {
    const { outcome } = await send({ on: { 'RCPT:1': '550 no', 'RCPT:2': '252 perhaps' } });
    expect(outcome).toMatchObject({ accepted: ['c@x.test'] });
    expect([...(outcome as { refused: Map<string, unknown> }).refused.keys()]).toEqual(['b@x.test']);
  });

  it('1.5 RCPT 421: SMTPRecipientsRefused with the refusals so far, closed', async () => {
    const { outcome, connected, content } = await send({ on: { 'RCPT:2': '421 bye' } });
    expect(outcome).toBeInstanceOf(SMTPRecipientsRefused);
    expect([...(outcome as SMTPRecipientsRefused).refused.keys()]).toEqual(['c@x.test']);
    expect([connected, content]).toEqual([false, undefined]);
  });

  it('1.5 all refused: SMTPRecipientsRefused, RSET, the connection stays', async () => {
    const { outcome, verbs, connected } = await send({ on: { RCPT: '550 no' } });
    expect(outcome).toBeInstanceOf(SMTPRecipientsRefused);
    expect([verbs.at(-1), connected]).toEqual(['RSET', true]);
  });

  it('1.5 no recipients: an error before MAIL', async () => {
    const { outcome, verbs } = await send({}, []);
    expect(outcome).toBeInstanceOf(MissingRecipientsError);
    expect(verbs).toEqual([]);
  });

  it('1.5 duplicates, all refused: no DATA for nobody', async () => {
    const { outcome, verbs } = await send({ on: { RCPT: '550 no' } }, ['b@x.test', 'b@x.test', 'b@X.test']);
    expect(outcome).toBeInstanceOf(SMTPRecipientsRefused);
    expect(verbs).toEqual(['EHLO', 'MAIL', 'RCPT', 'RSET']);
  });

  it('1.5 DATA refused: SMTPDataError, and the session is cleared up: RSET, or closed after 421', async () => {
    const refused = await send({ on: { DATA: '451 later' } });
    expect(refused.outcome).toBeInstanceOf(SMTPDataError);
    expect([refused.verbs.at(-1), refused.connected]).toEqual(['RSET', true]);
    const gone = await send({ on: { DATA: '421 bye' } });
    expect(gone.outcome).toBeInstanceOf(SMTPDataError);
    expect([gone.verbs.at(-1), gone.connected]).toEqual(['DATA', false]);
  });

  it('1.5 final 250: the refused ones by address, and the queue id too', async () => {
    const { outcome, content } = await send({ on: { final: '250 2.0.0 Ok: queued as 12AB' } });
    expect(outcome).toMatchObject({ queueId: '12AB', refused: new Map() });
    expect(content).toBe('Subject: x\r\n\r\n.hello\r\n');
  });

  it('1.5 final other 2xx: a success here', async () => {
    expect((await send({ on: { final: '251 fine' } })).outcome).toMatchObject({ accepted: ['b@x.test', 'c@x.test'] });
  });

  it.each(['451 later', '554 no'])(
    '1.5 final %s: SMTPDataError; nothing is open, so no RSET is owed',
    async (final) => {
      const { outcome, verbs, connected } = await send({ on: { final } });
      expect(outcome).toBeInstanceOf(SMTPDataError);
      expect([verbs.at(-1), connected]).toEqual(['DATA', true]);
    },
  );

  it('1.5 final 421: SMTPDataError, closed', async () => {
    const { outcome, connected } = await send({ on: { final: '421 bye' } });
    expect(outcome).toBeInstanceOf(SMTPDataError);
    expect(connected).toBe(false);
  });

  it('1.5 lost: the results of the recipients are kept, and it is told on which side of the final dot', async () => {
    const before = await send({ on: { 'RCPT:1': '550 no', DATA: '(close)' } });
    expect(before.outcome).toBeInstanceOf(SMTPServerDisconnected);
    expect(before.outcome).toMatchObject({ delivery: 'not-sent' });
    expect((before.outcome as SMTPException).recipients.map(({ status }) => status)).toEqual(['refused', 'not-sent']);
    expect((await send({ on: { final: '(close)' } })).outcome).toMatchObject({ delivery: 'unknown' });
  });

  it('1.5 non-ASCII recipient: refused before MAIL, not in the middle', async () => {
    const { outcome, verbs } = await send({ extensions: ['SIZE'] }, ['b@x.test', '\u00e9@x.test']);
    expect(outcome).toBeInstanceOf(SMTPNotSupportedError);
    expect(verbs).toEqual(['EHLO']);
  });

  it('1.5 to_addrs: a text is one address; two in one text are an error, and so is what is no list', async () => {
    expect((await send({}, 'b@x.test')).outcome).toMatchObject({ accepted: ['b@x.test'] });
    expect((await send({}, 'b@x.test, c@x.test')).outcome).toBeInstanceOf(InvalidAddressError);
    function* generator(): Generator<string> {
      yield 'b@x.test';
    }
    expect((await send({}, generator() as unknown as string[])).outcome).toBeInstanceOf(MessageError);
  });

  it('1.5 encoding: what one message declared does not reach the next one', async () => {
    await using server = await ScriptedServer.start({ behave: { extensions: ['SMTPUTF8', '8BITMIME'] } });
    await using smtp = await SMTP.connect(server.url);
    await smtp.sendmail('\u00e9@x.test', 'b@x.test', MESSAGE);
    expect(await rejectionOf(smtp.mail('\u00e9@x.test'))).toBeInstanceOf(SMTPNotSupportedError);
  });
});
