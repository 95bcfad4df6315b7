import fc from 'fast-check';
import { Extensions, parseExtensions } from '../../src/protocol/extensions.js';
import { makeReply } from '../../src/protocol/reply.js';

const offered = (lines: readonly string[], disabled?: readonly string[]): Extensions =>
  parseExtensions(makeReply(250, ['mx.example greets you', ...lines]), disabled);

const featuresOf = (lines: readonly string[], disabled?: readonly string[]) =>
  Object.fromEntries(offered(lines, disabled).features);

describe('parseExtensions', () => {
  it('reads the exact first word of each line behind the greeting', () => {
    expect(featuresOf(['SIZE 52428800', 'pipelining', 'AUTH PLAIN LOGIN', '8BITMIME', 'X-FOO  a\tb '])).toEqual({
      size: '52428800',
      pipelining: '',
      auth: 'PLAIN LOGIN',
      '8bitmime': '',
      'x-foo': 'a b',
    });
  });

  it('never takes the greeting for a feature', () => {
    expect([...parseExtensions(makeReply(250, ['dsn'])).features]).toEqual([]);
    expect([...parseExtensions(makeReply(250, ['mx-dsn.example SIZE 1 STARTTLS', 'ok'])).features.keys()]).toEqual([
      'ok',
    ]);
    expect([...parseExtensions(makeReply(250, [])).features]).toEqual([]);
  });

  it.each([['DSN-X'], ['XDSN'], ['DSN=1'], ['DSN,SIZE'], ['X DSN'], ['"DSN"'], ['-DSN'], ['D\u015aN'], ['']])(
    'does not find DSN in %j',
    (line) => {
      expect(offered([line]).has('dsn')).toBe(false);
    },
  );

  it.each([['SIZE=5'], ['X_FOO bar'], ['-BAD'], ['=x'], ['\u0130x'], ['']])(
    'drops the garbled line %j alone',
    (line) => {
      expect([...offered(['DSN', line, 'HELP']).features.keys()]).toEqual(['dsn', 'help']);
    },
  );

  it('takes the last of two lines with one keyword', () => {
    expect(featuresOf(['SIZE', 'SIZE 100'])).toEqual({ size: '100' });
  });

  it.each([
    [
      ['AUTH PLAIN LOGIN', 'AUTH=PLAIN LOGIN'],
      ['PLAIN', 'LOGIN'],
    ],
    [
      ['AUTH=LOGIN', 'AUTH PLAIN'],
      ['LOGIN', 'PLAIN'],
    ],
    [
      ['auth plain', 'AUTH=PLAIN CRAM-MD5'],
      ['PLAIN', 'CRAM-MD5'],
    ],
    [['AUTH'], []],
    [['AUTH='], []],
    [['AUTH= PLAIN'], ['PLAIN']],
    [['AUTHX PLAIN'], []],
    [['XAUTH=PLAIN'], []],
    [['AUTH=PLAIN\rX'], []],
  ])('merges the forms of AUTH in %j, each mechanism once', (lines, mechanisms) => {
    expect(offered(lines).authMechanisms).toEqual(mechanisms);
  });

  it('tells that AUTH is offered also when it names no mechanism', () => {
    expect(offered(['AUTH=']).has('AUTH')).toBe(true);
    expect(offered([]).has('AUTH')).toBe(false);
  });

  it('leaves out what the caller disabled, in any case and form', () => {
    expect(featuresOf(['PIPELINING', 'AUTH=PLAIN', 'auth PLAIN', 'DSN'], ['pipelining', 'Auth'])).toEqual({ dsn: '' });
  });

  it('survives lines of any kind, and every key is a keyword in lower case', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (lines) => {
        for (const key of offered(lines).features.keys()) expect(key).toMatch(/^[a-z0-9][a-z0-9-]*$/);
      }),
    );
  });

  it('finds every well-formed keyword', () => {
    const keyword = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,10}$/).filter((word) => !/^auth$/i.test(word));
    fc.assert(
      fc.property(keyword, fc.stringMatching(/^[!-~]{0,10}$/), (word, value) => {
        const extensions = offered([`${word} ${value}`]);
        expect([extensions.has(word), extensions.params(word.toUpperCase())]).toEqual([true, value]);
      }),
    );
  });
});

describe('Extensions', () => {
  it('has nothing until it is given something', () => {
    const none = new Extensions();
    expect([none.has('size'), none.params('size'), none.sizeLimitBytes, none.authMechanisms]).toEqual([
      false,
      undefined,
      undefined,
      [],
    ]);
  });

  it.each([
    ['SIZE 100', 100],
    ['SIZE 0', undefined],
    ['SIZE', undefined],
    ['SIZE x', undefined],
    ['SIZE -5', undefined],
    ['SIZE 1e3', undefined],
    ['SIZE 0x10', undefined],
    ['SIZE 9007199254740991', 9_007_199_254_740_991],
    ['SIZE 9007199254740992', undefined],
    ['SIZE 99999999999999999999', undefined],
    [`SIZE ${'9'.repeat(400)}`, undefined],
    ['SIZE 10 20', undefined],
    ['DSN', undefined],
  ])('reads %j as a limit of %p', (line, limit) => {
    expect(offered([line]).sizeLimitBytes).toBe(limit);
  });
});

describe('LIMITS', () => {
  it.each([
    ['LIMITS RCPTMAX=20 MAILMAX=5 RCPTDOMAINMAX=2', { recipients: 20, recipientDomains: 2, messages: 5 }],
    ['LIMITS mailmax=5', { recipients: undefined, recipientDomains: undefined, messages: 5 }],
    ['LIMITS MAILMAX=0 RCPTMAX=x', { recipients: undefined, recipientDomains: undefined, messages: undefined }],
    ['SIZE', { recipients: undefined, recipientDomains: undefined, messages: undefined }],
  ])('reads %j', (line, limits) => {
    expect(offered([line]).limits).toEqual(limits);
  });
});
