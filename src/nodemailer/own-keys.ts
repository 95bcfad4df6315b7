/**
 * Objects that came from elsewhere. One rule: only their own keys count, and never one that would change what an object inherits from:
 * a message may have been read from JSON.
 */

const NEVER: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** The own keys of an object with their values. */
export function ownEntries(given: unknown): readonly (readonly [key: string, value: unknown])[] {
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given).filter(([key]) => !NEVER.has(key));
}

/** A plain object with the own keys of the given ones; of a key that several have, the first value counts. */
export function ownCopy(...given: readonly unknown[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const one of given) {
    for (const [key, value] of ownEntries(one)) if (!Object.hasOwn(copy, key)) copy[key] = value;
  }
  return copy;
}

/** An object that is no list, no octets, no date and no stream. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]';
}

/** A value as the list of its items: of nothing, none. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null || value === '' || value === false) return [];
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

/** How a value is called in errors. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}
