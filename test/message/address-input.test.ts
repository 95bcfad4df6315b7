import { readAddressInput } from '../../src/message/address-input.js';
import type { AddressInput } from '../../src/message/mailbox.js';
import { failure } from './failure.js';

describe('readAddressInput', () => {
  it.each<[input: AddressInput | undefined, value: string, addresses: string[]]>([
    [undefined, '', []],
    ['', '', []],
    [[], '', []],
    ['a@x', 'a@x', ['a@x']],
    ['A <a@x>, b@x', 'A <a@x>, b@x', ['a@x', 'b@x']],
    ['"A, B" <a@x>', '"A, B" <a@x>', ['a@x']],
    ['<@r.test:a@x>', 'a@x', ['a@x']],
    ['g: a@x, B <b@x>;, c@x', 'g: a@x, B <b@x>;, c@x', ['a@x', 'b@x', 'c@x']],
    ['undisclosed-recipients:;', 'undisclosed-recipients:;', []],
    ['"Jörg" <j@x>', '=?UTF-8?B?SsO2cmc=?= <j@x>', ['j@x']],
    ['=?utf-8?Q?J?= <j@x>', '=?utf-8?Q?J?= <j@x>', ['j@x']],
    ['"é g": a@x;', '=?UTF-8?B?w6kgZw==?=: a@x;', ['a@x']],
    [{ address: 'a@x' }, 'a@x', ['a@x']],
    [{ name: '', address: 'a@x' }, 'a@x', ['a@x']],
    [{ name: 'Doe, J', address: 'a@x' }, '"Doe, J" <a@x>', ['a@x']],
    [{ name: '=?utf-8?Q?J?=', address: 'a@x' }, '=?UTF-8?B?PT91dGYtOD9RP0o/PQ==?= <a@x>', ['a@x']],
    [{ address: '"John Doe"' }, '<"John Doe">', ['"John Doe"']],
    [['a@x', { name: 'B', address: 'b@x' }, 'c@x, d@x', ''], 'a@x, B <b@x>, c@x, d@x', ['a@x', 'b@x', 'c@x', 'd@x']],
  ])('%j', (input, value, addresses) => {
    const field = readAddressInput(input, 'To');
    expect(field.value).toBe(value);
    expect(field.mailboxes.map(({ address }) => address)).toStrictEqual(addresses);
  });

  it.each<[input: unknown, expected: Record<string, unknown>]>([
    ['a b@x', { name: 'InvalidAddressError', header: 'To', position: 2 }],
    ['Doe, J <j@x>', { name: 'InvalidAddressError' }],
    ['a@x,\r\n b@x', { code: 'ERR_INVALID_HEADER_VALUE', header: 'To' }],
    ['a@x\0', { code: 'ERR_INVALID_HEADER_VALUE' }],
    ['\ud800 <a@x>', { code: 'ERR_INVALID_NAME' }],
    ['"\udc00": a@x;', { code: 'ERR_INVALID_NAME' }],
    [{ address: 'A <a@x>' }, { name: 'InvalidAddressError', header: 'To' }],
    [{ address: '' }, { name: 'InvalidAddressError' }],
    [{ name: 'a\nb', address: 'a@x' }, { code: 'ERR_INVALID_NAME' }],
    [{ name: 7, address: 'a@x' }, { code: 'ERR_INVALID_ADDRESS_INPUT' }],
    [{ name: 'A' }, { code: 'ERR_INVALID_ADDRESS_INPUT', hint: expect.any(String) }],
    [7, { code: 'ERR_INVALID_ADDRESS_INPUT', header: 'To' }],
    [null, { code: 'ERR_INVALID_ADDRESS_INPUT' }],
    [['a@x', null], { code: 'ERR_INVALID_ADDRESS_INPUT' }],
    [[['a@x']], { code: 'ERR_INVALID_ADDRESS_INPUT' }],
  ])('refuses %j', (input, expected) => {
    expect(() => readAddressInput(input as AddressInput, 'To')).toThrow(failure(expected));
  });
});

it('writes an internationalized domain in ASCII where the local part is ASCII, and keeps it as given for the envelope', () => {
  const { value, mailboxes } = readAddressInput(
    ['A <a@bücher.example>', { address: 'b@bücher.example' }, 'g: c@bücher.example;', 'ü@bücher.example'],
    'To',
  );
  expect(value).toBe(
    'A <a@xn--bcher-kva.example>, b@xn--bcher-kva.example, g: c@xn--bcher-kva.example;, ü@bücher.example',
  );
  expect(mailboxes[0]?.domain).toBe('bücher.example');
});
