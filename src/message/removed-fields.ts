/** The fields that never leave with a message: blind copies (RFC 5322 section 3.6.3) and the last server's Return-Path. */

/** Names as they are written in reports, by key. */
const REMOVED: ReadonlyMap<string, string> = new Map([
  ['bcc', 'Bcc'],
  ['resent-bcc', 'Resent-Bcc'],
  ['return-path', 'Return-Path'],
]);

/** The name of the field when it is removed on the way out. RFC 5321 section 4.4: only the last server adds Return-Path. */
export function removedName({ key }: { readonly key: string }, keepReturnPath = false): string | undefined {
  return keepReturnPath && key === 'return-path' ? undefined : REMOVED.get(key);
}
