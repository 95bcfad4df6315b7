/** Each error of the library in nodemailer's words, with nothing lost. */
import {
  AmbiguousSenderError,
  InvalidAddressError,
  MessageError,
  MessageTooLargeError,
  MissingRecipientsError,
  SMTPAbortedError,
  SMTPAuthenticationError,
  SMTPConnectError,
  SMTPDataError,
  SMTPDialError,
  SMTPException,
  SMTPHeloError,
  SMTPNotSupportedError,
  SMTPProtocolError,
  SMTPRecipientsRefused,
  SMTPResponseException,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  SMTPTimeoutError,
  SMTPTlsError,
  type Reply,
} from '../../src/index.js';
import { NodemailerError, toNodemailerError } from '../../src/nodemailer/nodemailer-error.js';

const reply = (code: number, text = 'no'): Reply => ({ code, enhancedCode: undefined, lines: [text], text });
const enoent = Object.assign(new Error('gone'), { code: 'ENOENT' });

const rows: readonly (readonly [Error, object])[] = [
  [new MissingRecipientsError('x'), { code: 'EENVELOPE', command: 'API' }],
  [new AmbiguousSenderError('x'), { code: 'EENVELOPE' }],
  [new InvalidAddressError('x', { input: 'a', position: 0 }), { code: 'EENVELOPE' }],
  [new MessageError('x', { code: 'ERR_INVALID_MESSAGE_FIELD' }), { code: 'EMESSAGE', command: 'API' }],
  [new MessageError('x', { code: 'ERR_INVALID_OPTION' }), { code: 'ECONFIG' }],
  [new MessageError('x', { code: 'ERR_INVALID_DKIM_KEY' }), { code: 'ECONFIG' }],
  [
    new MessageError('x', { code: 'ERR_FILE_NOT_READABLE', cause: enoent }),
    { code: 'ESTREAM', originalCode: 'ENOENT' },
  ],
  [
    new SMTPDialError('x', { syscode: 'ECONNREFUSED' }),
    { code: 'ESOCKET', command: 'CONN', originalCode: 'ECONNREFUSED' },
  ],
  [new SMTPDialError('x', { syscode: 'ENOTFOUND' }), { code: 'EDNS', originalCode: 'ENOTFOUND' }],
  [new SMTPTlsError('x', { reason: 'CERT_HAS_EXPIRED' }), { code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED' }],
  [
    new SMTPTimeoutError('x', { timeoutMs: 1, stage: 'connect' }),
    { code: 'ETIMEDOUT', timeoutType: 'CONNECT_TIMEOUT' },
  ],
  [new SMTPTimeoutError('x', { timeoutMs: 1, stage: 'greeting' }), { timeoutType: 'GREETING_TIMEOUT' }],
  [new SMTPTimeoutError('x', { timeoutMs: 1, stage: 'tls' }), { timeoutType: 'UPGRADE_TIMEOUT' }],
  [
    new SMTPTimeoutError('x', { timeoutMs: 1, stage: 'final', delivery: 'unknown' }),
    { timeoutType: 'SOCKET_TIMEOUT', delivery: 'unknown', retryable: false },
  ],
  [new SMTPAbortedError('x'), { code: 'EABORT', name: 'AbortError' }],
  [new SMTPProtocolError('x', { stage: 'mail' }), { code: 'EPROTOCOL', command: 'MAIL FROM' }],
  [new SMTPServerDisconnected('x', { stage: 'body', cause: enoent }), { code: 'ECONNECTION', command: 'CONN' }],
  [new SMTPException('x', { code: 'ERR_MAILER_CLOSED' }), { code: 'ECONNECTION', command: 'API' }],
  [new SMTPException('x', { code: 'ERR_INSECURE_AUTH', stage: 'auth' }), { code: 'EAUTH', command: 'AUTH' }],
  [
    new SMTPException('x', { code: 'ERR_CONTENT_SOURCE', stage: 'body', cause: enoent }),
    { code: 'ESTREAM', originalCode: 'ENOENT' },
  ],
  [new SMTPException('x', { code: 'ERR_EIGHT_BIT_CONTENT', stage: 'body' }), { code: 'EMESSAGE' }],
  [new MessageTooLargeError('x', { sizeBytes: 2, limitBytes: 1 }), { code: 'EMESSAGE', command: 'MAIL FROM' }],
  [new SMTPNotSupportedError('x', { stage: 'auth' }), { code: 'EAUTH' }],
  [new SMTPNotSupportedError('REQUIRETLS is not offered', { stage: 'mail' }), { code: 'EREQUIRETLS' }],
  [new SMTPNotSupportedError('x', { stage: 'mail' }), { code: 'EENVELOPE', command: 'MAIL FROM' }],
  [
    new SMTPNotSupportedError('x', {
      stage: 'starttls',
      cause: new SMTPResponseException('y', { reply: reply(502), stage: 'starttls' }),
    }),
    { code: 'ETLS', command: 'STARTTLS', responseCode: 502 },
  ],
  [
    new SMTPResponseException('x', { reply: reply(454), stage: 'starttls' }),
    { code: 'ETLS', command: 'STARTTLS', responseCode: 454, permanent: false },
  ],
  [new SMTPConnectError('x', { reply: reply(554) }), { code: 'EPROTOCOL', command: 'CONN', responseCode: 554 }],
  [new SMTPHeloError('x', { reply: reply(421) }), { code: 'ECONNECTION', command: 'EHLO' }],
  [new SMTPHeloError('x', { reply: reply(550) }), { code: 'EPROTOCOL', command: 'EHLO' }],
  [
    new SMTPAuthenticationError('x', { reply: reply(535), mechanism: 'PLAIN' }),
    { code: 'EAUTH', command: 'AUTH PLAIN', response: '535 no', permanent: true },
  ],
  [
    new SMTPSenderRefused('x', { reply: reply(503), sender: 'a' }),
    { code: 'EENVELOPE', command: 'MAIL FROM', permanent: false },
  ],
  [
    new SMTPDataError('x', { reply: reply(451), stage: 'data' }),
    { code: 'EENVELOPE', command: 'DATA', retryable: true },
  ],
  [
    new SMTPDataError('x', { reply: reply(554), stage: 'final' }),
    { code: 'EMESSAGE', command: 'DATA', delivery: 'refused' },
  ],
  [
    new SMTPRecipientsRefused('x', {
      refused: new Map([
        ['a', reply(550)],
        ['b', reply(450, 'later')],
        ['c', reply(551)],
      ]),
    }),
    {
      code: 'EENVELOPE',
      command: 'RCPT TO',
      responseCode: 450,
      response: '450 later',
      rejected: ['a', 'b', 'c'],
      retryable: true,
      rejectedErrors: [
        expect.objectContaining({ recipient: 'a', responseCode: 550, permanent: true }),
        expect.objectContaining({ recipient: 'b', responseCode: 450, permanent: false, retryable: true }),
        expect.objectContaining({ recipient: 'c', command: 'RCPT TO' }),
      ],
    },
  ],
  [
    new SMTPRecipientsRefused('x', { stage: 'body', refused: new Map([['a', reply(552)]]) }),
    { code: 'EMESSAGE', command: 'DATA', responseCode: 552 },
  ],
];

it.each(rows.map(([error, words]) => [`${error.name} ${JSON.stringify(words).slice(0, 60)}`, error, words] as const))(
  '%s',
  (_name, error, words) => {
    const told = toNodemailerError(error);
    expect(told).toBeInstanceOf(NodemailerError);
    expect(told).toMatchObject(words);
    expect(told.cause).toBe(error);
    expect(told.message).toBe(error.message);
  },
);

it('has no property that there is nothing to say with', () => {
  const told = toNodemailerError(new SMTPAbortedError('x'));
  for (const key of ['responseCode', 'response', 'permanent', 'rejected', 'recipient', 'command'])
    expect(told).not.toHaveProperty(key);
});

it('shows a reply of several lines as it came', () => {
  const said: Reply = { code: 550, enhancedCode: undefined, lines: ['one', 'two', ''], text: 'one\ntwo\n' };
  expect(toNodemailerError(new SMTPDataError('x', { reply: said }))).toMatchObject({
    response: '550-one\n550-two\n550',
  });
});

it('passes on what is not of this library, and says once what is translated', () => {
  const foreign = new RangeError('x');
  expect(toNodemailerError(foreign)).toBe(foreign);
  const told = toNodemailerError(new SMTPAbortedError('x'));
  expect(toNodemailerError(told)).toBe(told);
  expect(toNodemailerError('text')).toMatchObject({ code: 'EMESSAGE', message: 'text' });
});
