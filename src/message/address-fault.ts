/** What is wrong with an address, shown: the reason, the position, and a caret under the place. */
import { InvalidAddressError, printable } from '../errors.js';

/** Long fields are shown in part, so that an error stays readable. */
const EXCERPT_BEFORE = 40;
const EXCERPT_AFTER = 36;

export interface AddressFault {
  readonly input: string;
  /** In UTF-16 code units. */
  readonly position: number;
  readonly reason: string;
  readonly hint?: string | undefined;
  /** The header field that holds the address. */
  readonly header?: string | undefined;
  readonly code?: string;
}

/** Two lines: an excerpt of the text, and a caret under its fault. Controls are shown as escapes. */
function picture(input: string, position: number): string {
  const start = Math.max(0, position - EXCERPT_BEFORE);
  const end = Math.min(input.length, position + EXCERPT_AFTER);
  const lead = start > 0 ? '...' : '';
  const before = lead + oneLine(input.slice(start, position));
  const after = oneLine(input.slice(position, end)) + (end < input.length ? '...' : '');
  return `  ${before}${after}\n  ${' '.repeat(before.length)}^`;
}

function oneLine(text: string): string {
  return printable(text.replaceAll('\t', ' ')).replaceAll('\n', '\\u000a');
}

export function invalidAddress(fault: AddressFault): InvalidAddressError {
  const where = fault.header === undefined ? '' : `${fault.header}: `;
  return new InvalidAddressError(
    `${where}${fault.reason}, at position ${String(fault.position)}\n${picture(fault.input, fault.position)}`,
    {
      input: fault.input,
      position: fault.position,
      header: fault.header,
      hint: fault.hint ?? 'Correct it where the caret stands: an address is user@domain, or Name <user@domain>.',
      ...(fault.code === undefined ? {} : { code: fault.code }),
    },
  );
}
