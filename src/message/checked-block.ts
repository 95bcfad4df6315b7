/**
 * The header block of fields that were written here, looked at once more. One rule: each line of it belongs to the field that it was
 * written for, and a reader finds no other field and no other end of the block.
 */
import { MessageError } from '../errors.js';
import { MAX_LINE_OCTETS } from '../octets/line-ends.js';
import { checkBlockSize } from './header-block.js';
import { textOf, type FieldText } from './header-field.js';

const TAB = 0x09;
const SPACE = 0x20;
const COLON = 0x3a;

/**
 * @throws MessageError: `ERR_HEADER_BLOCK_TOO_LARGE`, `ERR_TOO_MANY_HEADER_FIELDS`, `ERR_LINE_TOO_LONG`; `ERR_MALFORMED_HEADER`
 *   would be a fault of this library.
 */
export function checkedBlock(fields: readonly FieldText[]): string {
  const block = textOf(fields);
  const sizeOctets = Buffer.byteLength(block);
  checkBlockSize(sizeOctets, fields.length);
  const isAscii = sizeOctets === block.length;
  if (STRAY.test(block)) failMalformed();
  let count = 0;
  let field: FieldText | undefined;
  for (let start = 0; start < block.length;) {
    const end = block.indexOf('\r\n', start);
    if (end === -1) failMalformed();
    if (!isBlank(block.charCodeAt(start))) {
      field = fields[count];
      count += 1;
      if (field === undefined || !beginsAt(block, start, field.name)) failMalformed();
    } else if (field === undefined) {
      failMalformed();
    }
    const octets = isAscii ? end - start : Buffer.byteLength(block.slice(start, end));
    if (octets > MAX_LINE_OCTETS) failTooLong(octets, field);
    start = end + 2;
  }
  if (count !== fields.length) failMalformed();
  return block;
}

/** What is a line end to some readers and none to others. */
const STRAY = /\r(?!\n)|(?<!\r)\n|\0/;

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function beginsAt(block: string, start: number, name: string): boolean {
  return block.slice(start, start + name.length) === name && block.charCodeAt(start + name.length) === COLON;
}

function failMalformed(): never {
  throw new MessageError('the header block that was made is not made of the fields that were given', {
    code: 'ERR_MALFORMED_HEADER',
    hint: 'This is a fault of this library: please report it with the fields.',
  });
}

/** Text is encoded before it is that long; a name, a type or an identifier may be. */
function failTooLong(octets: number, { name }: FieldText): never {
  throw new MessageError(`a line of the header block would have ${String(octets)} octets`, {
    code: 'ERR_LINE_TOO_LONG',
    header: name.slice(0, 100),
    hint: `A line has at most ${String(MAX_LINE_OCTETS)} (RFC 5322 section 2.1.1): shorten the value.`,
  });
}
