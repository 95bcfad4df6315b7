import { Readable } from 'node:stream';
import { MessageError, MessageTooLargeError, SMTPNotSupportedError } from '../../src/index.js';
import {
  mailParameters,
  parseWanted,
  rcptParameters,
  type ParameterOptions,
} from '../../src/client/mail-parameters.js';
import { contentOf } from '../../src/octets/content-of.js';
import { Extensions } from '../../src/protocol/extensions.js';
import type { Bytes } from '../../src/types.js';
import { thrownBy } from '../support/thrown.js';

const ASCII = 'Subject: hi\r\n\r\nhello\r\n';
const EIGHT_BIT = 'Subject: hi\r\n\r\nh\u00e9llo\r\n';

interface Case extends ParameterOptions {
  readonly offers?: readonly string[];
  readonly message?: Bytes;
  readonly verifiedTls?: boolean;
  readonly smtpUtf8?: boolean;
}

function extensionsOf(offers: readonly string[]): Extensions {
  return new Extensions(
    new Map(offers.map((line) => [line.split(' ')[0]?.toLowerCase() ?? '', line.split(' ').slice(1).join(' ')])),
  );
}

function mail({ offers = [], message = ASCII, verifiedTls = false, smtpUtf8 = false, ...options }: Case): string {
  const extensions = extensionsOf(offers);
  const wanted = parseWanted(options).mail;
  return mailParameters(contentOf(message), wanted, extensions, { offers: extensions, verifiedTls, smtpUtf8 });
}

function rcpt({ offers = [], ...options }: Case, recipient = 'a@x.test', index = 0): string {
  const extensions = extensionsOf(offers);
  const session = { offers: extensions, verifiedTls: false, smtpUtf8: false };
  return rcptParameters(parseWanted(options).rcpt(recipient, index), session);
}

describe('the parameters of MAIL', () => {
  it('declare the size in CRLF form where SIZE is offered', () => {
    expect(mail({ offers: ['SIZE'], message: 'a: b\n\n.x\n' })).toBe(' SIZE=12');
    expect(mail({ offers: ['SIZE 1000'] })).toBe(` SIZE=${String(ASCII.length)}`);
    expect(mail({})).toBe('');
  });

  it('say nothing of the size of what is not known yet', () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from(ASCII));
    }
    expect(mail({ offers: ['SIZE 5', '8BITMIME'], message: () => source() })).toBe(' BODY=8BITMIME');
  });

  it('declare what a streamed message has at least, and refuse it when that is over the limit', () => {
    const streamed = { ...contentOf(() => Readable.from([])), sizeBytes: undefined, leastSizeBytes: 1000 };
    const declared = (offer: string): string => {
      const extensions = extensionsOf([offer]);
      return mailParameters(streamed, [], extensions, { offers: extensions, verifiedTls: false, smtpUtf8: false });
    };
    expect(declared('SIZE')).toBe(' SIZE=1000');
    expect(declared('SIZE 1000')).toBe(' SIZE=1000');
    const error = thrownBy(() => declared('SIZE 999'));
    expect(error).toBeInstanceOf(MessageTooLargeError);
    expect(error).toMatchObject({ sizeBytes: 1000, limitBytes: 999 });
    expect((error as Error).message).toContain('at least 1000');
  });

  it('refuse a message over the limit before anything is sent, and take one that just fits', () => {
    const limit = String(ASCII.length);
    expect(mail({ offers: [`SIZE ${limit}`] })).toBe(` SIZE=${limit}`);
    const error = thrownBy(() => mail({ offers: [`SIZE ${String(ASCII.length - 1)}`] }));
    expect(error).toBeInstanceOf(MessageTooLargeError);
    expect(error).toMatchObject({
      sizeBytes: ASCII.length,
      limitBytes: ASCII.length - 1,
      delivery: 'not-sent',
      retryable: false,
      stage: 'mail',
    });
    for (const none of ['SIZE', 'SIZE 0', 'SIZE lots']) expect(mail({ offers: [none] })).toContain('SIZE=');
  });

  it('declare 8-bit content, and refuse it where the server cannot take it', () => {
    expect(mail({ offers: ['8BITMIME'], message: EIGHT_BIT })).toBe(' BODY=8BITMIME');
    expect(mail({ offers: ['8BITMIME'] })).toBe('');
    expect(thrownBy(() => mail({ message: EIGHT_BIT }))).toBeInstanceOf(SMTPNotSupportedError);
  });

  it('do not let 8-bit content be called 7BIT, nor go as BINARYMIME with DATA', () => {
    expect(mail({ offers: ['8BITMIME'], mailOptions: ['BODY=7BIT'] })).toBe(' BODY=7BIT');
    expect(
      thrownBy(() => mail({ offers: ['8BITMIME'], mailOptions: ['body=7bit'], message: EIGHT_BIT })),
    ).toBeInstanceOf(SMTPNotSupportedError);
    expect(
      thrownBy(() => mail({ offers: ['BINARYMIME', 'CHUNKING'], mailOptions: { BODY: 'BINARYMIME' } })),
    ).toBeInstanceOf(SMTPNotSupportedError);
  });

  it('declare SMTPUTF8 once', () => {
    expect(mail({ offers: ['SMTPUTF8'], smtpUtf8: true })).toBe(' SMTPUTF8');
    expect(mail({ offers: ['SMTPUTF8'], smtpUtf8: true, mailOptions: ['SMTPUTF8'] })).toBe(' SMTPUTF8');
  });

  it('are refused, never dropped, where the server does not offer them', () => {
    const cases: Case[] = [
      { mailOptions: ['SMTPUTF8'] },
      { mailOptions: ['RET=HDRS'] },
      { mailOptions: { ENVID: 'a' } },
      { dsn: { ret: 'full' } },
      { mailOptions: ['BODY=8BITMIME'] },
      { mailOptions: ['X-OWN=1'] },
      { requireTls: true, verifiedTls: true },
      { requireTls: true, offers: ['REQUIRETLS'] },
    ];
    for (const one of cases) expect(thrownBy(() => mail(one))).toBeInstanceOf(SMTPNotSupportedError);
  });

  it('carry what the caller asks for', () => {
    expect(mail({ offers: ['DSN'], dsn: { ret: 'headers', envid: 'a+b' } })).toBe(' RET=HDRS ENVID=a+2Bb');
    expect(mail({ offers: ['REQUIRETLS'], requireTls: true, verifiedTls: true })).toBe(' REQUIRETLS');
    expect(mail({ offers: ['X-OWN'], mailOptions: ['x-own=1'] })).toBe(' X-OWN=1');
    expect(mail({ offers: ['SIZE'], mailOptions: { SIZE: 99 } })).toBe(' SIZE=99');
  });

  it('stand there once, also when they are given in two ways', () => {
    expect(mail({ offers: ['DSN'], mailOptions: ['RET=FULL'], dsn: { ret: 'full' } })).toBe(' RET=FULL');
    expect(
      thrownBy(() => mail({ offers: ['DSN'], mailOptions: ['RET=FULL'], dsn: { ret: 'headers' } })),
    ).toBeInstanceOf(MessageError);
    expect(thrownBy(() => mail({ mailOptions: ['RET=FULL', 'ret=HDRS'] }))).toBeInstanceOf(MessageError);
  });

  it('cannot carry a second command or parameter', () => {
    for (const word of ['RET=FULL\r\nRCPT', 'RET=FULL ENVID=x', 'X=a>b c', 'A\0=1', '=x', 'FROM:<v@x>', '']) {
      expect(thrownBy(() => mail({ offers: ['DSN', 'X'], mailOptions: [word] }))).toMatchObject({
        code: 'ERR_INVALID_PARAMETER',
      });
    }
  });
});

describe('the parameters of RCPT', () => {
  it('are the same for all, or come from a function of recipient and index', () => {
    expect(rcpt({ offers: ['DSN'], rcptOptions: ['NOTIFY=NEVER'] })).toBe(' NOTIFY=NEVER');
    const rcptOptions = (recipient: string, index: number): readonly string[] =>
      index === 1 ? [`ORCPT=rfc822;${recipient}`] : [];
    expect(rcpt({ offers: ['DSN'], rcptOptions }, 'a@x.test', 0)).toBe('');
    expect(rcpt({ offers: ['DSN'], rcptOptions }, 'b@x.test', 1)).toBe(' ORCPT=rfc822;b@x.test');
  });

  it('join what dsn.notify asks for', () => {
    const dsn = { notify: ['success', 'failure'] as const };
    expect(rcpt({ offers: ['DSN'], dsn })).toBe(' NOTIFY=SUCCESS,FAILURE');
    expect(rcpt({ offers: ['DSN'], dsn, rcptOptions: () => ['ORCPT=rfc822;o@x.test'] })).toBe(
      ' ORCPT=rfc822;o@x.test NOTIFY=SUCCESS,FAILURE',
    );
    expect(thrownBy(() => rcpt({ dsn }))).toBeInstanceOf(SMTPNotSupportedError);
  });

  it('are none of MAIL\u2019s', () => {
    expect(thrownBy(() => rcpt({ offers: ['DSN'], rcptOptions: ['RET=FULL'] }))).toBeInstanceOf(MessageError);
    expect(thrownBy(() => mail({ offers: ['DSN'], mailOptions: ['NOTIFY=NEVER'] }))).toBeInstanceOf(MessageError);
  });
});
