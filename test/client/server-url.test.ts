import { inspect } from 'node:util';
import fc from 'fast-check';
import { MessageError, LMTP, SMTP, SMTP_SSL } from '../../src/index.js';
import { parseServerUrl } from '../../src/client/server-url.js';
import { rejectionOf } from '../support/rejection.js';
import { thrownBy } from '../support/thrown.js';

describe('parseServerUrl', () => {
  it.each([
    ['smtp://mail.example.org', { scheme: 'smtp', options: { host: 'mail.example.org' } }],
    ['SMTP://mail.example.org/', { scheme: 'smtp', options: { host: 'mail.example.org' } }],
    ['smtps://mail.example.org:465', { scheme: 'smtps', options: { host: 'mail.example.org', port: 465 } }],
    ['smtp://[::1]:2525', { scheme: 'smtp', options: { host: '[::1]', port: 2525 } }],
    ['smtp://ann:s%40cret%3A@h', { scheme: 'smtp', options: { host: 'h' }, user: 'ann', password: 's@cret:' }],
    ['smtp://ann@h', { scheme: 'smtp', options: { host: 'h' }, user: 'ann', password: undefined }],
    ['lmtp://h:24', { scheme: 'lmtp', options: { host: 'h', port: 24 } }],
    ['lmtp+unix:///run/dovecot/lmtp', { scheme: 'lmtp+unix', options: { path: '/run/dovecot/lmtp' } }],
    ['lmtp+unix:///run/with%20blank', { scheme: 'lmtp+unix', options: { path: '/run/with blank' } }],
    ['mail.example.org:587', { scheme: undefined, options: { host: 'mail.example.org:587' } }],
    ['/run/lmtp.sock', { scheme: undefined, options: { path: '/run/lmtp.sock' } }],
    ['/run/a@b.sock', { scheme: undefined, options: { path: '/run/a@b.sock' } }],
  ] as const)('reads %s', (url, expected) => {
    expect(parseServerUrl(url)).toMatchObject(expected);
  });

  it.each([
    'http://h',
    'smtp://',
    'smtp://:25',
    'smtp://h:0',
    'smtp://h:65536',
    'smtp://h:2a',
    'smtp://h/path',
    'smtp://h?tls=no',
    'smtp://h#x',
    'smtp://%zz@h',
    'smtp://a b@h:25:25',
    'lmtp+unix://h/path',
    'lmtp+unix:///',
    '://h',
  ])('refuses %s', (url) => {
    const error = thrownBy(() => parseServerUrl(url));
    expect(error).toBeInstanceOf(MessageError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_URL', delivery: 'not-sent' });
    expect((error as MessageError).hint).toBeTruthy();
  });

  it.each([
    'smtp://ann:hunter2pass@ho st:25',
    'smtp://ann:hunter2pass@h:99999',
    'smtp://ann:hunter2pass@h?x',
    'smtp://ann:hunter2pass@@h',
    'smtp://ann:hunter2pass/x@h',
    'smtpx://ann:hunter2pass@h',
    'smtp:/ann:hunter2pass@h',
    'ann:hunter2pass@h:25',
    'ann:hunter2pass@h',
    'https://ann:hunter2pass@h',
  ])('shows no password in the error for %s', async (url) => {
    for (const connect of [SMTP.connect(url), SMTP_SSL.connect(url), LMTP.connect(url)]) {
      const error = await rejectionOf(connect);
      expect(error).toBeInstanceOf(MessageError);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2pass');
    }
  });

  it('settles on every text, with a URL or a MessageError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => {
        try {
          expect(parseServerUrl(text)).toHaveProperty('options');
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError);
        }
      }),
    );
  });
});

describe('a URL', () => {
  it('goes with the class of its scheme only', async () => {
    const wrong = [
      SMTP.connect('smtps://localhost:1'),
      SMTP.connect('lmtp://localhost:1'),
      SMTP_SSL.connect('smtp://localhost:1'),
      LMTP.connect('smtp://localhost:1'),
    ];
    for (const connect of wrong) {
      expect(await rejectionOf(connect)).toMatchObject({ code: 'ERR_INVALID_URL' });
    }
  });

  it('with a user needs a password', async () => {
    expect(await rejectionOf(SMTP.connect('smtp://ann@localhost:1'))).toBeInstanceOf(MessageError);
  });
});

describe('the options behind the question mark', () => {
  it('are given back, decoded and in order, to who asks for them', () => {
    const { query } = parseServerUrl('smtp://h?a=1&b=x%26y&a=&rate=10/s', { query: 'return' });
    expect(query).toEqual([
      ['a', '1'],
      ['b', 'x&y'],
      ['a', ''],
      ['rate', '10/s'],
    ]);
    expect(parseServerUrl('smtp://h?', { query: 'return' }).query).toEqual([]);
    expect(parseServerUrl('h', { query: 'return' }).query).toEqual([]);
  });

  it('quote nothing of what may be the rest of a password', () => {
    const error = thrownBy(() => parseServerUrl('smtp://ann:12?zwiebel=1@h', { query: 'return' }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_URL' });
    expect(`${String(error)} ${String((error as MessageError).hint)}`).not.toContain('zwiebel');
  });
});
