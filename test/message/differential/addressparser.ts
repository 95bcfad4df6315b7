/** The reader that the lenient mode consults. */
import addressparser from 'addressparser';
import type { Reading } from './compare.js';

/** It finds groups inside groups. */
const flat = (entries: readonly addressparser.EmailAddress[]): Reading =>
  entries.flatMap(({ name, address, group }) => (group === undefined ? [{ name, address }] : flat(group)));

export function readWithAddressparser(text: string): Reading {
  return flat(addressparser(text));
}
