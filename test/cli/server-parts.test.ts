import { serversOf } from '../../src/cli/server-parts.js';
import { MessageError } from '../../src/index.js';
import { thrownBy } from '../support/thrown.js';

const alone = { login: undefined, options: {} };

it.each([
  ['smtp://host:25', [{ url: 'smtp://host:25', ...alone }]],
  ['host', [{ url: 'host', ...alone }]],
  ['smtps://ann%40x:p%3Aw@host', [{ url: 'smtps://host', login: { user: 'ann@x', password: 'p:w' }, options: {} }]],
  [
    'smtp://host?tls=never&timeoutMs=5&maxConnections=3&localHostname=a+b.example&disableExtensions=a,b&pipelining=false&sourcePort=9',
    [
      {
        url: 'smtp://host',
        login: undefined,
        options: {
          ...{ tls: 'never', timeoutMs: 5, localHostname: 'a+b.example', disableExtensions: ['a', 'b'] },
          ...{ pipelining: false, sourcePort: 9 },
        },
      },
    ],
  ],
  ['lmtp+unix:///run/lmtp', [{ url: 'lmtp+unix:///run/lmtp', ...alone }]],
  [
    'failover:(smtp://ann:s3@a?tls=required, lmtp://b)?timeoutMs=7&tls=never&rate=1/s',
    [
      { url: 'smtp://a', login: { user: 'ann', password: 's3' }, options: { timeoutMs: 7, tls: 'required' } },
      { url: 'lmtp://b', login: undefined, options: { timeoutMs: 7, tls: 'never' } },
    ],
  ],
])('%s', (url, parts) => {
  expect(serversOf(url)).toEqual(parts);
});

it.each([
  'failover:()',
  'failover:(smtp://a,http://b)',
  'smtp://ann@host',
  'smtp://ann:p%zz@host',
  'smtp://host?tsl=never',
  'smtp://host?timeoutMs=soon',
])('refuses %s as the mailer does', (url) => {
  expect(thrownBy(() => serversOf(url))).toBeInstanceOf(MessageError);
});
