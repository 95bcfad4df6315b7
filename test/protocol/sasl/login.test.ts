import { SMTPException } from '../../../src/errors.js';
import { login } from '../../../src/protocol/sasl/login.js';
import { mayTryNext } from '../../../src/protocol/sasl/select.js';

const prompt = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const said = (octets: Uint8Array | undefined): string => Buffer.from(octets ?? []).toString('utf8');
const make = () => login({ user: 'tim', password: 'p\u00e4ss' });

describe('LOGIN', () => {
  it('answers the two prompts', () => {
    const mechanism = make();
    expect(said(mechanism.respond(prompt('Username:')))).toBe('tim');
    expect(mechanism.secretSent).toBe(false);
    expect(said(mechanism.respond(prompt('Password:')))).toBe('p\u00e4ss');
    expect(mechanism.secretSent).toBe(true);
    mechanism.finish();
  });

  it('gives the password when the name went along with AUTH', () => {
    const mechanism = make();
    expect(said(mechanism.initialResponse())).toBe('tim');
    expect(said(mechanism.respond(prompt('Password:')))).toBe('p\u00e4ss');
  });

  it('gives the name, not the password, to a server that ignores the initial response and asks for the name', () => {
    const mechanism = make();
    mechanism.initialResponse();
    expect(said(mechanism.respond(prompt('Username:')))).toBe('tim');
    expect(mechanism.secretSent).toBe(false);
    expect(said(mechanism.respond(prompt('Password:')))).toBe('p\u00e4ss');
  });

  it.each(['User Name\0', 'USERNAME', 'login:', 'username: '])('takes %j as the prompt for the name', (text) => {
    expect(said(make().respond(prompt(text)))).toBe('tim');
  });

  it.each(['password', 'PASSWORD:\0', 'Enter your user password'])(
    'takes %j as the prompt for the password',
    (text) => {
      expect(said(make().respond(prompt(text)))).toBe('p\u00e4ss');
    },
  );

  it('answers prompts in other words in their order, when the first one is certain to be for the name', () => {
    const mechanism = make();
    expect(said(mechanism.respond(prompt('Benutzer?')))).toBe('tim');
    expect(said(mechanism.respond(prompt('Kennwort?')))).toBe('p\u00e4ss');
  });

  it('does not guess what an unknown prompt after an initial response is for', () => {
    const mechanism = make();
    mechanism.initialResponse();
    let error: unknown;
    try {
      mechanism.respond(prompt('Kennwort?'));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: 'ERR_SASL_UNAVAILABLE',
      hint: expect.stringContaining('initialResponseOk') as string,
    });
    expect(mayTryNext({ mechanism, error })).toBe(true);
  });

  it('gives each answer once', () => {
    const twice = make();
    twice.respond(prompt('Username:'));
    expect(() => twice.respond(prompt('Username:'))).toThrow('the user again');
    const again = make();
    again.respond(prompt('Password:'));
    expect(() => again.respond(prompt('Password:'))).toThrow(SMTPException);
    expect(() => again.respond(prompt('Username:'))).toThrow(SMTPException);
  });

  it('is no success before the password was asked for', () => {
    const mechanism = make();
    mechanism.initialResponse();
    expect(() => {
      mechanism.finish();
    }).toThrow('never asked');
  });
});
