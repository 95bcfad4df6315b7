// Bearer tokens (RFC 7519) that the servers of the tests accept for XOAUTH2 and OAUTHBEARER.
import { createHmac } from 'node:crypto';
import { USER } from '../mailboxes.js';

export const TOKEN_KEY = Buffer.from('a key that signs the access tokens of the interop tests');

/** A token for the user of the tests that is good for an hour. */
export function accessToken(): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const head = encode({ alg: 'HS256', typ: 'JWT', kid: 'default' });
  const claims = encode({ sub: USER, iat: nowSeconds - 60, nbf: nowSeconds - 60, exp: nowSeconds + 3600 });
  return `${head}.${claims}.${sign(`${head}.${claims}`)}`;
}

/** Whether the token was made by `accessToken`. */
export function isAccessToken(token: string): boolean {
  const [head = '', claims = '', signature = ''] = token.split('.');
  return signature === sign(`${head}.${claims}`);
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function sign(text: string): string {
  return createHmac('sha256', TOKEN_KEY).update(text).digest('base64url');
}
