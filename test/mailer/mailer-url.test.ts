/** Servers as text. */
import fc from 'fast-check';
import { parseMailerUrl } from '../../src/mailer/mailer-url.js';
import { thrownBy } from '../support/thrown.js';

describe('the URL of a mailer', () => {
  it('names one server, a login, and options', () => {
    const query =
      'maxConnections=5&maxMessagesPerConnection=Infinity&maxConnectionAgeMs=60000&idleTimeoutMs=1000&maxQueue=10';
    const more = 'rate=10/s&overlap=message&chunking=safe&retry=3&tls=required&timeoutMs=5000&pipelining=false';
    expect(
      parseMailerUrl(
        `smtps://ann:s%40fe@mail.example:4650?${query}&${more}&localHostname=me.example&disableExtensions=DSN,CHUNKING`,
      ),
    ).toEqual({
      strategy: 'failover',
      servers: [
        {
          scheme: 'smtps',
          options: { host: 'mail.example', port: 4650, auth: { user: 'ann', password: 's@fe' } },
          userAlone: undefined,
        },
      ],
      options: {
        maxConnections: 5,
        maxMessagesPerConnection: Infinity,
        maxConnectionAgeMs: 60_000,
        idleTimeoutMs: 1_000,
        maxQueue: 10,
        rate: '10/s',
        overlap: 'message',
        chunking: 'safe',
        retry: { attempts: 3 },
        tls: 'required',
        timeoutMs: 5_000,
        pipelining: false,
        localHostname: 'me.example',
        disableExtensions: ['DSN', 'CHUNKING'],
      },
    });
  });

  it('may be a host alone, or the path of a unix socket', () => {
    expect(parseMailerUrl('mail.example:587').servers).toEqual([
      { scheme: undefined, options: { host: 'mail.example:587' }, userAlone: undefined },
    ]);
    expect(parseMailerUrl('lmtp+unix:///run/lmtp?maxConnections=1')).toMatchObject({
      servers: [{ scheme: 'lmtp+unix', options: { path: '/run/lmtp' } }],
      options: { maxConnections: 1 },
    });
  });

  it.each([
    ['failover', ','],
    ['roundrobin', ' , '],
    ['FAILOVER', '\n'],
  ])('names several by %s', (word, separator) => {
    const url = `${word}:(smtp://one.example?tls=never${separator}lmtp://two.example:24)?maxConnections=2&chunking=8`;
    expect(parseMailerUrl(url)).toEqual({
      strategy: word.toLowerCase(),
      servers: [
        { scheme: 'smtp', options: { host: 'one.example', tls: 'never' }, userAlone: undefined },
        { scheme: 'lmtp', options: { host: 'two.example', port: 24 }, userAlone: undefined },
      ],
      options: { maxConnections: 2, chunking: { window: 8 } },
    });
  });

  it.each([
    ['smtp://h?maxConection=5', 'Did you mean maxConnections?'],
    ['smtp://h?maxconnections=5', 'Did you mean maxConnections?'],
    ['smtp://h?colour=red', /^The options are tls, timeoutMs/],
    ['smtp://h?maxQueue', /^Separate them/],
    ['smtp://h?=5', /^Separate them/],
    ['smtp://ann:12?def=x@h', /%3F/],
    ['smtp://h?maxQueue=5&maxQueue=6', 'Give it once.'],
    ['smtp://h?maxQueue=five', /Correct it/],
    ['smtp://h?maxQueue=-5', /Correct it/],
    ['smtp://h?pipelining=yes', /Correct it/],
    ['smtp://h?chunking=99999999', /Correct it/],
    ['smtp://h?maxQueue=%zz', /percent sign/],
    ['failover:smtp://a,smtp://b', /Write failover:\(smtp/],
    ['failover:(smtp://a', /Write failover:\(smtp/],
    ['failover:( )', /between the parentheses/],
    ['roundrobin:(smtp://a?maxQueue=5,smtp://b)', /behind the closing parenthesis/],
    ['roundrobin:(smtp://a?tsl=never)', 'Did you mean tls?'],
    ['failover:(failover:(smtp://a))', /Write failover/],
    ['failover://a', /The schemes are/],
    ['http://h', /The schemes are/],
  ] as const)('is refused as %s', (url, hint) => {
    expect(thrownBy(() => parseMailerUrl(url))).toMatchObject({
      code: 'ERR_INVALID_URL',
      hint: typeof hint === 'string' ? hint : (expect.stringMatching(hint) as string),
    });
  });

  it('never shows its password, whatever is wrong with it', () => {
    const secret = 'zwiebel-kuchen';
    const wrong = fc.constantFrom(
      '?maxQueu=1',
      '?maxQueue=x',
      '/path',
      '?x',
      ':99999999',
      '?a=%',
      '[',
      ' ',
      ')',
      '?tls=1&tls=2',
    );
    const around = fc.constantFrom(
      ['', ''],
      ['failover:(', ')'],
      ['failover:(', ''],
      ['roundrobin:(smtp://x,', ')?y=1'],
    );
    fc.assert(
      fc.property(
        fc.constantFrom('smtp', 'smtps', 'http', 'lmtp+unix'),
        wrong,
        around,
        (scheme, end, [before = '', behind = '']) => {
          try {
            parseMailerUrl(`${before}${scheme}://ann:${secret}@mail.example${end}${behind}`);
          } catch (error) {
            expect(
              `${String(error)} ${String((error as { hint?: string }).hint)} ${JSON.stringify(error)}`,
            ).not.toContain(secret);
          }
        },
      ),
    );
  });
});
