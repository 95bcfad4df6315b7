import { InvalidAddressError } from '../../src/errors.js';
import { AddressScanner, END } from '../../src/message/address-scanner.js';
import { failure } from './failure.js';

describe('words', () => {
  it('are atoms, quoted strings and dots, with their positions', () => {
    const scanner = new AddressScanner('J. "R. \\"x\\"" (c) Doe <');
    expect(scanner.words()).toEqual([
      { kind: 'atom', value: 'J', position: 0, spaced: false },
      { kind: 'dot', value: '.', position: 1, spaced: false },
      { kind: 'quoted-string', value: 'R. "x"', position: 3, spaced: true },
      { kind: 'atom', value: 'Doe', position: 18, spaced: true },
    ]);
    expect(scanner.position).toBe(22);
    expect(scanner.peek()).toBe('<'.charCodeAt(0));
  });

  it('may be none', () => {
    const scanner = new AddressScanner('<');
    expect(scanner.words()).toEqual([]);
    expect(scanner.position).toBe(0);
  });

  it('have every character of atext, and all beyond ASCII', () => {
    const atext = "azAZ09!#$%&'*+-/=?^_`{|}~é例😀";
    expect(new AddressScanner(atext).atom()).toBe(atext);
  });

  it.each(Array.from('()<>[]:;@\\,." \t\r\n\0\x7f'))('an atom ends in front of %j', (special) => {
    const scanner = new AddressScanner(`ab${special}c`);
    expect(scanner.atom()).toBe('ab');
    expect(scanner.position).toBe(2);
  });
});

describe('white space and comments', () => {
  it.each([
    ['', 0],
    ['a', 0],
    [' \t a', 3],
    ['\r\n a', 3],
    ['\r\n \r\n\ta', 6],
    ['(x)a', 3],
    ['((x)(y(z)))a', 11],
    ['(\\)\\(\\\\)a', 8],
    ['(") a', 4],
    [' (a) \r\n (b)a', 11],
  ])('of %j end at %d', (text, position) => {
    const scanner = new AddressScanner(text);
    expect(scanner.skipCfws()).toBe(position > 0);
    expect(scanner.position).toBe(position);
  });

  it.each([
    ['\r\na', 0],
    ['\ra', 0],
    ['\r', 0],
    [' \r\n', 1],
    ['(\r\n)', 1],
    ['(\n)', 1],
    ['(\\\r\n )', 2],
    ['(\\', 2],
    ['(', 0],
    ['(()', 0],
    ['(\0)', 1],
  ])('of %j are refused at %d', (text, position) => {
    expect(() => new AddressScanner(text).skipCfws()).toThrow(failure({ name: 'InvalidAddressError', position }));
  });

  it('are no part of the compact syntax', () => {
    const scanner = new AddressScanner(' a', { compact: true });
    expect(scanner.skipCfws()).toBe(false);
    expect(scanner.position).toBe(0);
    expect(() => new AddressScanner('"a\r\n b"', { compact: true }).words()).toThrow(InvalidAddressError);
    expect(() => new AddressScanner('[ 1]', { compact: true }).domainLiteral()).toThrow(InvalidAddressError);
  });
});

describe('a domain literal', () => {
  it.each([
    ['[192.0.2.1]', '[192.0.2.1]'],
    ['[IPv6:2001:db8::1]', '[IPv6:2001:db8::1]'],
    ['[ \t192.0.2.1\r\n ] (x)', '[192.0.2.1]'],
    ['[!-Z^-~]', '[!-Z^-~]'],
  ])('%j is %s', (text, literal) => {
    const scanner = new AddressScanner(text);
    expect(scanner.domainLiteral()).toBe(literal);
    expect(scanner.peek()).toBe(END);
  });

  it.each([
    ['[', 0],
    ['[1', 0],
    ['[]', 0],
    ['[ ]', 0],
    ['[1 2]', 3],
    ['[1[2]', 2],
    ['[1\\]2]', 2],
    ['[é]', 1],
    ['[1\0]', 2],
  ])('%j is refused at %d', (text, position) => {
    expect(() => new AddressScanner(text).domainLiteral()).toThrow(failure({ name: 'InvalidAddressError', position }));
  });
});

describe('take', () => {
  it('moves only over what it is asked for', () => {
    const scanner = new AddressScanner('@');
    expect(scanner.take('.'.charCodeAt(0))).toBe(false);
    expect(scanner.take('@'.charCodeAt(0))).toBe(true);
    expect(scanner.take('@'.charCodeAt(0))).toBe(false);
    expect(scanner.peek()).toBe(END);
  });
});

describe('failHere', () => {
  it.each([
    ['', 'the address is not complete'],
    ['<', '"<" may not stand here'],
    ['😀', '"😀" may not stand here'],
    ['\0', 'the control character 0x00 stands inside the address'],
    ['\r', 'a line end stands inside the address'],
  ])('at %j says %s', (text, reason) => {
    expect(() => new AddressScanner(text, { header: 'To' }).failHere({ hint: 'Do this.' })).toThrow(
      failure({ message: expect.stringContaining(`To: ${reason}, at position 0`), header: 'To' }),
    );
  });
});
