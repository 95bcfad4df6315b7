import {
  Message,
  MissingRecipientsError,
  SMTP,
  SMTPDataError,
  SMTPRecipientsRefused,
  SMTPServerDisconnected,
  type SendResult,
} from '../../src/index.js';
import { ScriptedServer, StubTransport } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const text = 'From: a@example.org\nTo: b@example.org\nCc: c@example.org\nBcc: d@example.org\nSubject: hi\n\n.dot\nend';

/** A sender of mail as a user might write it: it takes an SMTP or what has its shape. */
async function notify(transport: Pick<SMTP, 'sendMessage'>): Promise<SendResult> {
  return transport.sendMessage(Message.parse(text));
}

describe('StubTransport', () => {
  it('records the envelope, the bytes and the result of what would have been sent', async () => {
    const transport = new StubTransport();
    const result = await notify(transport);
    expect(transport.sent).toEqual([
      {
        envelope: { from: 'a@example.org', to: ['b@example.org', 'c@example.org', 'd@example.org'] },
        bytes: Buffer.from(
          'From: a@example.org\r\nTo: b@example.org\r\nCc: c@example.org\r\nSubject: hi\r\n\r\n.dot\r\nend\r\n',
        ),
        result,
      },
    ]);
    expect(transport.sent[0]?.result).toBe(result);
    expect(result.accepted).toHaveLength(3);
    transport.clear();
    expect(transport.sent).toEqual([]);
  });

  it('gives and records what the real client gives and a real server gets', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using smtp = await SMTP.connect(server.url);
    const transport = new StubTransport();
    const [real, stub] = [await notify(smtp), await notify(transport)];
    const plain = (result: SendResult): unknown => ({ ...result, timing: undefined });
    expect(plain(stub)).toEqual(plain(real));
    expect(transport.sent[0]?.bytes).toEqual(server.messages[0]?.content);
  });

  it('has sendmail()', async () => {
    const transport = new StubTransport();
    await transport.sendmail('', ['b@example.org'], 'Subject: raw\n\nBcc: stays in a body\n');
    expect(transport.sent[0]).toMatchObject({ envelope: { from: '', to: ['b@example.org'] } });
    expect(String(transport.sent[0]?.bytes)).toBe('Subject: raw\r\n\r\nBcc: stays in a body\r\n');
  });

  it('refuses the recipients that it is told to refuse', async () => {
    const transport = new StubTransport({ refuse: { 'c@example.org': '550 5.1.1 no such user' } });
    const { accepted, refused } = await notify(transport);
    expect(accepted).toEqual(['b@example.org', 'd@example.org']);
    expect(refused.get('c@example.org')).toMatchObject({ code: 550, enhancedCode: '5.1.1' });
    const error = await rejectionOf(transport.sendmail('a@example.org', 'c@example.org', 'x'));
    expect(error).toBeInstanceOf(SMTPRecipientsRefused);
    expect(transport.unsent).toEqual([{ error, bytes: Buffer.alloc(0) }]);
    expect(transport.sent).toHaveLength(1);
  });

  it('fails in any other way that a server can', async () => {
    const transport = new StubTransport({
      behave: (send) => ({ on: { final: ['451 4.7.0 greylisted', '(reset)'][send - 1] ?? '250 ok' } }),
    });
    const later = await rejectionOf(notify(transport));
    expect(later).toBeInstanceOf(SMTPDataError);
    expect(later).toMatchObject({ retryable: true });
    const lost = await rejectionOf(notify(transport));
    expect(lost).toBeInstanceOf(SMTPServerDisconnected);
    expect(lost).toMatchObject({ delivery: 'unknown', retryable: false });
    await notify(transport);
    expect(transport.sent).toHaveLength(1);
    expect(transport.unsent.map(({ bytes }) => bytes.length > 0)).toEqual([true, true]);
  });

  it('finds the faults of a message before it is sent, as the real client does', async () => {
    const transport = new StubTransport();
    const error = await rejectionOf(transport.sendMessage(Message.parse('From: a@example.org\n\nx')));
    expect(error).toBeInstanceOf(MissingRecipientsError);
  });

  it('can be an LMTP server', async () => {
    const transport = new StubTransport({
      protocol: 'lmtp',
      behave: { on: { 'delivery:<c@example.org>': '452 4.2.2 full' } },
    });
    const { accepted, refused } = await notify(transport);
    expect(accepted).toEqual(['b@example.org', 'd@example.org']);
    expect(refused.get('c@example.org')?.code).toBe(452);
  });

  it('serves sends at the same time, and `await using`', async () => {
    await using transport = new StubTransport();
    await Promise.all(Array.from({ length: 20 }, () => notify(transport)));
    expect(transport.sent).toHaveLength(20);
  });

  it('opens no socket', async () => {
    const sockets = (): string[] => process.getActiveResourcesInfo().filter((kind) => /TCP|Pipe/.test(kind));
    const before = sockets();
    let during: string[] = [];
    const transport = new StubTransport({
      behave: {
        on: {
          final: () => {
            during = sockets();
            return undefined;
          },
        },
      },
    });
    await notify(transport);
    expect(during).toEqual(before);
  });
});
