import { MessageError } from '../../../src/errors.js';
import { encodeInitialResponse } from '../../../src/protocol/sasl/base64.js';
import { xoauth2 } from '../../../src/protocol/sasl/xoauth2.js';

describe('XOAUTH2', () => {
  it('says user and token in their fields', () => {
    const mechanism = xoauth2({
      user: 'someuser@example.com',
      accessToken: 'ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg',
    });
    expect(encodeInitialResponse(mechanism.initialResponse() ?? new Uint8Array(0))).toBe(
      'dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==',
    );
    expect(mechanism.secretSent).toBe(true);
  });

  it('ends a failed exchange with an empty line', () => {
    const mechanism = xoauth2({ user: 'u', accessToken: 'tok3n' });
    mechanism.initialResponse();
    expect(mechanism.respond(Buffer.from('{"status":"400"}'))).toHaveLength(0);
    expect(mechanism.serverError).toBe('{"status":"400"}');
  });

  it('refuses a user name that would forge a field', () => {
    expect(() => xoauth2({ user: 'u\u0001auth=Bearer other', accessToken: 't' })).toThrow(MessageError);
  });
});
