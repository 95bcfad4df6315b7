/**
 * What the server offers, read line by line from its EHLO reply (RFC 5321 section 4.1.1.1). The first line is the greeting
 * and never a feature; a keyword is the exact first word of a line.
 */
import type { Reply } from '../types.js';

const KEYWORD = /^[A-Za-z0-9][A-Za-z0-9-]*$/;

export class Extensions {
  /** Keyword in lower case to its parameters as sent; `auth` joins the `AUTH` and old `AUTH=` lines, each word once. */
  readonly features: ReadonlyMap<string, string>;

  /** The limit in octets that SIZE announces (RFC 1870); undefined when there is none, and 0 means none. */
  readonly sizeLimitBytes: number | undefined;

  /**
   * What LIMITS announces (RFC 9422): how many recipients, and domains of them, a transaction may have, and how many messages a
   * connection.
   */
  readonly limits: {
    readonly recipients: number | undefined;
    readonly recipientDomains: number | undefined;
    readonly messages: number | undefined;
  };

  constructor(features: ReadonlyMap<string, string> = new Map()) {
    this.features = features;
    // Asked for each message.
    this.sizeLimitBytes = sizeLimitOf(features.get('size') ?? '');
    const words = features.get('limits')?.toUpperCase().split(' ') ?? [];
    this.limits = {
      recipients: limitOf(words, 'RCPTMAX'),
      recipientDomains: limitOf(words, 'RCPTDOMAINMAX'),
      messages: limitOf(words, 'MAILMAX'),
    };
  }

  has(keyword: string): boolean {
    return this.features.has(keyword.toLowerCase());
  }

  params(keyword: string): string | undefined {
    return this.features.get(keyword.toLowerCase());
  }

  /** The SASL mechanisms offered, in the server's order, in upper case, each once. */
  get authMechanisms(): readonly string[] {
    const words = this.params('auth')?.toUpperCase().split(' ') ?? [];
    return [...new Set(words.filter((word) => word !== ''))];
  }
}

function sizeLimitOf(params: string): number | undefined {
  const limit = params.trim();
  if (!/^\d{1,20}$/.test(limit)) return undefined;
  const bytes = Number(limit);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

function limitOf(words: readonly string[], name: string): number | undefined {
  const digits = words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  return /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : undefined;
}

/** `disabled`: keywords that the caller does not want used, in any case. */
export function parseExtensions(reply: Reply, disabled: readonly string[] = []): Extensions {
  const features = new Map<string, string>();
  const unwanted = new Set(disabled.map((keyword) => keyword.toLowerCase()));
  const mechanisms = new Set<string>();
  for (const line of reply.lines.slice(1)) {
    const [first = '', ...rest] = line.trim().split(/[ \t]+/);
    const oldStyle = /^AUTH=(.*)$/i.exec(first);
    const keyword = oldStyle === null ? first.toLowerCase() : 'auth';
    if (!KEYWORD.test(keyword) || unwanted.has(keyword)) continue;
    if (keyword === 'auth') {
      for (const mechanism of [oldStyle?.[1] ?? '', ...rest]) if (mechanism !== '') mechanisms.add(mechanism);
      features.set('auth', [...mechanisms].join(' '));
    } else {
      features.set(keyword, rest.join(' '));
    }
  }
  return new Extensions(features);
}
