import {
  AmbiguousSenderError,
  Message,
  MessageError,
  MissingRecipientsError,
  MissingSenderError,
  MultipleResentSetsError,
  SMTP,
  SMTPAbortedError,
  SMTPTimeoutError,
  type Sendable,
  type SendMessageOptions,
} from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const TEXT = [
  'From: Ann <ann@x.test>',
  'To: bob@x.test',
  'Cc: cal@x.test',
  'Bcc: dan@x.test',
  'Message-ID: <1@x.test>',
  'Subject: hi',
  '',
  'hello',
  '',
].join('\n');

const WITHOUT_BCC = TEXT.replace('Bcc: dan@x.test\n', '').replaceAll('\n', '\r\n');

async function sendTo(
  server: ScriptedServer,
  message: Sendable,
  options: SendMessageOptions = {},
): Promise<Awaited<ReturnType<SMTP['sendMessage']>>> {
  await using smtp = await SMTP.connect(server.url);
  return await smtp.sendMessage(message, options);
}

function factory(...chunks: readonly string[]): () => AsyncGenerator<Uint8Array> {
  return async function* () {
    for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
  };
}

describe('sendMessage', () => {
  const forms: [string, () => Sendable][] = [
    ['a Message', () => Message.parse(TEXT)],
    ['bytes', () => Buffer.from(TEXT)],
    ['a plain Uint8Array', () => new Uint8Array(Buffer.from(TEXT))],
    ['a function that gives bytes', () => factory(TEXT.slice(0, 30), TEXT.slice(30))],
    ['an object with toBytes()', () => ({ toBytes: () => Promise.resolve(Buffer.from(TEXT)) })],
  ];

  it.each(forms)('takes %s', async (_name, make) => {
    await using server = await ScriptedServer.start({ behave: {} });
    const result = await sendTo(server, make());
    expect(result.envelope).toEqual({ from: 'ann@x.test', to: ['bob@x.test', 'cal@x.test', 'dan@x.test'] });
    expect(result.messageId).toBe('<1@x.test>');
    expect(result.sizeBytes).toBe(WITHOUT_BCC.length);
    expect(server.messages[0]?.content.toString()).toBe(WITHOUT_BCC);
    expect(server.messages[0]?.envelope).toEqual(result.envelope);
  });

  it('lets from and to replace a half each', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    expect((await sendTo(server, Buffer.from(TEXT), { from: '' })).envelope).toEqual({
      from: '',
      to: ['bob@x.test', 'cal@x.test', 'dan@x.test'],
    });
    expect((await sendTo(server, Buffer.from(TEXT), { to: 'eve@x.test' })).envelope).toEqual({
      from: 'ann@x.test',
      to: ['eve@x.test'],
    });
    const both = await sendTo(server, Buffer.from('Subject: x\n\n'), { from: 'a@x.test', to: ['b@x.test'] });
    expect(both.envelope).toEqual({ from: 'a@x.test', to: ['b@x.test'] });
  });

  it.each<[string, string, new (...args: never[]) => Error]>([
    ['no sender', 'To: b@x.test\n\n', MissingSenderError],
    ['no recipients', 'From: a@x.test\n\n', MissingRecipientsError],
    ['two senders', 'Sender: a@x.test, b@x.test\nFrom: c@x.test\nTo: d@x.test\n\n', AmbiguousSenderError],
    [
      'two Resent sets',
      'Resent-From: a@x.test\nResent-To: b@x.test\nResent-From: c@x.test\nResent-To: d@x.test\nFrom: e@x.test\nTo: f@x.test\n\n',
      MultipleResentSetsError,
    ],
    ['an address that does not parse', 'From: a@x.test\nTo: Doe, John <j@x.test>\n\n', MessageError],
    ['nothing', '', MessageError],
    ['a lone CR in the header', 'From: a@x.test\nTo: b@x.test\nSubject: x\rBcc: v@x.test\n\n', MessageError],
  ])('refuses a message with %s before any I/O, connected or not', async (_name, text, expected) => {
    const unconnected = new SMTP();
    const error = await rejectionOf(unconnected.sendMessage(Buffer.from(text)));
    expect(error).toBeInstanceOf(expected);
    expect(error).toMatchObject({ delivery: 'not-sent', retryable: false, hint: expect.any(String) as string });
  });

  it('refuses what is no message', async () => {
    const smtp = new SMTP();
    for (const value of ['text', 5, null, undefined, {}, { toBytes: 5 }]) {
      expect(await rejectionOf(smtp.sendMessage(value as unknown as Sendable))).toBeInstanceOf(MessageError);
    }
  });

  it('sends the second of two Resent sets only when it is told to take the latest', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const text =
      'Resent-From: new@x.test\nResent-To: now@x.test\nResent-From: old@x.test\nResent-To: then@x.test\nFrom: a@x.test\nTo: b@x.test\n\n';
    const result = await sendTo(server, Buffer.from(text), { envelopeOptions: { resent: 'latest' } });
    expect(result.envelope).toEqual({ from: 'new@x.test', to: ['now@x.test'] });
  });

  it('carries the warnings of the message', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const result = await sendTo(server, Buffer.from('From: a@x.test, b@x.test\nTo: c@x.test\n\n'));
    expect(result.envelope.from).toBe('a@x.test');
    expect(result.warnings.length).toBeGreaterThan(0);
  });

  it('lets the error of toBytes() through', async () => {
    const own = new Error('cannot render');
    expect(await rejectionOf(new SMTP().sendMessage({ toBytes: () => Promise.reject(own) }))).toBe(own);
  });

  it('goes to its blind copies too when it is a Message of another copy of this package', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using smtp = await SMTP.connect(server.url);
    const message = Message.parse(TEXT).resend({ from: 'eve@x.test', bcc: 'fay@x.test' });
    const foreign: Pick<Message, 'toBytes' | 'explainEnvelope'> = {
      toBytes: async (options) => await message.toBytes(options),
      explainEnvelope: (options) => message.explainEnvelope(options),
    };
    await smtp.sendMessage(foreign);
    await smtp.sendMessage(foreign, { envelopeOptions: { resent: 'ignore' }, from: 'gil@x.test' });
    await smtp.sendMessage(foreign, { to: 'hal@x.test' });
    expect(server.messages.map(({ envelope }) => [envelope.from, ...envelope.to])).toEqual([
      ['eve@x.test', 'fay@x.test'],
      ['gil@x.test', 'bob@x.test', 'cal@x.test', 'dan@x.test'],
      ['eve@x.test', 'hal@x.test'],
    ]);
    expect(server.messages[0]?.content.toString()).not.toMatch(/bcc/i);
  });

  it('does not wait for a source beyond deadline and signal', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using smtp = await SMTP.connect(server.url);
    const never = new Promise<never>(() => undefined);
    async function* hanging(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('From: a@x.test\n');
      yield await never;
    }
    const late = await rejectionOf(smtp.sendMessage(hanging, { deadlineMs: 30 }));
    expect(late).toBeInstanceOf(SMTPTimeoutError);
    expect(late).toMatchObject({ delivery: 'not-sent' });
    const abort = new AbortController();
    const sending = rejectionOf(smtp.sendMessage({ toBytes: () => never }, { signal: abort.signal }));
    abort.abort(new Error('enough'));
    expect(await sending).toBeInstanceOf(SMTPAbortedError);
    expect((await smtp.noop()).code).toBe(250);
  });

  it('can be sent again when its source can be read again', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const message = Message.parse(TEXT);
    await sendTo(server, message);
    await sendTo(server, message);
    expect(server.messages.map(({ content }) => content.toString())).toEqual([WITHOUT_BCC, WITHOUT_BCC]);
  });
});
