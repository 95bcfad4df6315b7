/**
 * Which requests the web side answers. One rule: mail is shown to programs of this machine and to the inbox's own page, never to a
 * page of somebody else that a browser of this machine happens to have open.
 */
import { isIP } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';

export type Verdict =
  { readonly allowed: true; readonly host: string } | { readonly allowed: false; readonly why: string };

/**
 * @param isPage the request is for the page itself or its parts, which tell nothing: those may be reached by a link.
 * @param allowedHosts names beside `localhost`.
 */
export function judge(headers: IncomingHttpHeaders, isPage: boolean, allowedHosts: readonly string[]): Verdict {
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
  return { allowed: true, host };
}

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
