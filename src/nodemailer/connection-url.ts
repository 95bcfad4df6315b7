/**
 * A transport as a URL: `smtps://user:password@host:465/?pool=true&tls.servername=name`. One rule: what it says becomes an option of the
 * same name, so that nothing can be said in a URL alone. No error shows a password.
 */
import { configError } from './nodemailer-error.js';

const SECURE: Readonly<Record<string, boolean>> = { 'smtp:': false, 'smtps:': true };

/** @throws NodemailerError: `ECONFIG`. */
export function optionsOfUrl(text: string): Record<string, unknown> {
  const url = parsed(text);
  const secure = Object.hasOwn(SECURE, url.protocol) ? SECURE[url.protocol] : undefined;
  if (secure === undefined) {
    throw configError(`the URL scheme ${JSON.stringify(url.protocol)} is not known`, 'The schemes are smtp and smtps.');
  }
  const options: Record<string, unknown> = { secure };
  // The brackets around an IPv6 address belong to the URL.
  if (url.hostname !== '') options['host'] = decoded(url.hostname).replace(/^\[(.*)\]$/, '$1');
  if (url.port !== '') options['port'] = Number(url.port);
  if (url.username !== '' || url.password !== '') {
    options['auth'] = { user: decoded(url.username), pass: decoded(url.password) };
  }
  const tls: Record<string, unknown> = {};
  for (const [name, value] of url.searchParams) {
    const place = name.startsWith('tls.') ? tls : options;
    const key = name.replace(/^tls\./, '');
    if (key.includes('.'))
      throw configError(`the option ${JSON.stringify(name)} of the URL is not known`, 'Only tls has parts.');
    // What the front of the URL says is not replaced by what stands behind it.
    if (!Object.hasOwn(place, key) && key !== '__proto__') place[key] = valueOf(value);
  }
  return Object.keys(tls).length === 0 ? options : { ...options, tls };
}

function parsed(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw configError(
      'the URL has no form like smtp://user:password@host:port',
      'Percent-encode special characters in user and password.',
    );
  }
}

function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw configError('the URL has a percent sign without two hexadecimal digits', 'Write a percent sign as %25.');
  }
}
