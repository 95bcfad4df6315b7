import { jest } from '@jest/globals';
import { Duplex } from 'node:stream';
import { SMTPHeloError } from '../../src/errors.js';
import { makeReply } from '../../src/protocol/reply.js';

const machine = { name: 'mx.example.org' };
jest.unstable_mockModule('node:os', () => ({ hostname: () => machine.name }));
const { defaultLocalHostname, Hello, heloError } = await import('../../src/client/hello.js');

const ehloOk = makeReply(250, ['mx.example', 'SIZE 5', 'DSN']);
const refused = makeReply(502, ['5.5.1 what']);

function stateOf(hello: InstanceType<typeof Hello>) {
  const { heloResp, ehloResp, doesEsmtp, extensions } = hello;
  return { helo: heloResp?.code, ehlo: ehloResp?.code, doesEsmtp, features: [...extensions.features.keys()] };
}

describe('Hello', () => {
  it('knows nothing at first', () => {
    expect(stateOf(new Hello())).toEqual({ helo: undefined, ehlo: undefined, doesEsmtp: false, features: [] });
  });

  it.each(['EHLO', 'LHLO'] as const)(
    'learns the extensions from the answer to %s, without the disabled ones',
    (verb) => {
      const hello = new Hello();
      hello.heard(verb, ehloOk, ['dsn']);
      expect(stateOf(hello)).toEqual({ helo: undefined, ehlo: 250, doesEsmtp: true, features: ['size'] });
      expect(hello.ehloResp).toBe(ehloOk);
    },
  );

  it.each([251, 220, 354, 421, 502, 550])(
    'takes %d to EHLO for no yes, which leaves nothing of an earlier one',
    (code) => {
      const hello = new Hello();
      hello.heard('EHLO', ehloOk, []);
      hello.heard('EHLO', makeReply(code, ['mx', 'SIZE 5']), []);
      expect(stateOf(hello)).toEqual({ helo: undefined, ehlo: code, doesEsmtp: false, features: [] });
    },
  );

  it('has no extensions behind an accepted HELO, and keeps them behind a refused one', () => {
    const hello = new Hello();
    hello.heard('EHLO', ehloOk, []);
    hello.heard('HELO', refused, []);
    expect(stateOf(hello)).toEqual({ helo: 502, ehlo: 250, doesEsmtp: true, features: ['size', 'dsn'] });
    hello.heard('HELO', ehloOk, []);
    expect(stateOf(hello)).toEqual({ helo: 250, ehlo: undefined, doesEsmtp: false, features: [] });
  });

  it('keeps the answer that made HELO necessary', () => {
    const hello = new Hello();
    hello.heard('EHLO', refused, []);
    hello.heard('HELO', ehloOk, []);
    expect(stateOf(hello)).toEqual({ helo: 250, ehlo: 502, doesEsmtp: false, features: [] });
  });

  it('learns the extensions anew each time', () => {
    const hello = new Hello();
    hello.heard('EHLO', ehloOk, []);
    hello.heard('EHLO', makeReply(250, ['mx', 'PIPELINING']), []);
    expect(stateOf(hello).features).toEqual(['pipelining']);
  });

  it('forgets everything', () => {
    const hello = new Hello();
    hello.heard('HELO', ehloOk, []);
    hello.heard('EHLO', ehloOk, []);
    hello.forget();
    expect(stateOf(hello)).toEqual(stateOf(new Hello()));
  });
});

describe('defaultLocalHostname', () => {
  const streamFrom = (localAddress?: string): Duplex => Object.assign(new Duplex(), { localAddress });

  it.each(['mx.example.org', 'a.b', 'host-1.example.net'])('is the full name of the machine, %s', (name) => {
    machine.name = name;
    expect(defaultLocalHostname(streamFrom('192.0.2.1'))).toBe(name);
  });

  it.each([
    'laptop',
    '',
    'a_b.example',
    'a b.example',
    '-a.example',
    'a..example',
    'a.example.',
    'h\u00fc.example',
    `${'a'.repeat(64)}.b`,
  ])('does not give a name that is no full one, %j', (name) => {
    machine.name = name;
    expect(defaultLocalHostname(streamFrom('192.0.2.1'))).toBe('[192.0.2.1]');
  });

  it.each([
    ['192.0.2.1', '[192.0.2.1]'],
    ['::ffff:192.0.2.1', '[192.0.2.1]'],
    ['::FFFF:192.0.2.1', '[192.0.2.1]'],
    ['2001:db8::1', '[IPv6:2001:db8::1]'],
    ['fe80::1%eth0', '[IPv6:fe80::1]'],
    ['::1', '[IPv6:::1]'],
    ['', '[127.0.0.1]'],
    [undefined, '[127.0.0.1]'],
  ])('gives our address %j as the literal %s', (address, literal) => {
    machine.name = 'laptop';
    expect(defaultLocalHostname(streamFrom(address))).toBe(literal);
  });

  it('is the literal of loopback without a connection, or one without an address', () => {
    machine.name = 'laptop';
    expect(defaultLocalHostname(undefined)).toBe('[127.0.0.1]');
    expect(defaultLocalHostname(new Duplex())).toBe('[127.0.0.1]');
  });
});

describe('heloError', () => {
  it('says what was refused, and what to look at', () => {
    const error = heloError('EHLO', refused);
    expect(error).toBeInstanceOf(SMTPHeloError);
    expect(error).toMatchObject({
      message: 'the server refused EHLO: 502 5.5.1 what',
      code: 'ERR_HELO',
      stage: 'hello',
      delivery: 'not-sent',
      reply: refused,
      retryable: false,
    });
    expect(error.hint).toContain('localHostname');
    expect(heloError('HELO', makeReply(450, ['later'])).retryable).toBe(true);
  });
});
