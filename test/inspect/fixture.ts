/** Messages of fixtures/reports, as octets. */
import { readFileSync } from 'node:fs';

export function report(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/reports/${name}.eml`, import.meta.url));
}
