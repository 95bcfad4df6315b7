/**
 * Text as a parameter value can carry it: `xtext` (RFC 3461 section 4) for ASCII, `utf-8-addr-xtext` (RFC 6533 section 3) for
 * addresses beyond it. Both come out as printable ASCII without blanks, and so cannot end the parameter that they stand in.
 */

/** Each octet of the text in UTF-8 that is not from `!` to `~`, and `+` and `=`, becomes `+XX`. */
export function encodeXtext(text: string): string {
  let encoded = '';
  for (const octet of Buffer.from(text, 'utf8')) {
    const plain = octet >= 0x21 && octet <= 0x7e && octet !== 0x2b && octet !== 0x3d;
    encoded += plain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The text, or undefined when this is no xtext or its octets are no UTF-8. */
export function decodeXtext(encoded: string): string | undefined {
  if (!/^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/.test(encoded)) return undefined;
  const octets = encoded.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(octets, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Blanks, controls, `+`, `=`, the backslash and what is not ASCII become `\x{HEX}`. Needs no SMTPUTF8. */
export function encodeUtf8Xtext(text: string): string {
  return Array.from(text, (character) => {
    if (/^[!-*,-<>-[\]-~]$/.test(character)) return character;
    return `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}}`;
  }).join('');
}

/** The text, or undefined. Takes utf-8-addr-unitext too, where non-ASCII characters stand for themselves. */
export function decodeUtf8Xtext(encoded: string): string | undefined {
  if (!/^(?:[!-*,-<>-[\]-~\u0080-\u{10ffff}]|\\x\{(?:[1-9A-F][0-9A-F]{1,5}|0[1-9A-F])\})*$/u.test(encoded))
    return undefined;
  const points = [...encoded.matchAll(/\\x\{([0-9A-F]+)\}/g)].map(([, hex = '']) => Number.parseInt(hex, 16));
  if (points.some((point) => point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))) return undefined;
  return encoded.replace(/\\x\{([0-9A-F]+)\}/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
}
