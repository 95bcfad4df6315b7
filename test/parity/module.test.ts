/** Python's module level: names, constants, exceptions, functions. */
import * as posthaste from '../../src/index.js';
import {
  CRLF,
  InvalidAddressError,
  LMTP_PORT,
  quoteaddr,
  quotedata,
  SMTP,
  SMTP_PORT,
  SMTP_SSL_PORT,
  SMTPAuthenticationError,
  SMTPConnectError,
  SMTPDataError,
  SMTPException,
  SMTPHeloError,
  SMTPNotSupportedError,
  SMTPRecipientsRefused,
  SMTPResponseException,
  SMTPSenderRefused,
  SMTPServerDisconnected,
} from '../../src/index.js';
import { makeReply } from '../../src/protocol/reply.js';
import { rejectionOf } from '../support/rejection.js';
import { thrownBy } from '../support/thrown.js';

const reply = makeReply(550, ['5.1.1 no']);

describe('1.1 module', () => {
  it('1.1 names: all of the module\u2019s public names are exported, and LMTP too', () => {
    const names = [
      ...['SMTPException', 'SMTPNotSupportedError', 'SMTPServerDisconnected', 'SMTPResponseException'],
      ...['SMTPSenderRefused', 'SMTPRecipientsRefused', 'SMTPDataError', 'SMTPConnectError', 'SMTPHeloError'],
      ...['SMTPAuthenticationError', 'quoteaddr', 'quotedata', 'SMTP', 'SMTP_SSL', 'LMTP'],
    ];
    for (const name of names) expect(posthaste).toHaveProperty(name);
  });

  it('1.1 constants: ports and the line end', () => {
    expect([SMTP_PORT, SMTP_SSL_PORT, LMTP_PORT, CRLF]).toEqual([25, 465, 2003, '\r\n']);
  });

  it('1.1 exceptions: the tree below SMTPException', () => {
    expect(SMTPException.prototype).toBeInstanceOf(Error);
    for (const one of [SMTPNotSupportedError, SMTPServerDisconnected, SMTPResponseException, SMTPRecipientsRefused]) {
      expect(Object.getPrototypeOf(one)).toBe(SMTPException);
    }
    for (const one of [SMTPSenderRefused, SMTPDataError, SMTPConnectError, SMTPHeloError, SMTPAuthenticationError]) {
      expect(Object.getPrototypeOf(one)).toBe(SMTPResponseException);
    }
  });

  it('1.1 SMTPServerDisconnected: also for a client that is not connected yet', async () => {
    expect(await rejectionOf(new SMTP().noop())).toBeInstanceOf(SMTPServerDisconnected);
  });

  it('1.1 SMTPResponseException: code and text of the reply', () => {
    const error = new SMTPResponseException('no', { reply });
    expect([error.smtpCode, error.smtpError]).toEqual([550, '5.1.1 no']);
  });

  it('1.1 SMTPSenderRefused: also the sender', () => {
    expect(new SMTPSenderRefused('no', { reply, sender: 'a@x.test' })).toMatchObject({
      sender: 'a@x.test',
      smtpCode: 550,
    });
  });

  it('1.1 SMTPRecipientsRefused: each address with its reply, and no reply of its own', () => {
    const error = new SMTPRecipientsRefused('no', { refused: new Map([['a@x.test', reply]]) });
    expect(error.refused.get('a@x.test')?.code).toBe(550);
    expect(error).not.toBeInstanceOf(SMTPResponseException);
  });

  it.each([
    ['', '<>'],
    ['<>', '<>'],
    ['a@x', '<a@x>'],
    ['Bob <a@x>', '<a@x>'],
    ['"a b"@x', '<"a b"@x>'],
  ])('1.1 quoteaddr: %j becomes %s', (given, expected) => {
    expect(quoteaddr(given)).toBe(expected);
  });

  it.each([
    'a b',
    'a@b@c',
    'a\0b@x',
    'a@x> NOTIFY=NEVER',
    '<a@x> NOTIFY=NEVER',
    'a@x, b@x',
    'group: a@x, b@x;',
    'a@x\r\nRCPT TO:<b@x>',
  ])(
    '1.1 quoteaddr: %j, of which one version or another of Python sends a part or more than an address, is refused',
    (given) => {
      expect(thrownBy(() => quoteaddr(given))).toBeInstanceOf(InvalidAddressError);
    },
  );

  it.each([
    ['a\r.b', 'a\r\n..b'],
    ['a\r\r\n.b', 'a\r\n\r\n..b'],
    ['.a\n.b\r\n..c', '..a\r\n..b\r\n...c'],
    ['a', 'a'],
    ['', ''],
  ])('1.1 quotedata: line ends become CRLF, and then leading dots are doubled: %j', (given, expected) => {
    // Python leaves a text without a final line end as it is; data() is what ends the last line.
    expect(quotedata(given).replace(/\r\n$/, '')).toBe(expected);
  });
});
