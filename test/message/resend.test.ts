import { MessageError, MultipleResentSetsError } from '../../src/errors.js';
import { bindMessageEnvironment } from '../../src/message/environment.js';
import { Message, serializeMessage } from '../../src/message/message.js';
import { failure } from './failure.js';
import { fixedEnvironment } from './fixed-environment.js';
import { fixture } from './fixture.js';

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1');
}

describe('resend', () => {
  beforeAll(() => {
    bindMessageEnvironment(fixedEnvironment);
  });
  const fields = { from: 'Bob <bob@example.com>', to: 'carol@example.net' };
  const block = [
    'Resent-Date: Sat, 22 Nov 2025 08:12:05 +0000',
    'Resent-From: Bob <bob@example.com>',
    'Resent-To: carol@example.net',
    `Resent-Message-ID: <${'ab'.repeat(16)}@host.example>`,
    '',
  ].join('\r\n');

  it('puts a complete block in front, and leaves every other octet alone', async () => {
    const raw =
      'Received: x\r\nDKIM-Signature:  a=b;\r\n\tc=d\r\nFrom :  alice@example.org\r\nTo: x@y\r\n\r\nText \r\n\r\n';
    expect(latin1(await Message.parse(raw).resend(fields).toBytes())).toBe(block + raw);
  });

  it('stands behind a dropped BOM and mbox line', async () => {
    const raw = '\ufeffFrom x\nFrom: a@x\n\nText\n';
    expect(latin1(await Message.parse(raw).resend(fields).toBytes())).toBe(`${block}From: a@x\r\n\r\nText\r\n`);
  });

  it('gives the envelope, with blind copies that do not show', async () => {
    const resent = Message.parse(fixture('new-mail-with-bcc')).resend({
      from: [{ name: 'Bob', address: 'bob@example.com' }, 'eve@example.com'],
      sender: 'agent@example.com',
      to: ['g: carol@example.net, dan@example.net;', { address: 'root@example.net' }],
      cc: 'erin@example.net',
      bcc: 'frank@example.net',
    });
    expect(resent.envelope()).toEqual({
      from: 'agent@example.com',
      to: ['carol@example.net', 'dan@example.net', 'root@example.net', 'erin@example.net', 'frank@example.net'],
    });
    expect(resent.headers.get('Resent-To')).toBe('g: carol@example.net, dan@example.net;, root@example.net');
    expect(resent.headers.get('Resent-From')).toBe('Bob <bob@example.com>, eve@example.com');
    expect(resent.explainEnvelope().removed.map(({ header }) => header)).toEqual(['Resent-Bcc', 'Bcc']);
    expect(latin1(await resent.toBytes())).not.toMatch(/frank|dave/);
  });

  it('leaves the original alone', async () => {
    const original = Message.parse(fixture('new-mail-with-bcc'));
    const before = await original.toBytes();
    original.resend(fields).headers.set('Subject', 'other');
    expect(await original.toBytes()).toEqual(before);
    expect(original.headers.has('Resent-From')).toBe(false);
  });

  it('works again on what was resent, while the same octets parsed anew are unclear', async () => {
    const once = Message.parse(fixture('resent-once')).resend(fields);
    const twice = once.resend({ from: 'carol@example.net', bcc: 'dan@example.net' });
    expect(once.envelope()).toEqual({ from: 'bob@example.com', to: ['carol@example.net'] });
    expect(twice.envelope()).toEqual({ from: 'carol@example.net', to: ['dan@example.net'] });
    expect(twice.envelope({ resent: 'latest', conformance: 'rfc5322' })).toEqual(twice.envelope());
    expect(twice.envelope({ resent: 'ignore' }).from).toBe('alice@example.org');
    expect(() => Message.parse('A: 1\n\n').envelope({ resent: 'ignore' })).toThrow(MessageError);
    const anew = Message.parse(await twice.toBytes());
    expect(() => anew.envelope()).toThrow(MultipleResentSetsError);
    expect(() => anew.resend(fields).envelope()).not.toThrow();
  });

  it('remembers its block when that is edited', () => {
    const resent = Message.parse(fixture('resent-once')).resend(fields);
    resent.headers.set('Resent-To', 'dan@example.net');
    expect(resent.envelope().to).toEqual(['dan@example.net']);
  });

  it('leaves out a sender who is the only author', () => {
    const resent = Message.parse('A: 1\n\n').resend({ ...fields, sender: 'bob@EXAMPLE.com' });
    expect(resent.headers.has('Resent-Sender')).toBe(false);
  });

  it('takes a date and an identifier', () => {
    const { headers } = Message.parse('A: 1\n\n').resend({ ...fields, date: new Date(0), messageId: 'x@y' });
    expect(headers.get('Resent-Date')).toBe('Thu, 01 Jan 1970 00:00:00 +0000');
    expect(headers.get('Resent-Message-ID')).toBe('<x@y>');
  });

  it('encodes names beyond ASCII, and names that look encoded', async () => {
    const resent = Message.parse('A: 1\n\n').resend({
      from: { name: 'Jörg', address: 'j@x' },
      to: ['Jörg <j@x>', { name: '=?utf-8?Q?x?=', address: 'k@x' }, '=?utf-8?Q?y?= <l@x>'],
    });
    expect(resent.headers.get('Resent-From')).toBe('=?UTF-8?B?SsO2cmc=?= <j@x>');
    expect(resent.headers.get('Resent-To')).toBe(
      '=?UTF-8?B?SsO2cmc=?= <j@x>, =?UTF-8?B?PT91dGYtOD9RP3g/PQ==?= <k@x>, =?utf-8?Q?y?= <l@x>',
    );
    expect(serializeMessage(resent).headerCharset).toBe('ascii');
    expect(latin1(await resent.toBytes())).toMatch(/\r\n =\?utf-8\?Q\?y\?= <l@x>\r\n/);
  });

  it.each<[fact: string, given: object, expected: Record<string, unknown>]>([
    ['no author', { from: '', to: 'a@x' }, { name: 'MissingSenderError', header: 'Resent-From' }],
    ['no author at all', { to: 'a@x' }, { name: 'MissingSenderError', header: 'Resent-From' }],
    [
      'several authors without a sender',
      { from: 'a@x, b@x', to: 'c@x' },
      { name: 'MissingSenderError', header: 'Resent-Sender' },
    ],
    [
      'several senders',
      { from: 'a@x', sender: 'b@x, c@x', to: 'd@x' },
      { name: 'AmbiguousSenderError', header: 'Resent-Sender' },
    ],
    ['no recipient', { from: 'a@x', to: [], cc: 'g:;' }, { name: 'MissingRecipientsError', header: 'Resent-To' }],
    ['a bad address', { from: 'a@x', to: 'b b@x' }, { name: 'InvalidAddressError', header: 'Resent-To', position: 2 }],
    [
      'a bad address in an object',
      { from: 'a@x', cc: { address: 'B <b@x>' } },
      { name: 'InvalidAddressError', header: 'Resent-Cc' },
    ],
    [
      'an address of the wrong type',
      { from: 'a@x', to: 7 },
      { code: 'ERR_INVALID_ADDRESS_INPUT', header: 'Resent-To' },
    ],
    [
      'a name of the wrong type',
      { from: { name: 7, address: 'a@x' }, to: 'b@x' },
      { code: 'ERR_INVALID_ADDRESS_INPUT' },
    ],
    [
      'a local user beside other addresses',
      { from: 'a@x', to: ['root', 'b@x'] },
      { name: 'InvalidAddressError', header: 'Resent-To' },
    ],
    [
      'a line end in an address',
      { from: 'a@x', to: 'b@x,\r\n c@x' },
      { code: 'ERR_INVALID_HEADER_VALUE', header: 'Resent-To' },
    ],
    [
      'a line end in a name',
      { from: { name: 'a\r\nBcc: v@x', address: 'a@x' }, to: 'b@x' },
      { code: 'ERR_INVALID_NAME' },
    ],
    [
      'a misspelt field',
      { from: 'a@x', to: 'b@x', BCC: 'c@x' },
      { code: 'ERR_UNKNOWN_MESSAGE_FIELD', hint: expect.stringContaining('bcc') as string },
    ],
    ['a bad date', { from: 'a@x', to: 'b@x', date: new Date(NaN) }, { code: 'ERR_INVALID_DATE' }],
    ['a bad identifier', { from: 'a@x', to: 'b@x', messageId: '<a b@x>' }, { code: 'ERR_INVALID_MESSAGE_ID' }],
    [
      'a line end in an identifier',
      { from: 'a@x', to: 'b@x', messageId: '<a@x>\r\nBcc: v@x' },
      { code: 'ERR_INVALID_MESSAGE_ID' },
    ],
  ])('refuses %s', (_fact, given, expected) => {
    const parsed = Message.parse('From: a@x\r\nTo: b@x\r\n\r\n');
    expect(() => parsed.resend(given as Parameters<Message['resend']>[0])).toThrow(failure(expected));
  });

  it('refuses a message that goes in circles', () => {
    expect(() => Message.parse(fixture('one-hundred-and-one-hops')).resend(fields)).toThrow(
      failure({ code: 'ERR_MAIL_LOOP' }),
    );
  });

  it('refuses to stand in front of a continuation line', () => {
    expect(() => Message.parse(' x\r\nFrom: a@x\r\n\r\n').resend(fields)).toThrow(
      failure({ code: 'ERR_MALFORMED_HEADER' }),
    );
  });
});
