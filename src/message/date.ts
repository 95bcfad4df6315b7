/** Dates as header fields have them (RFC 5322 section 3.3). Always in UTC: a message does not tell where it was written. */
import { MessageError } from '../errors.js';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `Sat, 22 Nov 2025 08:12:00 +0000`. Throws MessageError (`ERR_INVALID_DATE`) outside of the years 1900 to 9999. */
export function formatDate(date: Date): string {
  const second = isDate(date) ? Math.floor(date.getTime() / 1000) : NaN;
  if (second !== lastSecond) {
    lastText = textOf(date);
    lastSecond = second;
  }
  return lastText;
}

/** Who sends much sends much in a second. */
let lastSecond = NaN;
let lastText = '';

function textOf(date: Date): string {
  const year = isDate(date) ? date.getUTCFullYear() : NaN;
  // Written so that NaN, the year of an invalid date, fails too.
  if (!(year >= 1900 && year <= 9999)) {
    throw new MessageError('the date is not valid, or not between the years 1900 and 9999', {
      code: 'ERR_INVALID_DATE',
      hint: 'Give a valid Date (RFC 5322 section 3.3).',
    });
  }
  const day = DAYS[date.getUTCDay()] ?? '';
  const month = MONTHS[date.getUTCMonth()] ?? '';
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(':');
  return `${day}, ${twoDigits(date.getUTCDate())} ${month} ${String(year)} ${time} +0000`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Not `instanceof`: a date may come from another realm, such as a test runner's. */
function isDate(given: unknown): given is Date {
  return Object.prototype.toString.call(given) === '[object Date]';
}
