import { MessageError } from '../../../src/errors.js';
import {
  checkBearerCredentials,
  checkBearerField,
  checkPasswordCredentials,
  checkUser,
} from '../../../src/protocol/sasl/credentials.js';

const refusal = (check: () => void): MessageError => {
  try {
    check();
  } catch (error) {
    if (error instanceof MessageError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('credentials', () => {
  it.each([
    ['a NUL', 'hunter\0two', 'NUL'],
    ['nothing', '', 'empty'],
    ['half of a surrogate pair', 'hunter\ud800two', 'surrogate'],
    ['no text', 12 as unknown as string, 'number'],
    ['null', null as unknown as string, 'null'],
    ['undefined', undefined as unknown as string, 'undefined'],
  ])('with %s are refused, and not quoted', (_what, text, reason) => {
    for (const check of [
      () => {
        checkPasswordCredentials({ user: 'u', password: text });
      },
      () => {
        checkPasswordCredentials({ user: text, password: 'p' });
      },
      () => {
        checkBearerCredentials({ user: 'u', accessToken: text });
      },
    ]) {
      const error = refusal(check);
      expect(error.code).toBe('ERR_INVALID_CREDENTIALS');
      expect(error.message).toContain(reason);
      expect(error.hint).toBeTruthy();
      expect(`${error.message}${error.hint ?? ''}`).not.toContain('hunter');
    }
  });

  it('may hold any other text', () => {
    checkPasswordCredentials({ user: 'a,b=c', password: ' \r\n\u0001\u{1f511}' });
    checkUser('\u00e4');
    checkBearerCredentials({ user: 'u@x', accessToken: 'ya29.a-b_c~d+e/f==' });
  });

  it.each(['Bearer x', 'x\r\n', 'x\u0001', 'x\u00e4', '<html> error'])('are no token: %j', (accessToken) => {
    const error = refusal(() => {
      checkBearerCredentials({ user: 'u', accessToken });
    });
    expect(error.message).not.toContain(accessToken);
  });

  it('hold no separator of bearer fields', () => {
    expect(
      refusal(() => {
        checkBearerCredentials({ user: 'u\u0001auth=Bearer y', accessToken: 'x' });
      }).message,
    ).toContain('user name');
    expect(
      refusal(() => {
        checkBearerField('host', 'h\u0001');
      }).message,
    ).toContain('host');
  });
});
