/**
 * Where to connect, parsed once: below this file a target is a host and a port, or a path, and nobody looks for colons again.
 */
import { isIP, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { MessageError, printable } from '../errors.js';

/** A host name or IP address (without brackets) and a port, or the path of a unix socket. */
export type Target = { readonly host: string; readonly port: number } | { readonly path: string };

/**
 * Parses what `connect(host, port)` was given.
 *
 * `mail.example:587` and `[::1]:587` are split; `::1` and `[::1]` are hosts; what begins with `/` is the path of a unix
 * socket. Port 0 means `defaultPort`, as in Python. A host name with non-ASCII letters becomes its A-labels (RFC 5890).
 * Throws MessageError, code `ERR_INVALID_TARGET`: nothing is trimmed or guessed, and a port is to be given once.
 */
export function parseTarget(host: string, port: number | undefined, defaultPort: number): Target {
  // Callers without types pass what they have.
  const given: unknown = host;
  if (typeof given !== 'string') {
    throw invalid(`the host must be text, not ${shown(given)}`, 'Give a host name, an IP address or a path.');
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw invalid(
      `the port must be a whole number from 1 to 65535, not ${shown(port)}`,
      'Give the port as a number; 0 means the default.',
    );
  }
  // eslint-disable-next-line no-control-regex -- refusing controls is the purpose
  if (/[\u0000-\u001f\u007f-\u009f]/.test(host)) {
    throw invalid(
      `the host ${shown(host)} holds a control character`,
      'Remove it: a line end there could forge a command or a log line.',
    );
  }
  if (host.startsWith('/')) {
    if (port !== undefined && port !== 0) {
      throw invalid(
        `the unix socket ${shown(host)} was given with port ${String(port)}`,
        'Leave the port out: a unix socket has none.',
      );
    }
    return { path: host };
  }
  const split = splitHost(host);
  const givenPort = split.port === undefined ? 0 : parsePort(split.port, host);
  if (port !== undefined && port !== 0) {
    if (split.port !== undefined) {
      throw invalid(`${shown(host)} names a port, and port ${String(port)} was given beside it`, 'Give the port once.');
    }
    return { host: split.host, port };
  }
  return { host: split.host, port: givenPort === 0 ? defaultPort : givenPort };
}

/** `mail.example:587`, `[::1]:587` or `/run/lmtp.sock`, for messages. */
export function describeTarget(target: Target): string {
  if ('path' in target) return printable(target.path);
  return `${isIPv6Literal(target.host) ? `[${target.host}]` : target.host}:${String(target.port)}`;
}

/** The expression of Node is compiled when it is first asked, which takes longer than all else here: most hosts have no colon. */
function isIPv6Literal(host: string): boolean {
  return host.includes(':') && isIPv6(host);
}

function splitHost(text: string): { host: string; port: string | undefined } {
  if (text.includes('://')) {
    throw invalid(
      `${shown(text)} is a URL, not a host`,
      'Give the URL to SMTP.connect() or to the Mailer, or the host name alone here.',
    );
  }
  if (isIPv6Literal(text)) return { host: text, port: undefined };
  const bracketed = /^\[([^[\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    const [, address = '', port] = bracketed;
    if (!isIPv6(address)) {
      throw invalid(
        `${shown(text)} holds no IPv6 address in its brackets`,
        'Write [::1]:587 for IPv6; names and IPv4 addresses need no brackets.',
      );
    }
    return { host: address, port };
  }
  const colon = text.indexOf(':');
  if (colon !== text.lastIndexOf(':')) {
    throw invalid(
      `${shown(text)} has more than one colon and is no IPv6 address`,
      'Write host:port, or [address]:port for IPv6.',
    );
  }
  const name = colon === -1 ? text : text.slice(0, colon);
  return { host: checkHostName(name, text), port: colon === -1 ? undefined : text.slice(colon + 1) };
}

function parsePort(digits: string, text: string): number {
  // Number() would also take blanks, signs and exponents.
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : NaN;
  if (!(port <= 65_535)) {
    throw invalid(
      `${shown(text)} has no port from 1 to 65535 behind its colon`,
      'Write host:port with decimal digits, or leave the colon out.',
    );
  }
  return port;
}

function checkHostName(name: string, text: string): string {
  const hint = 'Give a host name such as mail.example.com, or an IP address.';
  if (name === '') throw invalid(text === '' ? 'the host is empty' : `${shown(text)} has no host`, hint);
  // The underscore is no letter of RFC 952, but resolvers know such names, and container networks use them.
  const ascii = /^[\u0021-\u007e]*$/.test(name);
  const asciiPart = name.replace(/[\u0080-\u{10ffff}]/gu, '');
  if (!/^[A-Za-z0-9._-]*$/.test(asciiPart) || name.startsWith('.') || name.includes('..')) {
    throw invalid(`${shown(text)} is no host name`, hint);
  }
  if (ascii) return name;
  // domainToASCII reads full-width digits as an IPv4 address: a name must not turn into an address.
  const converted = domainToASCII(name);
  if (!/^[A-Za-z0-9._-]+$/.test(converted) || isIP(converted) !== 0) {
    throw invalid(`${shown(text)} is no internationalized host name`, hint);
  }
  return converted;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? printable(JSON.stringify(value)) : String(value);
}

function invalid(message: string, hint: string): MessageError {
  return new MessageError(message, { code: 'ERR_INVALID_TARGET', hint });
}
