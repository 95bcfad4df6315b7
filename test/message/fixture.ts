import { readFileSync } from 'node:fs';

/** The octets of a message in fixtures/messages, named by the fact that it carries. */
export function fixture(fact: string): Buffer {
  return readFileSync(new URL(`../../fixtures/messages/${fact}.eml`, import.meta.url));
}
