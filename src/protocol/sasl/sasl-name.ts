/** A name inside a GS2 or SCRAM message: its separators are escaped, so that a name cannot add a field (RFC 5801 section 4). */
export function saslName(text: string): string {
  return text.replaceAll('=', '=3D').replaceAll(',', '=2C');
}
