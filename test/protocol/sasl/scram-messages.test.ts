import fc from 'fast-check';
import { SMTPException } from '../../../src/errors.js';
import {
  errorOf,
  MAX_ITERATIONS,
  MIN_ITERATIONS,
  parseServerFinal,
  parseServerFirst,
} from '../../../src/protocol/sasl/scram-messages.js';

const first = (text: string) => parseServerFirst(text, 'abc', 'SCRAM-SHA-1');
const base64 = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((octets) => Buffer.from(octets).toString('base64'));

describe("the server's first message", () => {
  it('is read into its parts, whatever they are', () => {
    const suffix = fc.stringMatching(/^[!-+\--~]{1,40}$/);
    const count = fc.integer({ min: MIN_ITERATIONS, max: MAX_ITERATIONS });
    const extension = fc.constantFrom('', ',x=1', ',x=1,y=a=b');
    fc.assert(
      fc.property(suffix, base64, count, extension, (tail, salt, iterations, extensions) => {
        const parsed = first(`r=abc${tail},s=${salt},i=${String(iterations)}${extensions}`);
        expect({ ...parsed, salt: Buffer.from(parsed.salt).toString('base64') }).toEqual({
          nonce: `abc${tail}`,
          salt,
          iterations,
        });
      }),
    );
  });

  it.each([
    ['an unknown extension', 'm=x,r=abcd,s=QQ==,i=4096', 'extension'],
    ['a nonce that is not ours', 'r=xbcd,s=QQ==,i=4096', 'nonce'],
    ['our nonce alone', 'r=abc,s=QQ==,i=4096', 'nonce'],
    ['a nonce with a blank', 'r=abc d,s=QQ==,i=4096', 'nonce'],
    ['no salt', 'r=abcd,s=,i=4096', 'malformed'],
    ['a salt that is no base64', 'r=abcd,s=Q,i=4096', 'malformed'],
    ['a salt of the other alphabet', 'r=abcd,s=-_-_,i=4096', 'malformed'],
    ['another order', 's=QQ==,r=abcd,i=4096', 'malformed'],
    ['no count', 'r=abcd,s=QQ==', 'malformed'],
    ['a count with a zero in front', 'r=abcd,s=QQ==,i=04096', 'malformed'],
    ['a negative count', 'r=abcd,s=QQ==,i=-4096', 'malformed'],
    ['an exponent', 'r=abcd,s=QQ==,i=5e3', 'malformed'],
    ['a count that makes guessing cheap', 'r=abcd,s=QQ==,i=4095', '4095 iterations'],
    ['a count that would stop the process', 'r=abcd,s=QQ==,i=1000001', '1000001 iterations'],
    ['a count beyond numbers', `r=abcd,s=QQ==,i=${'9'.repeat(400)}`, '99999999999999999999 iterations'],
    ['something behind that is no extension', 'r=abcd,s=QQ==,i=4096,', 'malformed'],
    ['nothing', '', 'malformed'],
  ])('is refused with %s', (_what, text, reason) => {
    expect(() => first(text)).toThrow(SMTPException);
    expect(() => first(text)).toThrow(reason);
  });

  it('gives parts or an SMTPException for any text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...Array.from('abcrsim=,Q4096\0')) }),
    );
    fc.assert(
      fc.property(text, (tail) => {
        for (const message of [tail, `r=abc${tail}`, `r=abcd,s=${tail}`, `r=abcd,s=QQ==,i=${tail}`]) {
          try {
            const { nonce, iterations } = first(message);
            expect(nonce.startsWith('abc')).toBe(true);
            expect(iterations).toBeGreaterThanOrEqual(MIN_ITERATIONS);
          } catch (error) {
            if (!(error instanceof SMTPException)) throw error;
            expect(error.code).toBe('ERR_SASL_SERVER');
          }
        }
      }),
    );
  });
});

describe("the server's final message", () => {
  it('is a signature, or an error', () => {
    fc.assert(
      fc.property(base64, fc.constantFrom('', ',x=1'), (text, extensions) => {
        const final = parseServerFinal(`v=${text}${extensions}`, 'X');
        expect('signature' in final && Buffer.from(final.signature).toString('base64')).toBe(text);
      }),
    );
    expect(parseServerFinal('e=invalid-proof', 'X')).toEqual({ error: 'invalid-proof' });
    expect(errorOf('e=unknown-user,x=1')).toBe('unknown-user');
    expect(errorOf('v=QQ==')).toBeUndefined();
  });

  it.each(['', 'v=', 'v=Q', 'v=QQ', 'v=QQ==,', 'w=QQ==', 'x=1,v=QQ==', 'e='])('is refused as %j', (text) => {
    expect(() => parseServerFinal(text, 'X')).toThrow('malformed');
  });
});
