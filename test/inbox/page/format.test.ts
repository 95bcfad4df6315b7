import { fieldName, milliseconds, withoutAddresses } from '../../../src/inbox/page/format.js';

it.each([
  [0.042, '0.04 ms'],
  [12.34, '12.3 ms'],
  [123.4, '123 ms'],
  [61_234, '61.2 s'],
])('%d ms', (value, text) => {
  expect(milliseconds(value)).toBe(text);
});

it('fields and names', () => {
  expect([fieldName({ header: 'To', occurrence: 0 }), fieldName({ header: 'To', occurrence: 1 })]).toEqual([
    'To',
    'To no. 2',
  ]);
  expect(withoutAddresses('Ann <a@b.org>, c@d.org, <e@f.org>, x>')).toBe('Ann, c@d.org, <e@f.org>, x>');
});
