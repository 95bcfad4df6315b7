import { counted, longTime, octets, shortTime, shownAddress } from '../../../src/web/page/format.js';

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

it('today has a time, other days a date, other years the year', () => {
  const now = new Date(2026, 5, 15, 12);
  const at = (...parts: [number, number, number, number, number]): string =>
    shortTime(new Date(...parts).toISOString(), now, 'en-GB');
  expect([at(2026, 5, 15, 9, 5), at(2026, 4, 1, 9, 5), at(2025, 4, 1, 9, 5)]).toEqual(['09:05', '1 May', '1 May 2025']);
  expect([shortTime('no date', now), longTime('no date')]).toEqual(['', '']);
  expect(longTime(new Date(2026, 5, 15, 9, 5, 7).toISOString(), 'en-GB')).toContain('09:05:07');
});

it('counts and addresses', () => {
  expect([counted(1, 'reply', 'replies'), counted(2, 'reply', 'replies'), counted(0, 'file')]).toEqual([
    '1 reply',
    '2 replies',
    '0 files',
  ]);
  expect([shownAddress(''), shownAddress('a@b')]).toEqual(['<>', 'a@b']);
});
