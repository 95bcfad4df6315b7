/** What only the inbox says: short times, fields and people, as people read them. Pure. */

export function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 100) return `${value.toFixed(0)} ms`;
  if (value >= 10) return `${value.toFixed(1)} ms`;
  return `${value.toFixed(2)} ms`;
}

/** `To`, or `the 2nd To` when there are several of that name above it. */
export function fieldName({ header, occurrence }: { readonly header: string; readonly occurrence: number }): string {
  return occurrence === 0 ? header : `${header} no. ${String(occurrence + 1)}`;
}

/** `Ann <ann@example.org>` by its name; an address that stands alone stays. Linear. */
export function withoutAddresses(people: string): string {
  const names = people
    .split(', ')
    .map((one) => (one.endsWith('>') ? one.slice(0, Math.max(0, one.lastIndexOf('<'))).trim() || one : one));
  return names.join(', ');
}
