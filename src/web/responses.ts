/** How the web side answers: every answer carries the fields that keep it where it belongs. */
import type { ServerResponse } from 'node:http';
import type { ErrorJson } from './error-json.js';

/** On everything: nothing is cached, guessed, framed elsewhere, or told to other sites. */
export const COMMON_FIELDS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
};

/** For what is no page: nothing in it may run, wherever it is opened. */
export const NOTHING_RUNS = "default-src 'none'; sandbox; frame-ancestors 'none'";

/** For the page itself: its own files alone. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export function json(status: number, value: object): Answer {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-security-policy': NOTHING_RUNS };
  return { status, headers, body: JSON.stringify(value) };
}

export function failure(status: number, code: string, message: string, hint?: string): Answer {
  const error: ErrorJson['error'] = hint === undefined ? { code, message } : { code, message, hint };
  return json(status, { error } satisfies ErrorJson);
}

export function octets(body: Uint8Array, disposition: string, type = 'application/octet-stream'): Answer {
  return {
    status: 200,
    headers: { 'content-type': type, 'content-disposition': disposition, 'content-security-policy': NOTHING_RUNS },
    body,
  };
}

/** `withBody: false` answers a HEAD. */
export function send(response: ServerResponse, { status, headers, body }: Answer, withBody = true): void {
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, { ...COMMON_FIELDS, ...headers, 'content-length': length });
  if (withBody) response.end(body);
  else response.end();
}
