import { SMTPException } from '../../../src/errors.js';
import { octetsOf, oneMessage, serverFault, unavailable } from '../../../src/protocol/sasl/mechanism.js';

describe('a mechanism of one message', () => {
  it('is no success when the server says yes before anything was said', () => {
    const mechanism = oneMessage({ name: 'X', message: octetsOf('m'), secret: true });
    expect(() => {
      mechanism.finish();
    }).toThrow('before anything was said');
    expect(mechanism.serverError).toBeUndefined();
  });

  it('says it either with AUTH or in answer to the first challenge', () => {
    const withAuth = oneMessage({ name: 'X', message: octetsOf('m'), secret: true, after: () => octetsOf('after') });
    expect(withAuth.initialResponse()).toEqual(octetsOf('m'));
    expect(withAuth.respond(octetsOf(''))).toEqual(octetsOf('after'));
    const answered = oneMessage({ name: 'X', message: octetsOf('m'), secret: true });
    expect(answered.respond(octetsOf(''))).toEqual(octetsOf('m'));
  });
});

describe('the errors of a mechanism', () => {
  it('tell whose fault it was', () => {
    const cause = new Error('no MD5');
    const ours = unavailable('CRAM-MD5', 'no MD5', 'hint', cause);
    expect(ours).toBeInstanceOf(SMTPException);
    expect(ours).toMatchObject({
      code: 'ERR_SASL_UNAVAILABLE',
      stage: 'auth',
      hint: 'hint',
      cause,
      delivery: 'not-sent',
    });
    expect(serverFault('SCRAM-SHA-1', 'bad nonce', 'hint')).toMatchObject({
      code: 'ERR_SASL_SERVER',
      retryable: false,
    });
  });
});
