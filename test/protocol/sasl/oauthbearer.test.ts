import { MessageError } from '../../../src/errors.js';
import { decodeChallenge, encodeInitialResponse, encodeResponse } from '../../../src/protocol/sasl/base64.js';
import { oauthBearer } from '../../../src/protocol/sasl/oauthbearer.js';

const accessToken = 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==';

describe('OAUTHBEARER', () => {
  it('says what the example of RFC 7628 section 4.1 says', () => {
    const mechanism = oauthBearer({ user: 'user@example.com', accessToken, host: 'server.example.com', port: 143 });
    expect(encodeInitialResponse(mechanism.initialResponse() ?? new Uint8Array(0))).toBe(
      'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB',
    );
  });

  it('ends a failed exchange with AQ==, and keeps the error (RFC 7628 section 4.3)', () => {
    const mechanism = oauthBearer({ user: 'user@example.com', accessToken });
    mechanism.initialResponse();
    const challenge = decodeChallenge(
      'eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIn0=',
      mechanism.name,
    );
    expect(encodeResponse(mechanism.respond(challenge))).toBe('AQ==');
    expect(mechanism.serverError).toBe('{"status":"invalid_token","scope":"example_scope"}');
  });

  it('escapes the separators of GS2 in the name, and leaves out what it does not know', () => {
    const mechanism = oauthBearer({ user: 'a,b=c', accessToken: 't' });
    expect(Buffer.from(mechanism.initialResponse() ?? []).toString()).toBe(
      'n,a=a=2Cb=3Dc,\u0001auth=Bearer t\u0001\u0001',
    );
  });

  it('refuses a user name or host that would forge a field', () => {
    expect(() => oauthBearer({ user: 'u\u0001', accessToken })).toThrow(MessageError);
    expect(() => oauthBearer({ user: 'u', accessToken, host: 'h\u0001' })).toThrow(MessageError);
  });
});
