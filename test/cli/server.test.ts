import { CliError } from '../../src/cli/cli-error.js';
import { chooseServer, lacksPassword, serverName, withPassword } from '../../src/cli/server.js';
import { thrownBy } from '../support/thrown.js';

describe('chooseServer', () => {
  it('prefers --url, and knows where the URL came from', () => {
    expect(chooseServer('smtp://a', 'smtp://b')).toEqual({ url: 'smtp://a', origin: '--url', exitWhenWrong: 'usage' });
    expect(chooseServer(undefined, 'smtp://b')).toEqual({
      url: 'smtp://b',
      origin: 'SMTP_URL',
      exitWhenWrong: 'configuration',
    });
  });

  it('is undefined without either; an empty SMTP_URL is none', () => {
    expect(chooseServer(undefined, undefined)).toBeUndefined();
    expect(chooseServer(undefined, '')).toBeUndefined();
  });

  it.each([
    'smtp://user:secret@host',
    'smtp://user:secret@host:587',
    'smtps://user:@host',
    'smtp://:secret@host',
    'smtp://user:sec/ret@host',
    'smtp://user:sec@ret@host',
    'user:secret@host',
    'lmtp://user:secret@[::1]:24',
    'failover:(smtp://a,smtp://user:secret@b)?maxConnections=2',
  ])('refuses the password in --url %s, without showing it', (url) => {
    const error = thrownBy(() => chooseServer(url, undefined));
    expect(error).toBeInstanceOf(CliError);
    const { exit, message, hint } = error as CliError;
    expect(exit).toBe('usage');
    expect(hint).toContain('SMTP_URL');
    expect(message).not.toContain('sec');
  });

  it.each([
    'smtp://host',
    'smtp://host:587',
    'smtp://user@host:587',
    '[::1]:25',
    'host:25',
    'failover:(smtp://a:25,smtp://user@b:25)?maxConnections=2',
    'lmtp+unix:///run/a:b@c',
    '/run/a:b@c',
  ])('takes %s, which has none', (url) => {
    expect(chooseServer(url, undefined)?.url).toBe(url);
  });

  it('takes a password in SMTP_URL: only the user and root can read the environment of a program', () => {
    expect(chooseServer(undefined, 'smtp://user:secret@host')?.url).toBe('smtp://user:secret@host');
  });
});

describe('withPassword', () => {
  const server = (url: string): Parameters<typeof withPassword>[0] => ({
    url,
    origin: '--url',
    exitWhenWrong: 'usage',
  });

  it('writes a password of any letters behind the user name', () => {
    expect(withPassword(server('smtps://ann%40x@host:465?tls=required'), 'p@ss:w/ör?d')).toBe(
      'smtps://ann%40x:p%40ss%3Aw%2F%C3%B6r%3Fd@host:465?tls=required',
    );
  });

  it('of several servers, behind each user that has none', () => {
    expect(withPassword(server('roundrobin:(smtp://ann@a smtp://b:25,smtp://dan:own@c)?rate=1/s'), 'p(,)')).toBe(
      'roundrobin:(smtp://ann:p%28%2C%29@a smtp://b:25,smtp://dan:own@c)?rate=1/s',
    );
  });

  it.each([
    ['smtp://host', /no user name/],
    ['failover:(smtp://a,smtp://b)', /no user name/],
    ['smtp://user:other-secret@host', /beside the one in the URL/],
  ])('refuses %s', (url, message) => {
    const error = thrownBy(() => withPassword(server(url), 'secret')) as CliError;
    expect(error.message).toMatch(message);
    expect(error.message + String(error.hint)).not.toContain('secret');
  });
});

it.each([
  ['smtp://ann@h', true],
  ['failover:(smtp://a,smtps://ann@b)', true],
  ['smtp://ann:x@h', false],
  ['failover:(smtp://a,smtp://ann:x@b)?localHostname=c', false],
  ['h', false],
  ['lmtp+unix:///run/a@b', false],
])('lacksPassword: %s, %s', (url, expected) => {
  expect(lacksPassword(url)).toBe(expected);
});

it.each([
  ['smtp://User:secret@Mail.Example:587/?rate=1/s', 'smtp://mail.example:587/'],
  ['failover:(smtp://u:secret@a,smtp://u:sec@ret@b)?x=1', 'failover:(smtp://a,smtp://b)'],
  ['failover:(smtp://a?tls=never,smtp://u:secret@b?rate=1/s)', 'failover:(smtp://a,smtp://b)'],
  ['host:25', 'host:25'],
  ['lmtp+unix:///run/lmtp', 'lmtp+unix:///run/lmtp'],
])('serverName shows of %s no secret', (url, name) => {
  expect(serverName(url)).toBe(name);
});
