import { isLocal } from '../../src/client/local.js';

describe('isLocal', () => {
  it.each(['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', '127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])(
    'is true for %s',
    (host) => {
      expect(isLocal({ host, port: 25 })).toBe(true);
    },
  );

  it.each([
    'localhost.example.org',
    'notlocalhost',
    '127.0.0.1.example.org',
    '127.example.org',
    '10.0.0.1',
    '0.0.0.0',
    '::',
    '::ffff:10.0.0.1',
    'fe80::1',
    '128.0.0.1',
  ])('is false for %s', (host) => {
    expect(isLocal({ host, port: 25 })).toBe(false);
  });

  it('is true for a unix socket', () => {
    expect(isLocal({ path: '/run/lmtp' })).toBe(true);
  });
});
