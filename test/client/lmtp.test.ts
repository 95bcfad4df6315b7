import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  LMTP,
  LMTP_PORT,
  MessageError,
  SMTPDataError,
  SMTPHeloError,
  SMTPProtocolError,
  SMTPRecipientsRefused,
  SMTPServerDisconnected,
  type SMTPException,
  type SendResult,
} from '../../src/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const MESSAGE = 'Subject: hi\n\nhello\n';
const TO = ['a@x.test', 'b@x.test', 'c@x.test'];

async function start(on: Behaviour['on'] = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave: { on } }, { protocol: 'lmtp' });
}

const statuses = ({ recipients }: Pick<SendResult, 'recipients'>): string[] =>
  recipients.map(({ status, reply }) => `${status}${reply === undefined ? '' : ` ${String(reply.code)}`}`);

describe('LMTP', () => {
  it('has a port of its own, and says LHLO', async () => {
    expect(LMTP_PORT).toBe(2003);
    const asked: unknown[] = [];
    const client = new LMTP({
      connector: (target) => {
        asked.push(target);
        return Promise.reject(new Error('only asking'));
      },
    });
    await rejectionOf(client.connect('store.example.org'));
    expect(asked).toEqual([{ host: 'store.example.org', port: 2003 }]);
    await using server = await start();
    await using lmtp = await LMTP.connect(server.url);
    expect((await lmtp.ehlo()).code).toBe(250);
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['LHLO', 'LHLO']);
  });

  it('has no HELO to fall back to', async () => {
    await using server = await start({ LHLO: '500 what' });
    const error = await rejectionOf(LMTP.connect(server.url));
    expect(error).toBeInstanceOf(SMTPHeloError);
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['LHLO']);
    await using other = await start();
    await using lmtp = await LMTP.connect(other.url);
    expect(await rejectionOf(lmtp.helo())).toBeInstanceOf(MessageError);
  });

  it('reaches a unix socket by URL, path and host', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lmtp-'));
    try {
      const path = join(folder, 'socket');
      await using server = await ScriptedServer.start({ behave: {} }, { protocol: 'lmtp', path });
      for (const target of [server.url, path, { path }, { host: path }]) {
        await using lmtp = await LMTP.connect(target);
        expect((await lmtp.sendmail('s@x.test', TO, MESSAGE)).accepted).toEqual(TO);
      }
      expect(server.url).toBe(`lmtp+unix://${path}`);
      expect(server.messages).toHaveLength(4);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('decides each recipient on its own, by its place in the list', async () => {
    await using server = await start({ 'RCPT:2': '550 5.1.1 no', 'delivery:2': '452 4.2.2 over quota' });
    await using lmtp = await LMTP.connect(server.url);
    const result = await lmtp.sendmail('s@x.test', TO, MESSAGE);
    expect(statuses(result)).toEqual(['accepted 250', 'refused 550', 'refused 452']);
    expect(result.recipients.map(({ stage }) => stage)).toEqual(['final', 'rcpt', 'final']);
    expect(result.accepted).toEqual(['a@x.test']);
    expect([...result.refused.keys()]).toEqual(['b@x.test', 'c@x.test']);
    expect((await lmtp.sendmail('s@x.test', 'd@x.test', MESSAGE)).accepted).toEqual(['d@x.test']);
  });

  it('gives a mailbox that was named twice the same answer twice', async () => {
    await using server = await start({ 'delivery:1': '552 5.2.2 full' });
    await using lmtp = await LMTP.connect(server.url);
    const result = await lmtp.sendmail('s@x.test', ['a@x.test', 'b@x.test', 'a@X.test'], MESSAGE);
    expect(statuses(result)).toEqual(['refused 552', 'accepted 250', 'refused 552']);
    expect(server.messages[0]?.envelope.to).toEqual(['a@x.test', 'b@x.test']);
  });

  it('rejects when all are refused behind the content', async () => {
    await using server = await start({ 'delivery:1': '450 4.2.0 later', delivery: '550 5.2.0 no' });
    await using lmtp = await LMTP.connect(server.url);
    const error = await rejectionOf(lmtp.sendmail('s@x.test', TO, MESSAGE));
    expect(error).toBeInstanceOf(SMTPRecipientsRefused);
    expect(error).toMatchObject({ stage: 'body', delivery: 'refused', retryable: true });
    expect(statuses(error as SMTPException)).toEqual(['refused 450', 'refused 550', 'refused 550']);
    expect(lmtp.connected).toBe(true);
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).not.toContain('RSET');
  });

  it.each(['(close)', '(reset)', 'garbage', '250-a\n550 b', '"25"'])(
    'leaves those unknown whose answer did not come: %j behind the first',
    async (answer) => {
      await using server = await start({ 'delivery:2': [answer, '(close)'] });
      await using lmtp = await LMTP.connect(server.url);
      const result = await lmtp.sendmail('s@x.test', TO, MESSAGE);
      expect(statuses(result).map((status) => status.split(' ')[0])).toEqual(['accepted', 'unknown', 'unknown']);
      expect(result.accepted).toEqual(['a@x.test']);
      expect(result.refused.size).toBe(0);
      expect(lmtp.connected).toBe(false);
    },
  );

  it('is unknown as a whole when nobody was accepted and somebody was not answered', async () => {
    await using server = await start({ 'delivery:1': '550 5.2.0 no', 'delivery:2': '(close)' });
    await using lmtp = await LMTP.connect(server.url);
    const error = await rejectionOf(lmtp.sendmail('s@x.test', TO, MESSAGE));
    expect(error).toBeInstanceOf(SMTPServerDisconnected);
    expect(error).toMatchObject({ delivery: 'unknown', retryable: false });
    expect(statuses(error as SMTPException)[0]).toBe('refused 550');
    expect(statuses(error as SMTPException).map((status) => status.split(' ')[0])).toEqual([
      'refused',
      'unknown',
      'unknown',
    ]);
  });

  it('takes one answer too many for a fault', async () => {
    await using server = await start({ final: ['(cork)', '250 1', '250 2', '250 3', '(surplus 250 4)', '(uncork)'] });
    await using lmtp = await LMTP.connect(server.url);
    const outcome = await lmtp.sendmail('s@x.test', TO, MESSAGE).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(SMTPProtocolError);
    expect(outcome).toMatchObject({ delivery: 'unknown' });
    expect(lmtp.connected).toBe(false);
  });

  it('sends no lone dot when 354 came for nobody: there would be no answer', async () => {
    await using server = await start({ RCPT: '550 5.1.1 no', DATA: '354 go on' });
    await using lmtp = await LMTP.connect(server.url);
    const error = await rejectionOf(lmtp.sendmail('s@x.test', TO, MESSAGE));
    expect(error).toMatchObject({ delivery: 'not-sent', name: 'SMTPProtocolError' });
    expect(lmtp.connected).toBe(false);
    expect(server.messages.every(({ raw }) => raw.length === 0)).toBe(true);
  });

  it('has one answer for all where DATA itself is refused', async () => {
    await using server = await start({ DATA: '451 4.3.0 later' });
    await using lmtp = await LMTP.connect(server.url);
    const error = await rejectionOf(lmtp.sendmail('s@x.test', TO, MESSAGE));
    expect(error).toBeInstanceOf(SMTPDataError);
    expect(error).toMatchObject({ retryable: true, stage: 'data' });
  });

  it('says by hand what came last, and throws when an answer did not come', async () => {
    await using server = await start({ 'delivery:2': '550 5.2.0 no' });
    await using lmtp = await LMTP.connect(server.url);
    await lmtp.mail('s@x.test');
    await lmtp.rcpt('a@x.test');
    await lmtp.docmd('RCPT', 'TO:<b@x.test>');
    expect((await lmtp.data(MESSAGE)).code).toBe(550);
    await using broken = await start({ 'delivery:2': '(close)' });
    await using second = await LMTP.connect(broken.url);
    await second.mail('s@x.test');
    await second.rcpt('a@x.test');
    await second.rcpt('b@x.test');
    expect(await rejectionOf(second.data(MESSAGE))).toMatchObject({ delivery: 'unknown' });
  });

  it('counts by hand the recipients of this transaction alone, whoever said MAIL and RCPT', async () => {
    await using server = await start({ 'RCPT:<no@x.test>': '550 5.1.1 nobody' });
    await using lmtp = await LMTP.connect({ ...server.address, timeoutMs: 5_000 });
    const envelopes: readonly (readonly string[])[] = [
      TO,
      ['d@x.test'],
      ['e@x.test', 'f@x.test'],
      ['g@x.test'],
      ['h@x.test'],
    ];
    for (const [index, recipients] of envelopes.entries()) {
      const raw = index === 1;
      if (index === 2) {
        // A transaction that is dropped counts for nothing.
        await lmtp.mail('s@x.test');
        await lmtp.rcpt('dropped@x.test');
        await lmtp.docmd('RSET');
      }
      await (raw ? lmtp.docmd('MAIL', 'FROM:<s@x.test>') : lmtp.mail('s@x.test'));
      for (const address of [...recipients, 'no@x.test']) {
        const said = raw ? lmtp.docmd('RCPT', `TO:<${address}>`) : lmtp.rcpt(address);
        await said.catch(() => undefined);
      }
      expect((await lmtp.data(MESSAGE)).code).toBe(250);
    }
    expect(server.messages.map(({ envelope }) => envelope.to)).toEqual(envelopes);
    expect(server.connections).toHaveLength(1);
  });

  it('keeps answers apart over several messages', async () => {
    await using server = await start();
    await using lmtp = await LMTP.connect(server.url);
    for (const count of [1, 3, 2]) {
      const result = await lmtp.sendmail('s@x.test', TO.slice(0, count), MESSAGE);
      expect(result.recipients.map(({ reply }) => reply?.text.includes('delivered'))).toEqual(
        Array.from({ length: count }, () => true),
      );
    }
    expect(server.messages.map(({ envelope }) => envelope.to.length)).toEqual([1, 3, 2]);
  });
});
