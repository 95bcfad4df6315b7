import {
  counted,
  fieldName,
  longTime,
  milliseconds,
  octets,
  shortTime,
  shownAddress,
  withoutAddresses,
} from '../../../src/inbox/page/format.js';

it.each([
  [0, '0 octets'],
  [1, '1 octet'],
  [999, '999 octets'],
  [1000, '1.0 kB'],
  [68_400, '68 kB'],
  [999_600, '1.0 MB'],
  [5_000_000_000, '5.0 GB'],
])('%d octets', (count, text) => {
  expect(octets(count)).toBe(text);
});

it.each([
  [0.042, '0.04 ms'],
  [12.34, '12.3 ms'],
  [123.4, '123 ms'],
  [61_234, '61.2 s'],
])('%d ms', (value, text) => {
  expect(milliseconds(value)).toBe(text);
});

it('today has a time, other days a date, other years the year', () => {
  const now = new Date(2026, 5, 15, 12);
  const at = (...parts: [number, number, number, number, number]): string =>
    shortTime(new Date(...parts).toISOString(), now, 'en-GB');
  expect([at(2026, 5, 15, 9, 5), at(2026, 4, 1, 9, 5), at(2025, 4, 1, 9, 5)]).toEqual(['09:05', '1 May', '1 May 2025']);
  expect([shortTime('no date', now), longTime('no date')]).toEqual(['', '']);
  expect(longTime(new Date(2026, 5, 15, 9, 5, 7).toISOString(), 'en-GB')).toContain('09:05:07');
});

it('counts, fields, addresses and names', () => {
  expect([counted(1, 'reply', 'replies'), counted(2, 'reply', 'replies'), counted(0, 'file')]).toEqual([
    '1 reply',
    '2 replies',
    '0 files',
  ]);
  expect([fieldName({ header: 'To', occurrence: 0 }), fieldName({ header: 'To', occurrence: 1 })]).toEqual([
    'To',
    'To no. 2',
  ]);
  expect([shownAddress(''), shownAddress('a@b')]).toEqual(['<>', 'a@b']);
  expect(withoutAddresses('Ann <a@b.org>, c@d.org, <e@f.org>, x>')).toBe('Ann, c@d.org, <e@f.org>, x>');
});
