/**
 * What is known of each ESMTP parameter: its verb, its extension, and its value. `encode` takes what the caller means, `check`
 * what stands on the wire; both give the wire form, or a sentence why not.
 */
import { decodeUtf8Xtext, decodeXtext, encodeUtf8Xtext, encodeXtext } from './xtext.js';

export type ParameterVerb = 'MAIL' | 'RCPT';

/** What the server said it can do (RFC 5321 section 4.1.1.1). Keywords in any case. */
export interface Offers {
  has(keyword: string): boolean;
  params(keyword: string): string | undefined;
}

export type Checked = { readonly wire: string } | { readonly fault: string };

export interface KnownParameter {
  readonly verb: ParameterVerb;
  /** All of them must be offered. */
  readonly extensions: readonly string[] | ((wire: string) => readonly string[]);
  /** Undefined: the parameter has no value. */
  readonly value?: { readonly encode: (text: string) => Checked; readonly check: (wire: string) => Checked };
  /** Why this server, though it has the extension, will not take the value; undefined when it will. */
  readonly limit?: (wire: string, offers: Offers) => string | undefined;
}

/** RFC 3461 section 4: what a server must be able to take. */
const MAX_ENVID_CHARACTERS = 100;
const MAX_ORCPT_CHARACTERS = 500;

const fault = (text: string): Checked => ({ fault: text });

function same(check: (text: string) => Checked): NonNullable<KnownParameter['value']> {
  return { encode: check, check };
}

function oneOf(...words: readonly string[]): NonNullable<KnownParameter['value']> {
  return same((text) => {
    const wire = text.toUpperCase();
    return words.includes(wire) ? { wire } : fault(`must be ${words.join(' or ')}`);
  });
}

function matching(pattern: RegExp, what: string): NonNullable<KnownParameter['value']> {
  return same((text) => (pattern.test(text) ? { wire: text } : fault(`must be ${what}`)));
}

/** RFC 3461 section 4.1. */
function checkNotify(text: string): Checked {
  const wire = text.toUpperCase();
  const words = wire.split(',');
  if (wire === 'NEVER') return { wire };
  const known = words.every((word) => ['SUCCESS', 'FAILURE', 'DELAY'].includes(word));
  if (!known || new Set(words).size !== words.length)
    return fault('must be NEVER, or SUCCESS, FAILURE and DELAY, each once');
  return { wire };
}

/** RFC 3461 section 4.4. */
function checkEnvid(wire: string): Checked {
  const text = decodeXtext(wire);
  if (text === undefined) return fault('must be xtext');
  if (!/^[ -~]+$/.test(text)) return fault('must be printable ASCII, at least one character');
  if (wire.length > MAX_ENVID_CHARACTERS)
    return fault(`must have ${String(MAX_ENVID_CHARACTERS)} characters at most when encoded`);
  return { wire };
}

/** RFC 3461 section 4.2, RFC 6533 section 3. */
function checkOrcpt(wire: string): Checked {
  const [type, address] = splitOrcpt(wire);
  if (type === undefined || address === undefined)
    return fault('must be a type, a semicolon and an address: rfc822;user@example.com');
  const text = type.toLowerCase() === 'utf-8' ? decodeUtf8Xtext(address) : decodeXtext(address);
  if (text === undefined || text === '') return fault('must have its address encoded as xtext');
  if (type.toLowerCase() !== 'utf-8' && !/^[ -~]+$/.test(text))
    return fault('must have the type utf-8 for an address that is not printable ASCII');
  if (Buffer.byteLength(wire) > MAX_ORCPT_CHARACTERS)
    return fault(`must have ${String(MAX_ORCPT_CHARACTERS)} characters at most when encoded`);
  return { wire };
}

function encodeOrcpt(text: string): Checked {
  const [type, address] = splitOrcpt(text);
  if (type === undefined || address === undefined) return checkOrcpt(text);
  return checkOrcpt(`${type};${type.toLowerCase() === 'utf-8' ? encodeUtf8Xtext(address) : encodeXtext(address)}`);
}

/** addr-type is an atom of RFC 5322. */
function splitOrcpt(text: string): [type?: string, address?: string] {
  const [, type, address] = /^([A-Za-z0-9!#$%&'*+/?^_`{|}~-]+);(.*)$/su.exec(text) ?? [];
  return type === undefined || address === undefined ? [] : [type, address];
}

/** RFC 4954 section 5: a mailbox as xtext, or `<>` when it is not known. */
function checkAuth(wire: string): Checked {
  if (wire === '<>') return { wire };
  const text = decodeXtext(wire);
  return text !== undefined && /^[!-~]+$/.test(text) ? { wire } : fault('must be <> or an ASCII mailbox as xtext');
}

/** RFC 2852 section 4: `R` (return) needs a time ahead. */
function checkBy(text: string): Checked {
  const wire = text.toUpperCase();
  const [, seconds, mode] = /^([+-]?[0-9]{1,9});([NR])T?$/.exec(wire) ?? [];
  if (seconds === undefined) return fault('must be seconds, a semicolon and N or R, and T for a trace: 120;R');
  if (mode === 'R' && Number(seconds) <= 0) return fault('must have more than 0 seconds with R');
  return { wire };
}

function byLimit(wire: string, offers: Offers): string | undefined {
  const shortest = /^[0-9]{1,9}$/.exec(offers.params('DELIVERBY')?.trim() ?? '')?.[0];
  const [, seconds, mode] = /^([+-]?[0-9]+);([NR])/.exec(wire) ?? [];
  if (shortest === undefined || mode !== 'R' || Number(seconds) >= Number(shortest)) return undefined;
  return `the server takes ${shortest} seconds at least`;
}

/** RFC 3339 section 5.6, in UTC or with an offset. */
function checkHoldUntil(text: string): Checked {
  const wire = text.toUpperCase();
  const wellFormed =
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})$/.test(wire);
  return wellFormed && !Number.isNaN(Date.parse(wire)) ? { wire } : fault('must be a time as in 2030-01-31T08:00:00Z');
}

/** RFC 4865 section 4: `FUTURERELEASE max-interval max-date-time`. */
function holdForLimit(wire: string, offers: Offers): string | undefined {
  const longest = /^[0-9]{1,9}/.exec(offers.params('FUTURERELEASE')?.trim() ?? '')?.[0];
  return longest === undefined || Number(wire) <= Number(longest)
    ? undefined
    : `the server holds ${longest} seconds at most`;
}

function holdUntilLimit(wire: string, offers: Offers): string | undefined {
  const latest = offers.params('FUTURERELEASE')?.trim().split(/\s+/)[1] ?? '';
  return Date.parse(wire) > Date.parse(latest) ? `the server holds until ${latest} at most` : undefined;
}

const DSN = ['DSN'];

export const KNOWN_PARAMETERS: ReadonlyMap<string, KnownParameter> = new Map<string, KnownParameter>([
  ['SIZE', { verb: 'MAIL', extensions: ['SIZE'], value: matching(/^[0-9]{1,20}$/, 'a number of octets') }],
  [
    'BODY',
    {
      verb: 'MAIL',
      // RFC 6152 defines 7BIT along with 8BITMIME; RFC 3030 section 3 wants CHUNKING beside BINARYMIME.
      extensions: (wire) => (wire === 'BINARYMIME' ? ['BINARYMIME', 'CHUNKING'] : ['8BITMIME']),
      value: oneOf('7BIT', '8BITMIME', 'BINARYMIME'),
    },
  ],
  ['SMTPUTF8', { verb: 'MAIL', extensions: ['SMTPUTF8'] }],
  ['REQUIRETLS', { verb: 'MAIL', extensions: ['REQUIRETLS'] }],
  ['RET', { verb: 'MAIL', extensions: DSN, value: oneOf('FULL', 'HDRS') }],
  [
    'ENVID',
    { verb: 'MAIL', extensions: DSN, value: { encode: (text) => checkEnvid(encodeXtext(text)), check: checkEnvid } },
  ],
  [
    'AUTH',
    {
      verb: 'MAIL',
      extensions: ['AUTH'],
      value: { encode: (text) => checkAuth(text === '<>' ? text : encodeXtext(text)), check: checkAuth },
    },
  ],
  ['BY', { verb: 'MAIL', extensions: ['DELIVERBY'], value: same(checkBy), limit: byLimit }],
  // RFC 6710 section 3.
  [
    'MT-PRIORITY',
    { verb: 'MAIL', extensions: ['MT-PRIORITY'], value: matching(/^(?:-?[1-9]|0)$/, 'a number from -9 to 9') },
  ],
  [
    'HOLDFOR',
    {
      verb: 'MAIL',
      extensions: ['FUTURERELEASE'],
      value: matching(/^[1-9][0-9]{0,8}$/, 'a number of seconds from 1 to 999999999'),
      limit: holdForLimit,
    },
  ],
  ['HOLDUNTIL', { verb: 'MAIL', extensions: ['FUTURERELEASE'], value: same(checkHoldUntil), limit: holdUntilLimit }],
  ['NOTIFY', { verb: 'RCPT', extensions: DSN, value: same(checkNotify) }],
  ['ORCPT', { verb: 'RCPT', extensions: DSN, value: { encode: encodeOrcpt, check: checkOrcpt } }],
]);
