import fc from 'fast-check';
import { MessageError, SMTPException, SMTPNotSupportedError } from '../../../src/errors.js';
import { chooseMechanisms, mayTryNext, type MechanismChoice } from '../../../src/protocol/sasl/select.js';
import type { Reply } from '../../../src/types.js';

const everything = [
  'LOGIN',
  'PLAIN',
  'CRAM-MD5',
  'SCRAM-SHA-1',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256',
  'SCRAM-SHA-256-PLUS',
  'XOAUTH2',
  'OAUTHBEARER',
  'EXTERNAL',
  'GSSAPI',
];
const over: MechanismChoice = { offered: everything, kind: 'password', encrypted: true, channelBinding: true };

const refusal = (choice: Partial<MechanismChoice>): MessageError | SMTPException => {
  try {
    chooseMechanisms({ ...over, ...choice });
  } catch (error) {
    if (error instanceof MessageError || error instanceof SMTPException) return error;
    throw error;
  }
  throw new Error('it chose one');
};

describe('chooseMechanisms', () => {
  it('prefers SCRAM bound to the session, and the plain ones last, over TLS', () => {
    expect(chooseMechanisms(over)).toEqual([
      'SCRAM-SHA-256-PLUS',
      'SCRAM-SHA-256',
      'SCRAM-SHA-1-PLUS',
      'SCRAM-SHA-1',
      'PLAIN',
      'LOGIN',
      'CRAM-MD5',
    ]);
  });

  it('puts CRAM-MD5 ahead of PLAIN without TLS, and -PLUS nowhere', () => {
    expect(chooseMechanisms({ ...over, encrypted: false, channelBinding: false })).toEqual([
      'SCRAM-SHA-256',
      'SCRAM-SHA-1',
      'CRAM-MD5',
      'PLAIN',
      'LOGIN',
    ]);
  });

  it('prefers OAUTHBEARER to XOAUTH2 with a token', () => {
    expect(chooseMechanisms({ ...over, kind: 'token' })).toEqual(['OAUTHBEARER', 'XOAUTH2']);
  });

  it('chooses what is offered only, in any case, each once', () => {
    expect(chooseMechanisms({ ...over, offered: ['login', 'Plain', 'PLAIN'] })).toEqual(['PLAIN', 'LOGIN']);
    fc.assert(
      fc.property(
        fc.subarray(everything),
        fc.constantFrom('password' as const, 'token' as const),
        fc.boolean(),
        (offered, kind, encrypted) => {
          try {
            const chosen = chooseMechanisms({ ...over, offered, kind, encrypted });
            expect(offered).toEqual(expect.arrayContaining([...chosen]));
            expect(chosen).not.toContain('EXTERNAL');
            expect(new Set(chosen).size).toBe(chosen.length);
          } catch (error) {
            expect(error).toBeInstanceOf(SMTPNotSupportedError);
          }
        },
      ),
    );
  });

  it('takes the list of the caller in its order, EXTERNAL included', () => {
    expect(chooseMechanisms({ ...over, requested: ['login', 'External', 'PLAIN', 'login'] })).toEqual([
      'LOGIN',
      'EXTERNAL',
      'PLAIN',
    ]);
    expect(chooseMechanisms({ ...over, requested: ['PLAIN', 'LOGIN'], offered: ['LOGIN'] })).toEqual(['LOGIN']);
  });

  it.each([
    [{ offered: undefined }, 'does not offer AUTH', 'submission'],
    [{ offered: undefined, encrypted: false }, 'does not offer AUTH', 'STARTTLS'],
    [{ offered: [] }, 'offers none', 'auth('],
    [{ offered: ['GSSAPI'] }, 'offers GSSAPI', 'auth('],
    [{ offered: ['XOAUTH2'] }, 'offers XOAUTH2', 'accessToken'],
    [{ offered: ['PLAIN'], kind: 'token' as const }, 'offers PLAIN', 'password'],
    [{ offered: ['XX'], encrypted: false }, 'offers XX', 'STARTTLS'],
    [{ offered: ['PLAIN'], requested: ['CRAM-MD5'] }, 'offers PLAIN; usable here are CRAM-MD5', 'auth.mechanisms'],
    [{ offered: ['SCRAM-SHA-1-PLUS'], channelBinding: false }, 'nothing to bind to', 'TLS 1.3'],
  ])('says what is missing: %j', (choice, message, hint) => {
    const error = refusal(choice);
    expect(error).toBeInstanceOf(SMTPNotSupportedError);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  it.each([
    [['GSSAPI'], 'not known'],
    [[], 'empty'],
    [['XOAUTH2'], 'needs a token'],
    ['PLAIN' as unknown as string[], 'no list of names'],
    [['PLAIN', 5 as unknown as string], 'no list of names'],
  ])('refuses %j, before the server is looked at', (requested, message) => {
    const error = refusal({ requested, offered: undefined });
    expect(error).toBeInstanceOf(MessageError);
    expect(error.message).toContain(message);
    expect(error.code).toBe('ERR_UNKNOWN_MECHANISM');
  });
});

describe('mayTryNext', () => {
  const reply = (code: number): Reply => ({ code, enhancedCode: undefined, lines: [''], text: '' });
  const fresh = { secretSent: false };
  const spent = { secretSent: true };

  it.each([
    [504, true],
    [534, true],
    [535, false],
    [538, false],
    [432, false],
    [454, false],
    [500, false],
    [501, false],
    [421, false],
    [503, false],
  ])('after %d: %p', (code, expected) => {
    expect(mayTryNext({ mechanism: spent, reply: reply(code) })).toBe(expected);
    expect(mayTryNext({ mechanism: fresh, reply: reply(code) })).toBe(expected);
  });

  it('after an error of ours only before the secret has left', () => {
    const ours = new SMTPException('x', { code: 'ERR_SASL_UNAVAILABLE' });
    expect(mayTryNext({ mechanism: fresh, error: ours })).toBe(true);
    expect(mayTryNext({ mechanism: spent, error: ours })).toBe(false);
    expect(mayTryNext({ mechanism: fresh, error: new SMTPException('x', { code: 'ERR_SASL_SERVER' }) })).toBe(false);
    expect(mayTryNext({ mechanism: fresh, error: new Error('cut') })).toBe(false);
    expect(mayTryNext({ mechanism: fresh, error: ours, reply: reply(535) })).toBe(true);
    expect(mayTryNext({ mechanism: fresh })).toBe(false);
  });
});
