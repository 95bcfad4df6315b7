/** Hosts to listen on, as words: what may be one, how it stands in a URL, and who gets in by it. */
import { isIP } from 'node:net';

const HOST_NAME = /^(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*$/i;

/** An address, or a name, without a port. */
export function isHost(value: unknown): value is string {
  return typeof value === 'string' && (isIP(value) !== 0 || (value.length <= 253 && HOST_NAME.test(value)));
}

/** An address or name as it stands in a URL. */
export function hostInUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

/** The same, to connect to: an address that means all of this machine's is none. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return hostInUrl(host === '::' ? '::1' : host);
}

/** Whether nobody but this machine gets in. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
}

/** Why a server could not listen, from the error of its socket. */
export function whyNotListening(cause: unknown): { readonly why: string; readonly portInUse: boolean } {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return { why: 'the port is in use', portInUse: true };
  return { why: code === 'EACCES' ? 'that is not permitted' : (code ?? String(cause)), portInUse: false };
}
