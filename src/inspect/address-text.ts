/** Addresses as reports write them. One rule: what is not surely encoded is not decoded. */

/**
 * An ORCPT address that was copied without being decoded (RFC 3461 section 4). The field should hold it decoded, and a plus sign with
 * two digits behind it is common in addresses: so it counts as xtext only if every plus sign begins an octet that xtext must encode:
 * plus, equals, space.
 */
export function decodeXtext(value: string): string {
  const isXtext = /^[^+=\s]*(?:\+(?:2B|3D|20)[^+=\s]*)+$/.test(value);
  if (!isXtext) return value;
  return value.replace(/\+([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** RFC 6533 section 3: `\x{E9}` for a character, in addresses of the type utf-8. What is no character, or a control, stays. */
export function decodeUnitext(value: string): string {
  return value.replace(/\\x\{([0-9A-Fa-f]{2,6})\}/g, (all, hex: string) => {
    const code = parseInt(hex, 16);
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const isCharacter = code <= 0x10ffff && !isControl && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : all;
  });
}
