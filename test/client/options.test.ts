import { MessageError } from '../../src/errors.js';
import { checkDuration, resolveOptions, type SMTPOptions } from '../../src/client/options.js';
import { thrownBy } from '../support/thrown.js';

function refusal(options: unknown): MessageError {
  const error = thrownBy(() => resolveOptions(options as SMTPOptions));
  if (!(error instanceof MessageError)) throw new Error('not a MessageError', { cause: error });
  expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', delivery: 'not-sent', retryable: false });
  expect(error.hint).toBeDefined();
  return error;
}

describe('resolveOptions', () => {
  it('has every field present', () => {
    expect(resolveOptions({})).toEqual({
      host: 'localhost',
      port: undefined,
      localHostname: undefined,
      sourceAddress: undefined,
      sourcePort: undefined,
      timeoutsMs: {
        connect: 30_000,
        tls: 30_000,
        greeting: 300_000,
        hello: 300_000,
        starttls: 300_000,
        auth: 300_000,
        mail: 300_000,
        rcpt: 300_000,
        data: 120_000,
        body: 180_000,
        final: 600_000,
        rset: 300_000,
        quit: 5_000,
        command: 300_000,
      },
      tlsMode: undefined,
      tls: {},
      auth: undefined,
      allowInsecureAuth: false,
      pipelining: true,
      disableExtensions: [],
      connector: undefined,
      onWire: undefined,
      signal: undefined,
    });
  });

  it('keeps what the caller gave', () => {
    const { signal } = new AbortController();
    const given = {
      host: 'mx.example',
      port: 26,
      localHostname: 'me.example',
      sourceAddress: '127.0.0.2',
      sourcePort: 4000,
      auth: { user: 'u', password: 'p' },
      allowInsecureAuth: true,
      pipelining: false,
      disableExtensions: ['DSN'],
      connector: () => Promise.reject(new Error('none')),
      onWire: () => undefined,
      signal,
    };
    expect(resolveOptions(given)).toMatchObject(given);
  });

  it('cannot be changed behind its back, by what it gave out or by what it was given', () => {
    const disableExtensions = ['DSN'];
    const timeoutMs = { mail: 7 };
    const resolved = resolveOptions({ disableExtensions, timeoutMs });
    disableExtensions.push('SIZE');
    timeoutMs.mail = 8;
    expect(resolved.disableExtensions).toEqual(['DSN']);
    expect(resolved.timeoutsMs.mail).toBe(7);
    for (const part of [resolved, resolved.timeoutsMs, resolved.disableExtensions, resolved.tls]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(Object.isFrozen(resolveOptions({}).timeoutsMs)).toBe(true);
    expect(Object.isFrozen(resolveOptions({ timeoutMs: 5 }).timeoutsMs)).toBe(true);
  });

  it.each(['', ' ', 'me.example you.example'])('refuse the localHostname %j', (localHostname) => {
    expect(refusal({ localHostname }).hint).toContain('host name');
  });

  describe('timeoutMs', () => {
    it('as one number sets all stages, but gives the final reply a minute at least', () => {
      const { final, ...others } = resolveOptions({ timeoutMs: 2000 }).timeoutsMs;
      expect(new Set(Object.values(others))).toEqual(new Set([2000]));
      expect(Object.keys(others)).toHaveLength(13);
      expect(final).toBe(60_000);
      expect(resolveOptions({ timeoutMs: 60_001 }).timeoutsMs.final).toBe(60_001);
      expect(resolveOptions({ timeoutMs: Infinity }).timeoutsMs.final).toBe(Infinity);
    });

    it('as a record sets its stages alone, the final one below a minute too', () => {
      const { timeoutsMs } = resolveOptions({ timeoutMs: { final: 5, mail: 7 } });
      expect(timeoutsMs).toMatchObject({ final: 5, mail: 7, rcpt: 300_000, quit: 5000 });
      expect(resolveOptions({ timeoutMs: { mail: 7 } }).timeoutsMs.final).toBe(600_000);
    });

    it.each([[0], [-1], [NaN], ['30'], [{ mail: 0 }], [{ mail: '30' }], [null], [true]])('refuses %p', (timeoutMs) => {
      expect(refusal({ timeoutMs }).message).toMatch(/^timeoutMs(?:\.mail)? must be a positive number/);
    });

    it('takes an undefined stage for one that was left out', () => {
      expect(resolveOptions({ timeoutMs: { mail: undefined } } as unknown as SMTPOptions).timeoutsMs.mail).toBe(
        300_000,
      );
    });

    it.each(['mial', 'total', 'toString', 'constructor'])('refuses the stage %s, which there is not', (stage) => {
      const error = refusal({ timeoutMs: { [stage]: 5 } });
      expect(error.message).toBe(`timeoutMs.${stage} is no stage`);
      expect(error.hint).toContain('greeting');
    });
  });

  describe('path', () => {
    it('stands in place of the host', () => {
      expect(resolveOptions({ path: '/run/lmtp.sock' }).host).toBe('/run/lmtp.sock');
    });

    it.each([{ path: '/a', host: 'b' }, { path: '/a', port: 25 }, { path: 'a' }, { path: '' }])(
      'refuses %p',
      (options) => {
        expect(refusal(options).message).toContain('path');
      },
    );
  });

  describe('tls', () => {
    it.each(['required', 'opportunistic', 'never'] as const)('takes the mode %s', (mode) => {
      expect(resolveOptions({ tls: mode })).toMatchObject({ tlsMode: mode, tls: {} });
      expect(resolveOptions({ tls: { mode, servername: 'x' } })).toMatchObject({
        tlsMode: mode,
        tls: { servername: 'x' },
      });
    });

    it('takes options without a mode for the wish to encrypt', () => {
      expect(resolveOptions({ tls: { servername: 'x' } }).tlsMode).toBe('opportunistic');
      expect(resolveOptions({}).tlsMode).toBeUndefined();
    });

    it.each(['always', '', 'Required'])('refuses the mode %j', (mode) => {
      expect(refusal({ tls: mode }).message).toContain(JSON.stringify(mode));
      expect(refusal({ tls: { mode } }).message).toContain(JSON.stringify(mode));
    });
  });
});

describe('checkDuration', () => {
  it.each([1, 0.5, 1e12, Infinity])('takes %d', (milliseconds) => {
    expect(() => {
      checkDuration('deadlineMs', milliseconds);
    }).not.toThrow();
  });

  it.each([0, -0, -5, NaN, -Infinity])('refuses %d by name', (milliseconds) => {
    expect(() => {
      checkDuration('deadlineMs', milliseconds);
    }).toThrow(`deadlineMs must be a positive number of milliseconds, not ${String(milliseconds)}`);
  });
});
