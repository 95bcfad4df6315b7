/** Date and time of a header field (RFC 5322 sections 3.3 and 4.3). One rule: what is no date is none; now is never put in its place. */

const DATE =
  /^(?:[A-Za-z]{2,9}\.?,?)?\s*(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{2,4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([+-]\d{4}|[A-Za-z]{1,5}))?(?:\s|$)/;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** RFC 5322 section 4.3. All others say nothing: -0000. */
const ZONES: ReadonlyMap<string, number> = new Map([
  ['edt', -4],
  ['est', -5],
  ['cdt', -5],
  ['cst', -6],
  ['mdt', -6],
  ['mst', -7],
  ['pdt', -7],
  ['pst', -8],
]);

export function readDate(value: string): Date | undefined {
  const match = DATE.exec(
    value
      .slice(0, 1000)
      .replace(/\([^()]*\)/g, ' ')
      .trim(),
  );
  if (match === null) return undefined;
  const [, day = '', month = '', year = '', hour = '', minute = '', second = '0', zone = ''] = match;
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  const date = new Date(0);
  date.setUTCFullYear(fullYear(year), monthIndex, Number(day));
  const isDay = monthIndex !== -1 && date.getUTCDate() === Number(day);
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  date.setUTCHours(Number(hour), Number(minute) - offsetMinutes(zone), Number(second));
  return date;
}

/** RFC 5322 section 4.3: what two and three digits mean. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 2) return year + (year < 50 ? 2000 : 1900);
  return digits.length === 3 ? year + 1900 : year;
}

function offsetMinutes(zone: string): number {
  const hours = ZONES.get(zone.toLowerCase());
  if (hours !== undefined) return hours * 60;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = /^[+-](\d{2})(\d{2})$/.exec(zone);
  return digits === null ? 0 : sign * (Number(digits[1]) * 60 + Number(digits[2]));
}
