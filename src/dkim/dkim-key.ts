/**
 * What a caller says about a signature. One rule: all of it is checked before the message is looked at, and what is not
 * understood is refused, because a signature that says less than its owner thinks is worse than none.
 */
import type { KeyObject } from 'node:crypto';
import { MessageError } from '../errors.js';
import type { Warning } from '../types.js';
import type { CanonicalForm } from './canonical-body.js';
import { readPrivateKey } from './private-key.js';
import { DEFAULT_SIGNED_FIELDS, isNeverSigned, type FieldChoice } from './signed-fields.js';

/** A key to sign with, and what the signature says and covers (RFC 6376 section 3.5). Each key makes one DKIM-Signature. */
export interface DkimKey {
  /** The domain that takes responsibility (`d=`). For DMARC, that of the From field. Internationalized names are converted. */
  readonly domain: string;
  /** Where the public key is in DNS (`s=`): the TXT record `selector._domainkey.domain`. */
  readonly selector: string;
  /**
   * RSA (signs rsa-sha256; 1024 bits at least, 2048 advised: RFC 8301) or Ed25519 (ed25519-sha256: RFC 8463). PEM, or a KeyObject,
   * which is not parsed anew for each message.
   */
  readonly privateKey: string | Uint8Array | KeyObject;
  /** For a PEM that is encrypted. */
  readonly passphrase?: string;
  /** `c=`: of the header fields, and of the body. Default `relaxed/relaxed`. */
  readonly canonicalization?: 'relaxed/relaxed' | 'relaxed/simple' | 'simple/relaxed' | 'simple/simple';
  /**
   * The names of the fields to sign (`h=`); of each, all that the message has. From is signed in any case. Default: the fields of
   * RFC 6376 section 5.4.1, Sender, Message-ID, and those that decide how the body is read.
   */
  readonly headerFields?: readonly string[];
  /**
   * Names that are signed once more than they stand in the message, so that no other field of that name can be added. Default
   * (true): From, Reply-To, Subject and Cc, and, where the message has them, Sender, Date, Message-ID, To, MIME-Version,
   * Content-Type and Content-Transfer-Encoding. False: none.
   */
  readonly oversign?: boolean | readonly string[];
  /** How long the signature holds, in milliseconds (`x=`, rounded up to seconds). Default: without end. */
  readonly expiresInMs?: number;
}

/** A key whose every word has been checked. */
export interface SigningKey {
  readonly domain: string;
  readonly selector: string;
  readonly keyObject: KeyObject;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly canonicalization: string;
  readonly headerForm: CanonicalForm;
  readonly bodyForm: CanonicalForm;
  readonly choice: FieldChoice;
  readonly expiresInSeconds: number | undefined;
  readonly warnings: readonly Warning[];
}

/** A domain in A-labels; undefined when it has no such form. */
export type ToAscii = (domain: string) => string | undefined;

const FORMS: ReadonlyMap<string, { readonly headerForm: CanonicalForm; readonly bodyForm: CanonicalForm }> = new Map([
  ['relaxed/relaxed', { headerForm: 'relaxed', bodyForm: 'relaxed' }],
  ['relaxed/simple', { headerForm: 'relaxed', bodyForm: 'simple' }],
  ['simple/relaxed', { headerForm: 'simple', bodyForm: 'relaxed' }],
  ['simple/simple', { headerForm: 'simple', bodyForm: 'simple' }],
]);

const PROPERTIES: ReadonlySet<string> = new Set([
  'domain',
  'selector',
  'privateKey',
  'passphrase',
  'canonicalization',
  'headerFields',
  'oversign',
  'expiresInMs',
] satisfies (keyof DkimKey)[]);

/** Names that other libraries have for the same. */
const OTHER_NAMES: ReadonlyMap<string, keyof DkimKey> = new Map([
  ['domainName', 'domain'],
  ['signingDomain', 'domain'],
  ['keySelector', 'selector'],
  ['headerFieldNames', 'headerFields'],
  ['headerList', 'headerFields'],
]);

/** RFC 6376 section 3.1, `sub-domain`. */
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** DNS has no objection to an underscore, and there are selectors with one. */
const SELECTOR_LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
/** RFC 1035 section 2.3.4, as text. */
const MAX_NAME_OCTETS = 253;
/** RFC 5322 section 3.6.8, but for the semicolon, which would end `h=`. */
const FIELD_NAME = /^[!-9<-~]+$/;
const MAX_EXPIRES_IN_MS = 100 * 365 * 24 * 3_600_000;

/**
 * @param given what the caller gave as `dkim`: a key, or a list of them.
 * @throws MessageError: `ERR_INVALID_DKIM_KEY`, `ERR_DKIM_KEY_TOO_WEAK`, `ERR_INVALID_DKIM_DOMAIN`, `ERR_INVALID_DKIM_SELECTOR`,
 *   `ERR_INVALID_DKIM_FIELDS`, `ERR_INVALID_DKIM_OPTION`.
 */
export function checkDkimKeys(given: unknown, toAscii: ToAscii): readonly SigningKey[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) {
    throw invalid(
      'ERR_INVALID_DKIM_KEY',
      'the list of DKIM keys is empty',
      'Leave dkim out to send without a signature.',
    );
  }
  return list.map((key) => {
    if (!isRecord(key)) {
      throw invalid('ERR_INVALID_DKIM_KEY', 'a DKIM key is an object', 'Give { domain, selector, privateKey }.');
    }
    return checkKey(key, toAscii);
  });
}

function checkKey(given: Readonly<Record<string, unknown>>, toAscii: ToAscii): SigningKey {
  refuseUnknown(given);
  const { passphrase, canonicalization = 'relaxed/relaxed' } = given;
  const domain = checkedDomain(given['domain'], toAscii);
  const selector = checkedSelector(given['selector'], domain, toAscii);
  if (passphrase !== undefined && typeof passphrase !== 'string')
    throw badOption('passphrase', 'is no string', 'Give text.');
  const { keyObject, algorithm, warnings } = readPrivateKey(
    given['privateKey'],
    passphrase,
    `the private key of ${selector}._domainkey.${domain}`,
  );
  const forms = typeof canonicalization === 'string' ? FORMS.get(canonicalization) : undefined;
  if (forms === undefined || typeof canonicalization !== 'string') {
    throw badOption('canonicalization', 'is not known', `Give one of ${[...FORMS.keys()].join(', ')}.`);
  }
  return {
    domain,
    selector,
    keyObject,
    algorithm,
    canonicalization,
    ...forms,
    choice: checkedChoice(given),
    expiresInSeconds: checkedExpiry(given['expiresInMs']),
    warnings,
  };
}

function refuseUnknown(given: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(given)) {
    if (PROPERTIES.has(name)) continue;
    const ours = OTHER_NAMES.get(name);
    throw badOption(
      JSON.stringify(name),
      'is not known',
      ours === undefined ? `A key has ${[...PROPERTIES].join(', ')}.` : `Here it is called ${ours}.`,
    );
  }
}

function checkedDomain(given: unknown, toAscii: ToAscii): string {
  const domain = typeof given === 'string' ? toAscii(given) : undefined;
  const labels = domain?.split('.') ?? [];
  if (domain !== undefined && labels.length > 1 && labels.every((label) => LABEL.test(label))) return domain;
  throw invalid(
    'ERR_INVALID_DKIM_DOMAIN',
    `the domain of a DKIM key, ${shown(given)}, is no domain name`,
    "Give the name alone, with its top-level domain and without a dot at its end: 'example.com'.",
  );
}

function checkedSelector(given: unknown, domain: string, toAscii: ToAscii): string {
  const selector = typeof given === 'string' ? toAscii(given) : undefined;
  if (selector?.split('.').every((label) => SELECTOR_LABEL.test(label)) !== true) {
    throw invalid(
      'ERR_INVALID_DKIM_SELECTOR',
      `the selector of a DKIM key, ${shown(given)}, is no part of a domain name`,
      "Give what stands in front of ._domainkey in the name of its DNS record: '2025a'.",
    );
  }
  if (`${selector}._domainkey.${domain}`.length > MAX_NAME_OCTETS) {
    throw invalid(
      'ERR_INVALID_DKIM_SELECTOR',
      `the name of the DNS record of selector and domain has more than ${String(MAX_NAME_OCTETS)} octets`,
      'Choose a shorter selector.',
    );
  }
  return selector;
}

function checkedChoice({ headerFields, oversign = true }: Readonly<Record<string, unknown>>): FieldChoice {
  const named = headerFields === undefined ? DEFAULT_SIGNED_FIELDS : checkedNames(headerFields, 'headerFields');
  if (typeof oversign === 'boolean') {
    return { signed: [...new Set(['from', ...named])], oversigned: oversign ? undefined : new Set() };
  }
  const closed = checkedNames(oversign, 'oversign');
  return { signed: [...new Set(['from', ...named, ...closed])], oversigned: new Set(closed) };
}

function checkedNames(given: unknown, option: string): string[] {
  const fault = (message: string, hint: string, header?: string): MessageError =>
    invalid('ERR_INVALID_DKIM_FIELDS', message, hint, header);
  if (!Array.isArray(given)) throw fault(`${option} is no list`, "Give names: ['From', 'To', 'Subject'].");
  const seen = new Set<string>();
  for (const name of given as readonly unknown[]) {
    if (typeof name !== 'string' || !FIELD_NAME.test(name)) {
      throw fault(`${shown(name)} in ${option} is no name of a header field`, 'Give it without the colon.');
    }
    const key = name.toLowerCase();
    if (isNeverSigned(key)) {
      throw fault(
        `${name} cannot be signed`,
        'It is removed, added or changed on the way, so that the signature would break.',
        name,
      );
    }
    if (seen.has(key)) {
      throw fault(
        `${name} stands twice in ${option}`,
        'Every field of a name is signed; to keep others from being added name it in oversign.',
        name,
      );
    }
    seen.add(key);
  }
  return [...seen];
}

function checkedExpiry(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'number' && given > 0 && given <= MAX_EXPIRES_IN_MS) return Math.ceil(given / 1000);
  throw badOption('expiresInMs', 'is no time in milliseconds', 'Give a number above 0: 7 * 24 * 3_600_000 is a week.');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Short, and never a key that was put into the wrong place. */
function shown(given: unknown): string {
  if (typeof given !== 'string') return given === null ? 'null' : `a value of type ${typeof given}`;
  return given.length > 100 || given.includes('-----') ? 'a long text' : JSON.stringify(given);
}

function badOption(option: string, fault: string, hint: string): MessageError {
  return invalid('ERR_INVALID_DKIM_OPTION', `the option ${option} of a DKIM key ${fault}`, hint);
}

function invalid(code: string, message: string, hint: string, header?: string): MessageError {
  return new MessageError(message, { code, hint, header });
}
