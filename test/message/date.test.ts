import fc from 'fast-check';
import { formatDate } from '../../src/message/date.js';
import { failure } from './failure.js';

describe('formatDate', () => {
  it.each([
    [Date.UTC(2025, 10, 22, 8, 12, 5), 'Sat, 22 Nov 2025 08:12:05 +0000'],
    [Date.UTC(2024, 1, 29, 23, 59, 59), 'Thu, 29 Feb 2024 23:59:59 +0000'],
    [Date.UTC(1900, 0, 1), 'Mon, 01 Jan 1900 00:00:00 +0000'],
  ])('%d is %s', (time, text) => {
    expect(formatDate(new Date(time))).toBe(text);
  });

  it('is read back as the same second', () => {
    const date = fc.date({ min: new Date('1900-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(date, (value) => {
        expect(Date.parse(formatDate(value))).toBe(Math.floor(value.getTime() / 1000) * 1000);
      }),
    );
  });

  it.each([NaN, Date.UTC(1899, 11, 31, 23, 59, 59), Date.UTC(10_000, 0, 1)])('refuses %d', (time) => {
    expect(() => formatDate(new Date(time))).toThrow(failure({ code: 'ERR_INVALID_DATE', hint: expect.any(String) }));
  });

  it('refuses what is no date', () => {
    expect(() => formatDate('2026-11-22' as unknown as Date)).toThrow(failure({ code: 'ERR_INVALID_DATE' }));
  });
});
