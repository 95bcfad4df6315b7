/**
 * The header fields of a message as a list that can be edited. One rule: an edit replaces spans in the list and never octets,
 * so what was not touched leaves as it came.
 */
import { MessageError } from '../errors.js';
import type { HeaderFields } from '../types.js';
import { checkText } from './check-argument.js';
import { fieldValue, makeField } from './header-field.js';
import type { HeaderSpan } from './header-block.js';

const TAB = 0x09;
const SPACE = 0x20;

export class HeaderList implements HeaderFields {
  /** Never changed in place: whoever holds it keeps what it was. */
  #spans: readonly HeaderSpan[];

  constructor(spans: readonly HeaderSpan[]) {
    this.#spans = spans;
  }

  /** All spans in order, with the lines that are no fields. */
  get spans(): readonly HeaderSpan[] {
    return this.#spans;
  }

  get(name: string): string | undefined {
    const span = this.#spans.find(named(name));
    return span && fieldValue(span);
  }

  getAll(name: string): readonly string[] {
    return this.#spans.filter(named(name)).map(fieldValue);
  }

  has(name: string): boolean {
    return this.#spans.some(named(name));
  }

  append(name: string, value: string): void {
    this.#spans = [...this.#spans, makeField(name, value)];
  }

  prepend(name: string, value: string): void {
    this.#spans = this.withPrepended([makeField(name, value)]);
  }

  set(name: string, value: string): void {
    const isNamed = named(name);
    const first = this.#spans.find(isNamed);
    const field = makeField(name, value, first?.resending);
    if (first === undefined) this.#spans = [...this.#spans, field];
    else {
      this.#spans = this.#spans.filter((span) => span === first || !isNamed(span));
      this.#spans = this.#spans.map((span) => (span === first ? field : span));
    }
  }

  delete(name: string): number {
    const isNamed = named(name);
    const kept = this.#spans.filter((span) => !isNamed(span));
    const deleted = this.#spans.length - kept.length;
    this.#spans = kept;
    return deleted;
  }

  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    for (const span of this.#spans) if (span.key !== '') yield [span.name, fieldValue(span)];
  }

  /** The spans with new fields in front of them. */
  withPrepended(fields: readonly HeaderSpan[]): readonly HeaderSpan[] {
    const [first] = this.#spans;
    const octet = first?.octets[first.start];
    // Only the first line of a block can begin so: behind another one it would have been taken for its continuation.
    if (octet === SPACE || octet === TAB) {
      throw new MessageError(
        'the header block begins with a continuation line, which would become part of a field in front of it',
        {
          code: 'ERR_MALFORMED_HEADER',
          hint: 'Remove the white space, or the line, at the beginning of the message.',
        },
      );
    }
    return [...fields, ...this.#spans];
  }
}

function named(name: string): (span: HeaderSpan) => boolean {
  checkText(name, 'the name of a header field');
  const key = name.toLowerCase();
  return (span) => span.key === key && key !== '';
}
