import { runInNewContext } from 'node:vm';
import { queueIdOf } from '../../src/client/queue-id.js';
import { makeReply } from '../../src/protocol/reply.js';

const idOf = (...lines: readonly string[]): string | undefined => queueIdOf(makeReply(250, lines));

describe('queueIdOf', () => {
  it.each([
    ['Postfix', '2.0.0 Ok: queued as 4F2C91A0B3D', '4F2C91A0B3D'],
    ['Postfix with long ids', '2.0.0 Ok: 1234 bytes queued as 4Rkq0Z3lYbz2xS6', '4Rkq0Z3lYbz2xS6'],
    ['Exim', 'OK id=1rWkYb-0005zX-1k', '1rWkYb-0005zX-1k'],
    ['Exim 4.97', 'OK id=1rWkYb-00000005zXa-1kQ7', '1rWkYb-00000005zXa-1kQ7'],
    ['Sendmail', '2.0.0 41AAb3Cd012345 Message accepted for delivery', '41AAb3Cd012345'],
    ['OpenSMTPD', '2.0.0 8b1f21c4 Message accepted for delivery', '8b1f21c4'],
    ['Dovecot LMTP', '2.0.0 <bob@example.org> 5J5GHNpLcGVFAAAAgd4MPw Saved', '5J5GHNpLcGVFAAAAgd4MPw'],
    [
      'Dovecot LMTP, a later recipient',
      '2.0.0 <x@y> 5J5GHNpLcGVFAAAAgd4MPw:T2:R3 Saved',
      '5J5GHNpLcGVFAAAAgd4MPw:T2:R3',
    ],
    ['Gmail', '2.0.0 OK  1712345678 d2e1a72fcca58-6eacf8si123.45 - gsmtp', 'd2e1a72fcca58-6eacf8si123.45'],
    [
      'Amazon SES',
      'Ok 0100018f1c2b3a4d-9e8f7a6b-0000-1111-2222-333344445555-000000',
      '0100018f1c2b3a4d-9e8f7a6b-0000-1111-2222-333344445555-000000',
    ],
  ])('reads the form of %s', (_server, text, id) => {
    expect(idOf(text)).toBe(id);
  });

  it('looks at every line', () => {
    expect(idOf('2.0.0 thanks', '2.0.0 Ok: queued as 4F2C91A0B3D')).toBe('4F2C91A0B3D');
  });

  it.each([
    [''],
    ['ok'],
    ['2.0.0 Ok'],
    ['2.0.0 Message accepted for delivery'],
    ['OK Message accepted for delivery'],
    ['2.6.0 <m@x> [InternalId=23138874] Queued mail for delivery'],
    ['<bob@example.org> Saved'],
    ['queued as'],
  ])('makes nothing up for %j', (text) => {
    expect(idOf(text)).toBeUndefined();
  });

  it.each(['<', '<a', '<> ', 'queued as ', 'id=', 'OK ', '1', '<> a'])(
    'is done with the longest text of %j that a server may send, and does not read it again and again',
    (piece) => {
      const lines = Array.from({ length: 5 }, () => piece.repeat(12_000 / piece.length));
      const reply = makeReply(250, lines);
      // Far more time than one reading takes, far less than one reading per octet.
      const look = (): unknown => runInNewContext('look()', { look: () => queueIdOf(reply) ?? '' }, { timeout: 1000 });
      expect(typeof look()).toBe('string');
    },
  );
});
