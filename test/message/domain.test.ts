import { domainFault, domainToAscii } from '../../src/message/domain.js';

describe('domainToAscii', () => {
  it.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.com', 'EXAMPLE.com'],
    ['my_host', 'my_host'],
    ['1.2.3', '1.2.3'],
    ['[192.0.2.1]', '[192.0.2.1]'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.Example', 'xn--bcher-kva.example'],
    ['straße.example', 'xn--strae-oqa.example'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['bu\u0308cher.example', 'xn--bcher-kva.example'],
  ])('%s is %s', (domain, ascii) => {
    expect(domainToAscii(domain)).toBe(ascii);
  });

  it.each([
    '\uff45xample.com',
    'a\u3002é',
    'ﬁ.com',
    'a\u00ad.com',
    'é%41',
    'é/x',
    'é:25',
    'é@x',
    'é.1',
    'é x',
    '[é]',
    '%41é',
    '/é',
    ' é',
    'a%c3%a9é',
    '?é',
    // The Kelvin sign and the dotted capital I: folding makes letters of ASCII of them.
    '\u212a.test',
    'b\u00fc\u212ahse.test',
    '\u0130.test',
  ])('%s is no name', (domain) => {
    expect(domainToAscii(domain)).toBeUndefined();
    expect(domainFault(domain)).toContain('no valid internationalized name');
  });
});

describe('domainFault', () => {
  it.each([
    'example.com',
    'bücher.example',
    '[192.0.2.1]',
    `${'b'.repeat(63)}.example`,
    `${`${'b'.repeat(49)}.`.repeat(5)}com`,
  ])('%s has none', (domain) => {
    expect(domainFault(domain)).toBeUndefined();
  });

  it.each([
    [`${'b'.repeat(64)}.example`, 'a label of the domain has more than 63 octets'],
    [`a.${'b'.repeat(64)}`, 'a label of the domain has more than 63 octets'],
    [`${'b'.repeat(127)}.${'b'.repeat(126)}`, 'the domain has more than 253 octets'],
  ])('of %s: %s', (domain, fault) => {
    expect(domainFault(domain)).toBe(fault);
  });
});
