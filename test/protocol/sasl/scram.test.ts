import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';
import saslPrep from '@mongodb-js/saslprep';
import fc from 'fast-check';
import { MessageError, SMTPException } from '../../../src/errors.js';
import { scram, type ChannelBinding, type ScramOptions } from '../../../src/protocol/sasl/scram.js';
import { mayTryNext } from '../../../src/protocol/sasl/select.js';

const text = (octets: Uint8Array | undefined): string => Buffer.from(octets ?? []).toString('utf8');
const octets = (message: string): Uint8Array => Buffer.from(message, 'utf8');

const sha1: ScramOptions = {
  hash: 'SHA-1',
  user: 'user',
  password: 'pencil',
  nonce: 'fyko+d2lbbFgONRv9qkxdawL',
  channelBinding: { flag: 'n' },
};
const sha1First = 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096';
const sha1Final = 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=';

/** The other side of RFC 5802, written from the RFC for these tests. */
function serve(
  hash: 'sha1' | 'sha256',
  password: string,
  clientFirst: string,
  binding: Uint8Array = new Uint8Array(0),
): { first: string; check: (clientFinal: string) => string } {
  const hmac = (key: Uint8Array, data: string): Buffer => createHmac(hash, key).update(data).digest();
  const [, gs2 = '', bare = ''] = /^((?:n|y|p=[a-z-]+),[^,]*,)(.*)$/s.exec(clientFirst) ?? [];
  const nonce = `${/,r=(.*)$/.exec(bare)?.[1] ?? ''}server`;
  const salt = Buffer.from('NaCl and more of it');
  const first = `r=${nonce},s=${salt.toString('base64')},i=4096`;
  return {
    first,
    check(clientFinal) {
      const [, withoutProof = '', proof = ''] = /^(.*),p=([^,]*)$/s.exec(clientFinal) ?? [];
      expect(withoutProof).toBe(`c=${Buffer.concat([octets(gs2), binding]).toString('base64')},r=${nonce}`);
      const salted = pbkdf2Sync(password, salt, 4_096, hash === 'sha1' ? 20 : 32, hash);
      const signed = `${bare},${first},${withoutProof}`;
      const storedKey = createHash(hash).update(hmac(salted, 'Client Key')).digest();
      const signature = hmac(storedKey, signed);
      const clientKey = Buffer.from(proof, 'base64').map((octet, index) => octet ^ (signature[index] ?? 0));
      expect(timingSafeEqual(createHash(hash).update(clientKey).digest(), storedKey)).toBe(true);
      return `v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`;
    },
  };
}

describe('SCRAM', () => {
  it('speaks the exchange of RFC 5802 section 5', () => {
    const mechanism = scram(sha1);
    expect(mechanism.name).toBe('SCRAM-SHA-1');
    expect(text(mechanism.initialResponse())).toBe('n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL');
    expect(mechanism.secretSent).toBe(false);
    expect(text(mechanism.respond(octets(sha1First)))).toBe(
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    );
    expect(mechanism.secretSent).toBe(true);
    expect(mechanism.respond(octets(sha1Final))).toHaveLength(0);
    mechanism.finish();
  });

  it('speaks the exchange of RFC 7677 section 3', () => {
    const mechanism = scram({ ...sha1, hash: 'SHA-256', nonce: 'rOprNGfwEbeRWgbNEkqO' });
    expect(mechanism.name).toBe('SCRAM-SHA-256');
    expect(text(mechanism.initialResponse())).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
    const serverFirst = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';
    expect(text(mechanism.respond(octets(serverFirst)))).toBe(
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    );
    mechanism.respond(octets('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='));
    mechanism.finish();
  });

  it('begins in answer to the empty challenge when nothing went along with AUTH', () => {
    expect(text(scram(sha1).respond(octets('')))).toBe('n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL');
  });

  it.each<[ChannelBinding, string, string]>([
    [{ flag: 'n' }, 'SCRAM-SHA-256', 'n,,'],
    [{ flag: 'y' }, 'SCRAM-SHA-256', 'y,,'],
    [{ flag: 'p', data: Buffer.alloc(32, 7) }, 'SCRAM-SHA-256-PLUS', 'p=tls-exporter,,'],
  ])('proves itself to a server with the binding %j', (channelBinding, name, gs2) => {
    const mechanism = scram({ ...sha1, hash: 'SHA-256', channelBinding });
    expect(mechanism.name).toBe(name);
    const clientFirst = text(mechanism.initialResponse());
    expect(clientFirst.startsWith(gs2)).toBe(true);
    const server = serve(
      'sha256',
      'pencil',
      clientFirst,
      channelBinding.flag === 'p' ? channelBinding.data : undefined,
    );
    const final = server.check(text(mechanism.respond(octets(server.first))));
    mechanism.respond(octets(final));
    mechanism.finish();
  });

  it('proves itself with any user name and password that SASLprep leaves as they are', () => {
    const word = fc.string({
      unit: fc.constantFrom(...Array.from('a,=Z \u00e9\u03b1\u4e2d')),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(word, word, fc.constantFrom('sha1' as const, 'sha256' as const), (user, password, hash) => {
        const mechanism = scram({ ...sha1, hash: hash === 'sha1' ? 'SHA-1' : 'SHA-256', user, password, saslPrep });
        const clientFirst = text(mechanism.initialResponse());
        expect(clientFirst).toBe(`n,,n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${sha1.nonce}`);
        const server = serve(hash, password, clientFirst);
        mechanism.respond(octets(server.check(text(mechanism.respond(octets(server.first))))));
        mechanism.finish();
      }),
      { numRuns: 20 },
    );
  });

  it('prepares both by SASLprep (the examples of RFC 4013 section 3)', () => {
    const clientFirst = (user: string): string => text(scram({ ...sha1, user, saslPrep }).initialResponse());
    expect(clientFirst('I\u00adX')).toContain('n=IX,');
    expect(clientFirst('\u00aa')).toContain('n=a,');
    expect(clientFirst('\u2168')).toContain('n=IX,');
    const mechanism = scram({ ...sha1, password: 'pen\u00adcil', saslPrep });
    mechanism.initialResponse();
    expect(text(mechanism.respond(octets(sha1First)))).toContain('p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=');
  });

  it.each([
    ['a prohibited character', 'hunter\u00072', saslPrep],
    ['right-to-left letters mixed in', '\u06271', saslPrep],
    ['nothing left', '\u00ad', saslPrep],
    ['a character that Unicode 3.2 did not have', '\u{1f511}', saslPrep],
    ['SASLprep missing', 'gr\u00fcn', undefined],
  ])('cannot be used with a password with %s, and lets the next mechanism be tried', (_what, password, prepare) => {
    let error: unknown;
    try {
      scram({ ...sha1, password, saslPrep: prepare });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SMTPException);
    expect(error).toMatchObject({ code: 'ERR_SASL_UNAVAILABLE' });
    expect(inspect(error)).not.toContain(password);
    expect(mayTryNext({ mechanism: { secretSent: false }, error })).toBe(true);
  });

  it('refuses credentials that no mechanism takes', () => {
    expect(() => scram({ ...sha1, password: 'a\0b' })).toThrow(MessageError);
    expect(() => scram({ ...sha1, nonce: 'a,b' })).toThrow(RangeError);
    expect(() => scram({ ...sha1, nonce: '' })).toThrow(RangeError);
  });

  it('is no success without the signature of the server', () => {
    const early = scram(sha1);
    early.initialResponse();
    expect(() => {
      early.finish();
    }).toThrow('without its signature');
    early.respond(octets(sha1First));
    expect(() => {
      early.finish();
    }).toThrow('without its signature');
  });

  it.each(['v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=', 'v=AAAA', 'x', 'v=\u00ff'])('refuses %j as the signature', (final) => {
    const mechanism = scram(sha1);
    mechanism.initialResponse();
    mechanism.respond(octets(sha1First));
    let error: unknown;
    try {
      mechanism.respond(octets(final));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'ERR_SASL_SERVER' });
    expect(mayTryNext({ mechanism, error })).toBe(false);
    expect(() => {
      mechanism.finish();
    }).toThrow(SMTPException);
  });

  it('does not go on to a plainer mechanism with a server that breaks the exchange', () => {
    const mechanism = scram(sha1);
    mechanism.initialResponse();
    let error: unknown;
    try {
      mechanism.respond(octets('r=other,s=QQ==,i=4096'));
    } catch (thrown) {
      error = thrown;
    }
    expect(mechanism.secretSent).toBe(false);
    expect(mayTryNext({ mechanism, error })).toBe(false);
  });

  it.each([[['e=unknown-user']], [[sha1First, 'e=invalid-proof']]])(
    'keeps the error of %j, waits for the reply, and is no success',
    (messages) => {
      const mechanism = scram(sha1);
      mechanism.initialResponse();
      const answers = messages.map((message) => mechanism.respond(octets(message)));
      expect(answers.at(-1)).toHaveLength(0);
      expect(`e=${mechanism.serverError ?? ''}`).toBe(messages.at(-1));
      expect(() => mechanism.respond(octets(sha1Final))).toThrow('goes on');
      expect(() => {
        mechanism.finish();
      }).toThrow(SMTPException);
    },
  );

  it('refuses what is not UTF-8, and what comes after the end', () => {
    const broken = scram(sha1);
    broken.initialResponse();
    expect(() => broken.respond(Uint8Array.of(0x72, 0x3d, 0xff))).toThrow('UTF-8');
    const done = scram(sha1);
    done.initialResponse();
    done.respond(octets(sha1First));
    done.respond(octets(sha1Final));
    expect(() => done.respond(octets(sha1Final))).toThrow('goes on');
  });
});
