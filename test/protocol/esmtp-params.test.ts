import fc from 'fast-check';
import { MessageError, SMTPNotSupportedError } from '../../src/errors.js';
import {
  formatEsmtpParams,
  parseEsmtpParams,
  requireOffered,
  type ParameterSession,
} from '../../src/protocol/esmtp-params.js';
import type { EsmtpParams } from '../../src/types.js';

const mail = (params: EsmtpParams): string => formatEsmtpParams(parseEsmtpParams(params, 'MAIL'));
const rcpt = (params: EsmtpParams): string => formatEsmtpParams(parseEsmtpParams(params, 'RCPT'));

function refusal(action: () => unknown): MessageError {
  try {
    action();
  } catch (error) {
    if (error instanceof MessageError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

function session(features: Record<string, string>, more: Partial<ParameterSession> = {}): ParameterSession {
  const offers = {
    has: (keyword: string) => Object.hasOwn(features, keyword.toUpperCase()),
    params: (keyword: string) => features[keyword.toUpperCase()],
  };
  return { offers, verifiedTls: true, smtpUtf8: false, ...more };
}

describe('parseEsmtpParams', () => {
  it.each<[EsmtpParams, string]>([
    [{}, ''],
    [[], ''],
    [{ SIZE: 1000, BODY: '8bitmime', SMTPUTF8: true }, ' SIZE=1000 BODY=8BITMIME SMTPUTF8'],
    [['size=1000', 'Body=8BitMime', 'smtputf8'], ' SIZE=1000 BODY=8BITMIME SMTPUTF8'],
    [{ size: 0 }, ' SIZE=0'],
    [{ BODY: '7BIT' }, ' BODY=7BIT'],
    [{ BODY: 'BINARYMIME' }, ' BODY=BINARYMIME'],
    [{ RET: 'full', ENVID: 'a+b=c d' }, ' RET=FULL ENVID=a+2Bb+3Dc+20d'],
    [['RET=HDRS', 'ENVID=a+2Bb'], ' RET=HDRS ENVID=a+2Bb'],
    [{ AUTH: '<>' }, ' AUTH=<>'],
    [{ AUTH: 'e+mc2=@example.com' }, ' AUTH=e+2Bmc2+3D@example.com'],
    [['AUTH=e+2Bmc2@example.com'], ' AUTH=e+2Bmc2@example.com'],
    [{ REQUIRETLS: true }, ' REQUIRETLS'],
    [{ BY: '120;R' }, ' BY=120;R'],
    [{ BY: '-30;nt' }, ' BY=-30;NT'],
    [{ 'MT-PRIORITY': -9 }, ' MT-PRIORITY=-9'],
    [{ 'MT-PRIORITY': 0 }, ' MT-PRIORITY=0'],
    [{ HOLDFOR: 86_400 }, ' HOLDFOR=86400'],
    [{ HOLDUNTIL: '2030-01-31T08:00:00Z' }, ' HOLDUNTIL=2030-01-31T08:00:00Z'],
    [['HOLDUNTIL=2030-01-31T08:00:00.5+01:00'], ' HOLDUNTIL=2030-01-31T08:00:00.5+01:00'],
    [{ 'X-OWN': true, XOTHER: 'a,b', XN: 5 }, ' X-OWN XOTHER=a,b XN=5'],
  ])('MAIL: %j becomes %j', (params, expected) => {
    expect(mail(params)).toBe(expected);
  });

  it.each<[EsmtpParams, string]>([
    [{ NOTIFY: 'never' }, ' NOTIFY=NEVER'],
    [{ NOTIFY: 'success,DELAY,failure' }, ' NOTIFY=SUCCESS,DELAY,FAILURE'],
    [{ ORCPT: 'rfc822;a+b@x' }, ' ORCPT=rfc822;a+2Bb@x'],
    [{ ORCPT: 'rfc822;"a b"@x' }, ' ORCPT=rfc822;"a+20b"@x'],
    [{ ORCPT: 'x400;/c=de/' }, ' ORCPT=x400;/c+3Dde/'],
    [['ORCPT=rfc822;a+2Bb@x'], ' ORCPT=rfc822;a+2Bb@x'],
    [{ ORCPT: 'utf-8;bj\u00f8rn+x@x' }, ' ORCPT=utf-8;bj\\x{F8}rn\\x{2B}x@x'],
    [['ORCPT=utf-8;bj\\x{F8}rn@x'], ' ORCPT=utf-8;bj\\x{F8}rn@x'],
    [['ORCPT=UTF-8;bj\u00f8rn@x'], ' ORCPT=UTF-8;bj\u00f8rn@x'],
  ])('RCPT: %j becomes %j', (params, expected) => {
    expect(rcpt(params)).toBe(expected);
  });

  it.each<[EsmtpParams, string]>([
    [{ SIZE: -1 }, 'octets'],
    [{ SIZE: 1.5 }, 'whole number'],
    [{ SIZE: NaN }, 'whole number'],
    [{ SIZE: 2 ** 53 }, 'whole number'],
    [{ SIZE: '1e3' }, 'octets'],
    [{ SIZE: '' }, 'octets'],
    [{ SIZE: true }, 'needs a value'],
    [['SIZE'], 'needs a value'],
    [['SIZE='], 'octets'],
    [['SIZE=' + '1'.repeat(21)], 'octets'],
    [{ BODY: '9BIT' }, '7BIT or 8BITMIME'],
    [{ SMTPUTF8: 'yes' }, 'has no value'],
    [['SMTPUTF8='], 'has no value'],
    [{ RET: 'ALL' }, 'FULL or HDRS'],
    [{ ENVID: '' }, 'at least one'],
    [{ ENVID: 'a\r\nRCPT TO:<x>' }, 'printable ASCII'],
    [{ ENVID: '\u00e4' }, 'printable ASCII'],
    [{ ENVID: 'x'.repeat(101) }, '100 characters'],
    [['ENVID=a+b'], 'xtext'],
    [{ AUTH: 'a b@x' }, 'mailbox'],
    [{ AUTH: '' }, 'mailbox'],
    [{ AUTH: 'bj\u00f8rn@x' }, 'mailbox'],
    [{ BY: '120' }, 'seconds, a semicolon'],
    [{ BY: '0;R' }, 'more than 0'],
    [{ BY: '-5;RT' }, 'more than 0'],
    [{ BY: '1234567890;N' }, 'seconds, a semicolon'],
    [{ 'MT-PRIORITY': 10 }, '-9 to 9'],
    [{ 'MT-PRIORITY': '-0' }, '-9 to 9'],
    [{ HOLDFOR: 0 }, 'seconds'],
    [{ HOLDFOR: 1_000_000_000 }, 'seconds'],
    [{ HOLDUNTIL: 'tomorrow' }, 'time'],
    [{ HOLDUNTIL: '2030-13-31T08:00:00Z' }, 'time'],
    [{ HOLDUNTIL: '2030-01-31 08:00:00Z' }, 'time'],
    [{ HOLDFOR: 5, HOLDUNTIL: '2030-01-31T08:00:00Z' }, 'exclude'],
    [{ SIZE: 1, size: 1 }, 'twice'],
    [['BODY=7BIT', 'body=8BITMIME'], 'twice'],
    [{ NOTIFY: 'NEVER' }, 'parameter of RCPT'],
    [{ '': true }, 'no keyword'],
    [{ '-X': true }, 'no keyword'],
    [{ 'X Y': true }, 'no keyword'],
    [{ 'X=1 Y': true }, 'no keyword'],
    [{ 'X\r\n': true }, 'no keyword'],
    [['SIZE=1 BODY=8BITMIME'], 'octets'],
    [['XA=1 XB=2'], 'no parameter can have'],
    [['XA=1=2'], 'no parameter can have'],
    [['XA=a\u0000'], 'no parameter can have'],
    [['XA=a\u007f'], 'no parameter can have'],
    [['XA=\ud800'], 'no parameter can have'],
    [['XA='], 'no parameter can have'],
    [{ XA: '' }, 'no parameter can have'],
    [{ XA: null as unknown as string }, 'neither text'],
    [{ XA: undefined as unknown as string }, 'neither text'],
    [[5] as unknown as string[], 'string'],
    [[''], 'no keyword'],
    [['=x'], 'no keyword'],
  ])('refuses %j on MAIL', (params, reason) => {
    const error = refusal(() => mail(params));
    expect(error.message).toContain(reason);
    expect(error.code).toBe('ERR_INVALID_PARAMETER');
    expect(error.hint).toBeTruthy();
  });

  it.each<[EsmtpParams, string]>([
    [{ NOTIFY: '' }, 'NEVER'],
    [{ NOTIFY: 'NEVER,SUCCESS' }, 'NEVER'],
    [{ NOTIFY: 'SUCCESS,SUCCESS' }, 'each once'],
    [{ NOTIFY: 'SUCCESS, DELAY' }, 'NEVER'],
    [{ ORCPT: 'a@x' }, 'semicolon'],
    [{ ORCPT: 'rfc822;' }, 'xtext'],
    [{ ORCPT: ';a@x' }, 'semicolon'],
    [{ ORCPT: 'a b;c@x' }, 'semicolon'],
    [{ ORCPT: 'rfc822;bj\u00f8rn@x' }, 'type utf-8'],
    [{ ORCPT: `rfc822;${'x'.repeat(500)}` }, '500 characters'],
    [{ ORCPT: 'rfc822;a@x\r\nDATA' }, 'type utf-8'],
    [['ORCPT=rfc822;a+b@x'], 'xtext'],
    [['ORCPT=utf-8;a\\b@x'], 'xtext'],
    [{ SIZE: 5 }, 'parameter of MAIL'],
    [{ BODY: '8BITMIME' }, 'parameter of MAIL'],
  ])('refuses %j on RCPT', (params, reason) => {
    expect(refusal(() => rcpt(params)).message).toContain(reason);
  });

  it('lets nothing through that could end the parameter, whatever the keyword and value', () => {
    const keyword = fc.oneof(
      fc.constantFrom('SIZE', 'ENVID', 'AUTH', 'BODY', 'BY', 'HOLDUNTIL', 'RET', 'SMTPUTF8', 'XA'),
      fc.string({ unit: fc.constantFrom(...Array.from('aX9-= \r\n\0')), maxLength: 5 }),
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...Array.from('ab=+; \r\n\0<>')) }),
      fc.integer(),
    );
    fc.assert(
      fc.property(keyword, value, fc.boolean(), (name, given, asList) => {
        let line: string;
        try {
          line = mail(asList ? [`${name}=${String(given)}`] : { [name]: given });
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError);
          return;
        }
        expect(line).toMatch(/^ [A-Z0-9][A-Z0-9-]*(?:=[!-<>-~\u0080-\u{10ffff}]+)?$/u);
      }),
      { numRuns: 500 },
    );
  });

  it.each([undefined, null, 'BODY=8BITMIME', 5])('takes a list or an object, and not %p', (params) => {
    const error = refusal(() => mail(params as unknown as EsmtpParams));
    expect(error).toMatchObject({ code: 'ERR_INVALID_PARAMETER' });
    expect(error.message).toContain('neither a list nor an object');
  });

  it('shows in an error what was given, its controls as escapes, and of a long text the beginning', () => {
    expect(refusal(() => mail(['no keyword!'])).message).toContain('"no keyword!" is no keyword');
    expect(refusal(() => mail(['\u001b[31m'])).message).not.toContain('\u001b');
    const text = refusal(() => mail([`${'x'.repeat(100)}!`])).message;
    expect(text).toContain(`"${'x'.repeat(100)}..." is no keyword`);
    expect(refusal(() => mail([`${'x'.repeat(99)}!`])).message).toContain(`"${'x'.repeat(99)}!" is no keyword`);
  });

  it('gives from an object what a list takes unchanged', () => {
    const address = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(address, (text) => {
        for (const type of ['rfc822', 'utf-8']) {
          let line: string;
          try {
            line = rcpt({ ORCPT: `${type};${text}` });
          } catch (error) {
            expect(error).toBeInstanceOf(MessageError);
            continue;
          }
          expect(line).toMatch(/^ [!-~]+$/);
          expect(rcpt([line.slice(1)])).toBe(line);
        }
      }),
    );
  });
});

describe('requireOffered', () => {
  const check = (params: EsmtpParams, features: Record<string, string>, more: Partial<ParameterSession> = {}): void => {
    requireOffered(parseEsmtpParams(params, 'MAIL'), session(features, more), 'MAIL');
  };

  it.each<[EsmtpParams, Record<string, string>]>([
    [{ SIZE: 5 }, { SIZE: '' }],
    [{ BODY: '7BIT' }, { '8BITMIME': '' }],
    [{ BODY: '8BITMIME' }, { '8BITMIME': '' }],
    [{ BODY: 'BINARYMIME' }, { BINARYMIME: '', CHUNKING: '' }],
    [{ SMTPUTF8: true }, { SMTPUTF8: '' }],
    [{ RET: 'FULL' }, { DSN: '' }],
    [{ ENVID: 'x' }, { DSN: '' }],
    [{ AUTH: '<>' }, { AUTH: 'PLAIN' }],
    [{ REQUIRETLS: true }, { REQUIRETLS: '' }],
    [{ BY: '120;R' }, { DELIVERBY: '60' }],
    [{ 'MT-PRIORITY': 3 }, { 'MT-PRIORITY': 'MIXER' }],
    [{ HOLDFOR: 5 }, { FUTURERELEASE: '86400 2030-01-01T00:00:00Z' }],
    [{ HOLDUNTIL: '2029-01-01T00:00:00Z' }, { FUTURERELEASE: '86400 2030-01-01T00:00:00Z' }],
    [{ XOWN: 'a' }, { XOWN: '' }],
  ])('lets %j pass when offered, and refuses it when not', (params, features) => {
    check(params, features);
    for (const keyword of Object.keys(features)) {
      const fewer = Object.fromEntries(Object.entries(features).filter(([other]) => other !== keyword));
      expect(() => {
        check(params, fewer);
      }).toThrow(SMTPNotSupportedError);
      expect(() => {
        check(params, fewer);
      }).toThrow(`needs ${keyword}`);
    }
  });

  it.each<[EsmtpParams, Record<string, string>, string]>([
    [{ BY: '59;R' }, { DELIVERBY: '60' }, '60 seconds at least'],
    [{ HOLDFOR: 86_401 }, { FUTURERELEASE: '86400 2030-01-01T00:00:00Z' }, '86400 seconds at most'],
    [{ HOLDUNTIL: '2031-01-01T00:00:00Z' }, { FUTURERELEASE: '86400 2030-01-01T00:00:00Z' }, 'until 2030'],
  ])('refuses %j beyond what the server announces', (params, features, reason) => {
    expect(() => {
      check(params, features);
    }).toThrow(reason);
  });

  it('leaves limits alone that the server does not announce, and a BY that only warns', () => {
    check({ BY: '1;N' }, { DELIVERBY: '60' });
    check({ BY: '1;R' }, { DELIVERBY: '' });
    check({ HOLDFOR: 999_999_999 }, { FUTURERELEASE: '' });
    check({ HOLDUNTIL: '2999-01-01T00:00:00Z' }, { FUTURERELEASE: 'garbled' });
  });

  it('refuses REQUIRETLS on a connection that is not verified', () => {
    expect(() => {
      check({ REQUIRETLS: true }, { REQUIRETLS: '' }, { verifiedTls: false });
    }).toThrow('verified');
  });

  it('refuses UTF-8 in a value unless SMTPUTF8 is declared', () => {
    const params = parseEsmtpParams(['ORCPT=utf-8;bj\u00f8rn@x'], 'RCPT');
    requireOffered(params, session({ DSN: '' }, { smtpUtf8: true }), 'RCPT');
    let error: unknown;
    try {
      requireOffered(params, session({ DSN: '' }), 'RCPT');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      name: 'SMTPNotSupportedError',
      stage: 'rcpt',
      delivery: 'not-sent',
      retryable: false,
    });
  });
});
