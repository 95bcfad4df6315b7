import fc from 'fast-check';
import { readDate } from '../../src/inspect/read-date.js';
import { runs } from '../message/runs.js';

it.each<[value: string, iso: string]>([
  ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06.000Z'],
  ['21 Nov 97 09:55 GMT', '1997-11-21T09:55:00.000Z'],
  ['Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)', '1969-02-14T03:02:00.000Z'],
  ['Mon,  3 Mar 2025 09:14:00 +0100 (CET)', '2025-03-03T08:14:00.000Z'],
  ['3 March 25 9:14:00 EST', '2025-03-03T14:14:00.000Z'],
  ['3 Mar 125 09:14:00 PDT', '2025-03-03T16:14:00.000Z'],
  ['31 Dec 2016 23:59:60 +0000', '2017-01-01T00:00:00.000Z'],
  ['3 Mar 2025 09:14:00', '2025-03-03T09:14:00.000Z'],
  ['Fri, 21 Nov 1997 09:55:06 XYZ', '1997-11-21T09:55:06.000Z'],
])('%j', (value, iso) => {
  expect(readDate(value)?.toISOString()).toBe(iso);
});

it.each([
  '',
  'yesterday',
  '31 Feb 2025 00:00:00 +0000',
  '1 Foo 2025 00:00:00',
  '1 Mar 2025',
  '1 Mar 2025 24:00:00',
  '1 Mar 2025 00:60',
  '1',
])('%j is no date', (value) => {
  expect(readDate(value)).toBeUndefined();
});

it('what a Date writes is read as the same second', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_799 }), (seconds) => {
      const date = new Date(seconds * 1000);
      expect(readDate(date.toUTCString())).toEqual(date);
    }),
    runs(300),
  );
});
