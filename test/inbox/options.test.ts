import { DEFAULT_INBOX_OPTIONS, resolveInboxOptions, type InboxOptions } from '../../src/inbox/options.js';
import { createTestCertificate } from '../../src/testing/index.js';
import { thrownBy } from '../support/thrown.js';

it('nothing given is loopback, free ports and the limits that the documents name', () => {
  expect(resolveInboxOptions()).toEqual({
    host: '127.0.0.1',
    smtpPort: 0,
    webPort: 0,
    allowedHosts: [],
    maxMessages: 500,
    maxOctets: 268_435_456,
    maxMessageOctets: 33_554_432,
    tls: false,
  });
  expect(resolveInboxOptions({ smtpPort: undefined } as unknown as InboxOptions)).toEqual(DEFAULT_INBOX_OPTIONS);
});

it.each([
  ['an unknown option', { port: 1025 }],
  ['a host with a port', { host: '127.0.0.1:1025' }],
  ['a host with a line end', { host: 'a\r\nb' }],
  ['an empty host', { host: '' }],
  ['a port that is none', { smtpPort: 65_536 }],
  ['a port as text', { webPort: '8025' }],
  ['no messages', { maxMessages: 0 }],
  ['half a message', { maxMessages: 1.5 }],
  ['one message larger than all', { maxOctets: 2048, maxMessageOctets: 4096 }],
  ['an allowed host with a scheme', { allowedHosts: ['http://inbox.test'] }],
  ['a tls that is neither', { tls: 'yes' }],
  ['no tls', { tls: null }],
  ['half a certificate', { tls: { cert: createTestCertificate().cert } }],
  ['a certificate and a key of another', { tls: { ...createTestCertificate(), key: createTestCertificate().key } }],
  ['allowed hosts that are no list', { allowedHosts: 'inbox.test' }],
])('%s is refused', (_name, options) => {
  const error = thrownBy(() => resolveInboxOptions(options as unknown as InboxOptions));
  expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', hint: expect.any(String) as unknown });
});
