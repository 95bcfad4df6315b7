import fc from 'fast-check';
import { SMTPException } from '../../../src/errors.js';
import { decodeChallenge, encodeInitialResponse, encodeResponse } from '../../../src/protocol/sasl/base64.js';

describe('the base64 of AUTH', () => {
  it('writes an initial response of no octets as =, and an empty answer as an empty line', () => {
    expect(encodeInitialResponse(new Uint8Array(0))).toBe('=');
    expect(encodeResponse(new Uint8Array(0))).toBe('');
    expect(decodeChallenge('', 'X')).toHaveLength(0);
  });

  it('gives back what it took, with and without padding, on one line', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        const text = encodeResponse(octets);
        expect(text).not.toMatch(/\s/);
        expect(Buffer.from(decodeChallenge(text, 'X')).equals(octets)).toBe(true);
        expect(Buffer.from(decodeChallenge(text.replace(/=+$/, ''), 'X')).equals(octets)).toBe(true);
      }),
    );
  });

  it.each(['ok. go on', 'Username:', 'QUJ\u0000', 'A', 'QQ===', 'Q=Q=', 'QUJD-_', 'QU JD', 'QU=D', 'Q==D'])(
    'refuses %j',
    (text) => {
      expect(() => decodeChallenge(text, 'X')).toThrow(SMTPException);
    },
  );
});
