/** The options of a mailer, checked before anything is dialed. */
import { inspect } from 'node:util';
import type { MailerOptions } from '../../src/mailer/mailer-options.js';
import { Mailer } from '../../src/mailer/mailer.js';
import { resolveMailerOptions } from '../../src/mailer/resolve-options.js';
import { thrownBy } from '../support/thrown.js';

describe('the options of a mailer', () => {
  it('have defaults', () => {
    expect(resolveMailerOptions('mail.example')).toMatchObject({
      servers: [
        { target: { host: 'mail.example', port: 25 }, dialect: { implicitTls: false }, options: { pipelining: true } },
      ],
      strategy: 'failover',
      maxConnections: 5,
      maxMessagesPerConnection: 100,
      maxConnectionAgeMs: 300_000,
      idleTimeoutMs: 5_000,
      maxQueue: 1_000,
      policy: { overlap: 'session', chunking: 'off' },
      retry: { attempts: 1, unknownToo: false },
      rate: undefined,
      traceRecipients: false,
    });
  });

  it.each([
    ['smtp://h', 25, false, 'EHLO'],
    ['smtps://h', 465, true, 'EHLO'],
    ['lmtp://h', 2003, false, 'LHLO'],
    ['h', 25, false, 'EHLO'],
    ['h:465', 465, true, 'EHLO'],
    ['[::1]:465', 465, true, 'EHLO'],
    ['smtp://h:465', 465, false, 'EHLO'],
  ])('of %s say what is spoken', (url, port, implicitTls, hello) => {
    for (const resolved of [resolveMailerOptions(url), resolveMailerOptions({ url })]) {
      expect(resolved.servers).toMatchObject([{ target: { port }, dialect: { implicitTls, hello } }]);
    }
  });

  it('without a URL take the port for what it is registered for', () => {
    expect(resolveMailerOptions({ host: 'h', port: 465 }).servers).toMatchObject([{ dialect: { implicitTls: true } }]);
    expect(resolveMailerOptions({ path: '/run/smtp' }).servers).toMatchObject([
      { target: { path: '/run/smtp' }, dialect: { implicitTls: false } },
    ]);
    expect(resolveMailerOptions({ host: '::465' }).servers).toMatchObject([{ target: { host: '::465', port: 25 } }]);
  });

  it('outweigh the URL', () => {
    const auth = { user: 'bob', password: 'b' };
    const resolved = resolveMailerOptions('smtp://ann:a@h?maxConnections=9&rate=1/s&tls=never', {
      maxConnections: 2,
      auth,
      tls: 'required',
    });
    expect(resolved).toMatchObject({
      maxConnections: 2,
      rate: { messages: 1, perMs: 1_000 },
      servers: [{ options: { auth, tlsMode: 'required' } }],
    });
  });

  it('give each of several servers what its URL says, over what holds for all', () => {
    const resolved = resolveMailerOptions(
      'failover:(smtp://ann:a@one?timeoutMs=7,smtp://two)?timeoutMs=9&overlap=none',
    );
    expect(resolved.servers).toMatchObject([
      { options: { auth: { user: 'ann' }, timeoutsMs: { mail: 7 }, pipelining: false } },
      { options: { auth: undefined, timeoutsMs: { mail: 9 }, pipelining: false } },
    ]);
  });

  it('take the secret of a user in the URL from beside it', () => {
    const auth = { user: 'ann', accessToken: 'token' };
    expect(resolveMailerOptions('smtps://ann@h', { auth }).servers).toMatchObject([{ options: { auth } }]);
    expect(thrownBy(() => resolveMailerOptions('smtps://ann@h'))).toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: /no password/,
    });
  });

  it.each<[string, MailerOptions | string, MailerOptions | undefined]>([
    ['a server that is named twice', 'smtp://h', { host: 'h' }],
    ['a URL beside a URL', 'smtp://h', { url: 'smtp://h' }],
    ['a port beside the URL', { url: 'smtp://h', port: 25 }, undefined],
    ['no whole number of connections', 'h', { maxConnections: 1.5 }],
    ['no connection', 'h', { maxConnections: 0 }],
    ['a text as a number', 'h', { maxQueue: '5' as unknown as number }],
    ['no message for a connection', 'h', { maxMessagesPerConnection: 0 }],
    ['a negative time', 'h', { idleTimeoutMs: -1 }],
    ['an age that is none', 'h', { maxConnectionAgeMs: NaN }],
    ['an overlap that is none', 'h', { overlap: 'all' as 'none' }],
    ['chunking that is none', 'h', { chunking: 'on' as 'off' }],
    ['a window that is none', 'h', { chunking: { window: 0 } }],
    ['a retry that is none', 'h', { retry: 3 as unknown as { attempts: number } }],
    ['a rate that is none', 'h', { rate: 'fast' }],
    ['diagnostics that are none', 'h', { diagnostics: { recipients: 'yes' as unknown as boolean } }],
    ['an option of the connection that is wrong', 'h', { tls: 'maybe' as 'never' }],
    ['a value in the URL that is wrong', 'smtp://h?overlap=all', undefined],
    ['options that are none', 'h', null as unknown as MailerOptions],
    ['a target that is none', 42 as unknown as string, undefined],
  ])('refuse %s', (_name, target, options) => {
    expect(thrownBy(() => new Mailer(target, options))).toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });

  it('refuse a name that they do not have, and say which was meant', () => {
    const options = { maxConection: 1 } as unknown as MailerOptions;
    expect(thrownBy(() => new Mailer('h', options))).toMatchObject({
      code: 'ERR_INVALID_OPTION',
      hint: 'Did you mean maxConnections?',
    });
    expect(thrownBy(() => new Mailer('h', { secure: true } as unknown as MailerOptions))).toMatchObject({
      hint: /^The options are/,
    });
  });

  it('refuse a part that an option does not have', () => {
    const backoff = { retry: { attempts: 3, backoff: () => 1 } } as unknown as MailerOptions;
    expect(thrownBy(() => new Mailer('h', backoff))).toMatchObject({
      code: 'ERR_INVALID_OPTION',
      hint: 'Did you mean retry.backoffMs?',
    });
    const recipient = { diagnostics: { recipient: true } } as unknown as MailerOptions;
    expect(thrownBy(() => new Mailer('h', recipient))).toMatchObject({ hint: 'Did you mean diagnostics.recipients?' });
    const strange = { retry: { attempts: 3, secure: 1 } } as unknown as MailerOptions;
    expect(thrownBy(() => new Mailer('h', strange))).toMatchObject({ hint: /^The options are retry\.attempts, retry/ });
  });

  it('refuse a host that is none, before anything is dialed', () => {
    expect(thrownBy(() => new Mailer({ host: 'a b' }))).toMatchObject({ code: 'ERR_INVALID_TARGET' });
  });

  it('show no secret of theirs', () => {
    const mailer = new Mailer('smtp://ann:zwiebel@h', { retry: { attempts: 2 } });
    expect(inspect(mailer, { depth: 10, showHidden: true }) + JSON.stringify(mailer)).not.toContain('zwiebel');
  });
});
