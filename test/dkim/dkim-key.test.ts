import { generateKeyPairSync } from 'node:crypto';
import { MessageError } from '../../src/index.js';
import { checkDkimKeys } from '../../src/dkim/dkim-key.js';
import { domainToAscii } from '../../src/message/domain.js';
import { thrownBy } from '../support/thrown.js';

const { privateKey } = generateKeyPairSync('ed25519');
const key = { domain: 'example.com', selector: '2025a', privateKey };

const check = (given: unknown): ReturnType<typeof checkDkimKeys> => checkDkimKeys(given, domainToAscii);

describe('a DKIM key', () => {
  it('is relaxed/relaxed, without an end, and signs From among the default fields', () => {
    const [checked] = check(key);
    expect(checked).toMatchObject({
      domain: 'example.com',
      selector: '2025a',
      canonicalization: 'relaxed/relaxed',
      headerForm: 'relaxed',
      bodyForm: 'relaxed',
      expiresInSeconds: undefined,
    });
    expect(checked?.choice.signed[0]).toBe('from');
    expect(checked?.choice.oversigned).toBeUndefined();
  });

  it('may be one of several', () => {
    expect(check([key, { ...key, selector: 'b' }]).map(({ selector }) => selector)).toEqual(['2025a', 'b']);
  });

  it.each([
    ['bücher.example', 'xn--bcher-kva.example'],
    ['Example.COM', 'Example.COM'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  ])('has the domain %s as %s', (domain, expected) => {
    expect(check({ ...key, domain })[0]?.domain).toBe(expected);
  });

  it.each(['a', 'mail.2025', 's1_old', 'A-b', 'a'.repeat(63)])('has the selector %s', (selector) => {
    expect(check({ ...key, selector })[0]?.selector).toBe(selector);
  });

  it.each([
    '',
    'localhost',
    'example.com.',
    '.example.com',
    'a..example',
    'ann@example.com',
    'example.com; x=1',
    'example.com\r\n x',
    'exa mple.com',
    '-a.example',
    'a_b.example',
    '[192.0.2.1]',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}example`,
    'ｅxample.com',
    undefined,
    42,
  ])('is refused with the domain %j', (domain) => {
    expect(thrownBy(() => check({ ...key, domain }))).toMatchObject({
      code: expect.stringMatching(/^ERR_INVALID_DKIM_(?:DOMAIN|SELECTOR)$/) as string,
    });
  });

  it.each(['', '.', 'a.', 'a b', 'a;b', 'a\r\nb', '-a', 'a'.repeat(64), `${'a.'.repeat(120)}a`, 'ａ', null, undefined])(
    'is refused with the selector %j',
    (selector) => {
      expect(thrownBy(() => check({ ...key, selector }))).toMatchObject({ code: 'ERR_INVALID_DKIM_SELECTOR' });
    },
  );

  it.each(['Bcc', 'resent-bcc', 'Return-Path', 'RECEIVED', 'ARC-Seal', 'DKIM-Signature', 'Authentication-Results'])(
    'is refused when it should sign %s, in either list',
    (name) => {
      for (const given of [{ headerFields: ['To', name] }, { oversign: [name] }]) {
        const error = thrownBy(() => check({ ...key, ...given }));
        expect(error).toBeInstanceOf(MessageError);
        expect(error).toMatchObject({ code: 'ERR_INVALID_DKIM_FIELDS', header: name });
      }
    },
  );

  it.each([[['To', 'to']], [['To:']], [['X;Y']], [['']], [['Sub ject']], [['Subjéct']], [[7]], ['from:to'], [null]])(
    'is refused with the header fields %j',
    (headerFields) => {
      expect(thrownBy(() => check({ ...key, headerFields }))).toMatchObject({ code: 'ERR_INVALID_DKIM_FIELDS' });
    },
  );

  it('signs From, and what it oversigns, whether they are named or not', () => {
    const [checked] = check({ ...key, headerFields: ['To'], oversign: ['Subject'] });
    expect(checked?.choice).toEqual({ signed: ['from', 'to', 'subject'], oversigned: new Set(['subject']) });
    expect(check({ ...key, oversign: false })[0]?.choice.oversigned).toEqual(new Set());
  });

  it.each([
    ['relaxed/relaxed', 'relaxed', 'relaxed'],
    ['relaxed/simple', 'relaxed', 'simple'],
    ['simple/relaxed', 'simple', 'relaxed'],
    ['simple/simple', 'simple', 'simple'],
  ])('has the canonicalization %s for header and body', (canonicalization, headerForm, bodyForm) => {
    expect(check({ ...key, canonicalization })[0]).toMatchObject({ canonicalization, headerForm, bodyForm });
  });

  it('holds for whole seconds, rounded up', () => {
    expect(check({ ...key, expiresInMs: 1 })[0]?.expiresInSeconds).toBe(1);
    expect(check({ ...key, expiresInMs: 60_001 })[0]?.expiresInSeconds).toBe(61);
  });

  it.each<[string, object]>([
    ['canonicalization', { canonicalization: 'relaxed' }],
    ['canonicalization', { canonicalization: 7 }],
    ['expiresInMs', { expiresInMs: 0 }],
    ['expiresInMs', { expiresInMs: -1 }],
    ['expiresInMs', { expiresInMs: NaN }],
    ['expiresInMs', { expiresInMs: Infinity }],
    ['expiresInMs', { expiresInMs: '1d' }],
    ['passphrase', { passphrase: 7 }],
    ['keySelector', { keySelector: 'a' }],
    ['bodyLength', { bodyLength: 100 }],
  ])('is refused with another %s: %j', (option, given) => {
    expect(thrownBy(() => check({ ...key, ...given }))).toMatchObject({
      code: 'ERR_INVALID_DKIM_OPTION',
      message: expect.stringContaining(option) as string,
      hint: expect.any(String) as string,
    });
  });

  it('tells how what other libraries call otherwise is called here', () => {
    expect(thrownBy(() => check({ domainName: 'example.com', selector: 'a', privateKey }))).toMatchObject({
      hint: 'Here it is called domain.',
    });
  });

  it.each([[[]], [undefined], [null], ['pem'], [[null]], [[[key]]]])('is none: %j', (given) => {
    expect(thrownBy(() => check(given))).toMatchObject({ code: 'ERR_INVALID_DKIM_KEY' });
  });

  it('does not show a private key that was given in the place of another word', () => {
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const secret = pem.split('\n')[1] ?? '';
    for (const given of [{ domain: pem }, { selector: pem }, { headerFields: [pem] }]) {
      const { message, hint } = thrownBy(() => check({ ...key, ...given })) as MessageError;
      expect(`${message}${hint ?? ''}`).not.toContain(secret);
    }
  });
});
