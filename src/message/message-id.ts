/** Message identifiers (RFC 5322 section 3.6.4): 128 random bits on the left, this host on the right, or what the caller gave. */
import { MessageError } from '../errors.js';
import { asBuffer, MAX_LINE_OCTETS } from '../octets/line-ends.js';
import type { MessageEnvironment } from './environment.js';

const RANDOM_OCTETS = 16;
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/;
/** Without the obsolete forms, and with UTF-8 as RFC 6532 section 3.3 allows. White space and controls stand nowhere. */
const MESSAGE_ID = /^<[^\s<>@\p{C}]+@[^\s<>@\p{C}]+>$/u;

export function makeMessageId({ randomBytes, hostname }: MessageEnvironment): string {
  const host = hostname();
  const left = asBuffer(randomBytes(RANDOM_OCTETS)).toString('hex');
  return `<${left}@${DOT_ATOM.test(host) ? host : 'localhost'}>`;
}

/** An identifier as it stands in a field; the angle brackets may be left out. Throws MessageError (`ERR_INVALID_MESSAGE_ID`). */
export function checkMessageId(given: string): string {
  if (typeof given !== 'string') {
    throw new MessageError(`a message identifier is text, not ${typeof given}`, {
      code: 'ERR_INVALID_MESSAGE_ID',
      hint: 'Give it as <left@right>.',
    });
  }
  const identifier = given.startsWith('<') ? given : `<${given}>`;
  if (MESSAGE_ID.test(identifier) && Buffer.byteLength(identifier) < MAX_LINE_OCTETS / 2) return identifier;
  throw new MessageError(`${JSON.stringify(given)} is no message identifier`, {
    code: 'ERR_INVALID_MESSAGE_ID',
    hint: 'Give it as <left@right>, without white space (RFC 5322 section 3.6.4).',
  });
}
