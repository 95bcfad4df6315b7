/** What the DKIM-Signature fields of a message say (RFC 6376 section 3.5). Nothing is verified: that needs the keys of the DNS. */
import type { HeaderFields } from '../../index.js';

export interface DkimField {
  readonly domain: string | undefined;
  readonly selector: string | undefined;
  readonly algorithm: string | undefined;
  readonly canonicalization: string;
  /** In lower case, in order. */
  readonly signedFields: readonly string[];
  readonly identity: string | undefined;
  /** Seconds since 1970, as text. */
  readonly signedAt: string | undefined;
  readonly expiresAt: string | undefined;
  /** Only so many octets of the body are signed. */
  readonly bodyLength: string | undefined;
  /** What it lacks of the tags that it must have. */
  readonly missing: readonly string[];
}

const REQUIRED = ['v', 'a', 'b', 'bh', 'd', 'h', 's'] as const;

export function dkimFields(headers: HeaderFields): DkimField[] {
  return headers.getAll('DKIM-Signature').map((value) => {
    const tags = tagsOf(value);
    return {
      domain: tags.get('d'),
      selector: tags.get('s'),
      algorithm: tags.get('a'),
      canonicalization: tags.get('c') ?? 'simple/simple',
      signedFields: (tags.get('h') ?? '')
        .split(':')
        .map((name) => name.trim().toLowerCase())
        .filter((name) => name !== ''),
      identity: tags.get('i'),
      signedAt: tags.get('t'),
      expiresAt: tags.get('x'),
      bodyLength: tags.get('l'),
      missing: REQUIRED.filter((tag) => (tags.get(tag) ?? '') === ''),
    };
  });
}

function tagsOf(value: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const tag of value.split(';')) {
    const equals = tag.indexOf('=');
    if (equals > 0)
      tags.set(
        tag.slice(0, equals).trim(),
        tag
          .slice(equals + 1)
          .trim()
          .replaceAll(/\s+/g, ' '),
      );
  }
  return tags;
}
