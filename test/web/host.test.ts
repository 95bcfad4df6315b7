import { hostInUrl, isHost, isLoopback, reachableHost, whyNotListening } from '../../src/web/host.js';

it.each(['127.0.0.1', '::1', 'localhost', 'mail.example', 'a_b', '0.0.0.0', 'x'.repeat(63)])('%s is a host', (host) => {
  expect(isHost(host)).toBe(true);
});

it.each(['', 'a b', '-a', 'a:80', 'http://a', 'a..b', '[::1]', 'x'.repeat(64), 'a.'.repeat(130), 7, undefined])(
  '%j is none',
  (value) => {
    expect(isHost(value)).toBe(false);
  },
);

it('stands in a URL, and is one to connect to', () => {
  expect(['::1', '127.0.0.1', 'inbox.test'].map(hostInUrl)).toEqual(['[::1]', '127.0.0.1', 'inbox.test']);
  expect(['::', '0.0.0.0', '::1', 'inbox.test'].map(reachableHost)).toEqual([
    '[::1]',
    '127.0.0.1',
    '[::1]',
    'inbox.test',
  ]);
});

it('only loopback keeps others out', () => {
  expect(['localhost', '::1', '127.0.0.1', '127.9.9.9'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'mail.example'].some(isLoopback)).toBe(false);
});

it('says why nobody listens', () => {
  const fault = (code?: string): Error => Object.assign(new Error('no'), code === undefined ? {} : { code });
  expect(whyNotListening(fault('EADDRINUSE'))).toEqual({ why: 'the port is in use', portInUse: true });
  expect(whyNotListening(fault('EACCES')).why).toBe('that is not permitted');
  expect(whyNotListening(fault('EADDRNOTAVAIL')).why).toBe('EADDRNOTAVAIL');
  expect(whyNotListening(fault()).why).toBe('Error: no');
});
