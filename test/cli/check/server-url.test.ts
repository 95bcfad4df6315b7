import { partsOf } from '../../../src/cli/check/server-url.js';
import { MessageError } from '../../../src/index.js';
import { thrownBy } from '../../support/thrown.js';

it.each([
  ['smtp://host:25', { url: 'smtp://host:25', login: undefined, options: {} }],
  ['host', { url: 'host', login: undefined, options: {} }],
  ['smtps://ann%40x:p%3Aw@host', { url: 'smtps://host', login: { user: 'ann@x', password: 'p:w' }, options: {} }],
  [
    'smtp://host?tls=never&timeoutMs=5&maxConnections=3&localHostname=me.example&disableExtensions=a,b',
    {
      url: 'smtp://host',
      login: undefined,
      options: { tls: 'never', timeoutMs: 5, localHostname: 'me.example', disableExtensions: ['a', 'b'] },
    },
  ],
  ['lmtp+unix:///run/lmtp', { url: 'lmtp+unix:///run/lmtp', login: undefined, options: {} }],
])('%s', (url, parts) => {
  expect(partsOf(url)).toEqual(parts);
});

it.each(['failover:(smtp://a,smtp://b)', 'smtp://ann@host', 'smtp://ann:p%zz@host'])('refuses %s', (url) => {
  expect(thrownBy(() => partsOf(url))).toBeInstanceOf(MessageError);
});
