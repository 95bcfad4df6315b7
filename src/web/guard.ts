/**
 * Which requests a page's server answers. One rule: it obeys programs of this machine and its own page, never a page of somebody
 * else that a browser of this machine happens to have open.
 */
import { isIP } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';

export type Verdict =
  { readonly allowed: true; readonly host: string } | { readonly allowed: false; readonly why: string };

export interface Asked {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** It is for the page itself or its parts, which tell nothing: those may be reached by a link. */
  readonly isPage: boolean;
}

/** `allowedHosts`: names beside `localhost`. */
export function judge({ method, headers, isPage }: Asked, allowedHosts: readonly string[]): Verdict {
  const { host } = headers;
  // DNS rebinding: a name of somebody else's that was made to point here. An address cannot be made to point anywhere.
  if (host === undefined || !isOurs(host, allowedHosts)) {
    return refuse(
      'the Host field names another server; ask for it by its address, or allow the name with --allow-host',
    );
  }
  if (isPage) return { allowed: true, host };
  // Every browser of today says where a request comes from; what is no browser says nothing and is trusted.
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return refuse('the request comes from another site');
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}`)
    return refuse('the request comes from a page of another origin');
  // A browser lets any page post a form here, and says less about itself when the address is not of this machine. JSON it lets a
  // foreign page post only after it has asked, which is never granted.
  if (method === 'POST' && !JSON_TYPE.test(headers['content-type'] ?? ''))
    return refuse('what changes something is posted as JSON; give Content-Type: application/json');
  return { allowed: true, host };
}

const JSON_TYPE = /^application\/json(?:;|$)/i;
const HOST_FIELD = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i;

function isOurs(field: string, allowedHosts: readonly string[]): boolean {
  const name = HOST_FIELD.exec(field)?.[1]?.toLowerCase();
  if (name === undefined) return false;
  if (name.startsWith('[')) return isIP(name.slice(1, -1)) === 6;
  if (isIP(name) === 4 || name === 'localhost' || name.endsWith('.localhost')) return true;
  return allowedHosts.some((allowed) => allowed.toLowerCase() === name);
}

function refuse(why: string): Verdict {
  return { allowed: false, why };
}
