import fc from 'fast-check';
import { plain } from '../../../src/protocol/sasl/plain.js';

const said = (octets: Uint8Array | undefined): string => Buffer.from(octets ?? []).toString('utf8');

describe('PLAIN', () => {
  it('says what the examples of RFC 4616 section 4 say', () => {
    const tim = plain({ user: 'tim', password: 'tanstaaftanstaaf' });
    expect(said(tim.initialResponse())).toBe('\0tim\0tanstaaftanstaaf');
    const kurt = plain({ authorizationId: 'Ursel', user: 'Kurt', password: 'xipj3plmq' });
    expect(said(kurt.initialResponse())).toBe('Ursel\0Kurt\0xipj3plmq');
  });

  it('answers the empty challenge when nothing went along with AUTH, and knows when the secret has left', () => {
    const mechanism = plain({ user: 'u', password: 'p' });
    expect(mechanism.secretSent).toBe(false);
    expect(said(mechanism.respond(new Uint8Array(0)))).toBe('\0u\0p');
    expect(mechanism.secretSent).toBe(true);
    mechanism.finish();
    expect(() => mechanism.respond(new Uint8Array(0))).toThrow('asks again');
  });

  it('sends UTF-8 as given, without SASLprep', () => {
    const password = 'p\u00e4\u00df \u00ad\u{1f511}';
    expect(said(plain({ user: 'bj\u00f6rn', password }).initialResponse())).toBe(`\0bj\u00f6rn\0${password}`);
  });

  it('gives any well-formed text back to who splits at NUL', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !value.includes('\0'));
    fc.assert(
      fc.property(text, text, (user, password) => {
        expect(said(plain({ user, password }).initialResponse()).split('\0')).toEqual(['', user, password]);
      }),
    );
  });

  it('shows no secret when inspected', async () => {
    const { inspect } = await import('node:util');
    const mechanism = plain({ user: 'u', password: 'open sesame' });
    mechanism.initialResponse();
    expect(inspect(mechanism, { depth: 9, showHidden: true })).not.toContain('sesame');
    expect(JSON.stringify(mechanism)).not.toContain('sesame');
  });
});
