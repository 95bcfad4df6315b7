import { dialHint, UNREACHABLE_HINT } from '../../src/io/dial-hints.js';

const tcp = { host: 'mail.example', port: 2525 };
const unix = { path: '/run/lmtp.sock' };

describe('dialHint', () => {
  it('speaks of the port for TCP and of the file for a unix socket', () => {
    expect(dialHint('ECONNREFUSED', tcp)).toContain('port 2525');
    expect(dialHint('ECONNREFUSED', unix)).toContain('stale file');
    expect(dialHint('EACCES', tcp)).toContain('firewall');
    expect(dialHint('EACCES', unix)).toContain('permissions');
    expect(dialHint('EHOSTUNREACH', tcp)).toBe(UNREACHABLE_HINT);
    expect(dialHint(undefined, unix)).toContain('path');
  });

  it.each([
    ['ENOTFOUND', 'spelling'],
    ['EAI_AGAIN', 'name server'],
    ['EADDRNOTAVAIL', 'sourceAddress'],
    ['EADDRINUSE', 'sourcePort'],
    ['ENOENT', 'path'],
    ['ENAMETOOLONG', 'shorter'],
  ])('%s: %s', (syscode, word) => {
    expect(dialHint(syscode, tcp)).toContain(word);
  });
});
