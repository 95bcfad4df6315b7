/**
 * Domain names of addresses. One rule: what goes into DNS is what was read. A name that UTS 46 would map to another one (full
 * width letters, ideographic dots, ignorable characters) is refused, not mapped.
 */
import { domainToASCII, domainToUnicode } from 'node:url';

/** RFC 1035 section 2.3.4, in octets of the form that DNS sees. */
const MAX_LABEL_OCTETS = 63;
const MAX_NAME_OCTETS = 253;

// eslint-disable-next-line no-control-regex -- this is the range of ASCII
const ASCII = /^[\x00-\x7f]*$/;
/** Outside these, url.domainToASCII would decode percent signs or stop at delimiters of URLs. */
const HOST_CHARACTERS = /^[A-Za-z0-9._\-\u0080-\u{10ffff}]*$/u;
/** The dotted capital I and the Kelvin sign: letters beyond ASCII whose small form holds one of ASCII. */
const BECOMES_ASCII = /[\u0130\u212a]/;

/**
 * The domain with every label in its A-label form (RFC 5890), or undefined when it has none. A name in ASCII, and a domain
 * literal, are returned as they are.
 */
export function domainToAscii(domain: string): string | undefined {
  if (ASCII.test(domain)) return domain;
  if (!HOST_CHARACTERS.test(domain) || BECOMES_ASCII.test(domain)) return undefined;
  const ascii = domainToASCII(domain);
  if (ascii === '') return undefined;
  return domainToUnicode(ascii) === domain.toLowerCase().normalize('NFC') ? ascii : undefined;
}

/** Why a domain name cannot be used, or undefined. The grammar has been checked already. */
export function domainFault(domain: string): string | undefined {
  const ascii = domainToAscii(domain);
  if (ascii === undefined) return 'the domain is no valid internationalized name';
  if (ascii.length > MAX_NAME_OCTETS) return `the domain has more than ${String(MAX_NAME_OCTETS)} octets`;
  if (ascii.length > MAX_LABEL_OCTETS && ascii.split('.').some((label) => label.length > MAX_LABEL_OCTETS)) {
    return `a label of the domain has more than ${String(MAX_LABEL_OCTETS)} octets`;
  }
  return undefined;
}
