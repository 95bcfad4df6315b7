/** Signatures as another implementation sees them: mailauth verifies, and gets the public keys from here instead of DNS. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import type { DkimKey } from '../../src/index.js';

/** The key record of RFC 6376 section 3.6.1; of Ed25519 the bare key (RFC 8463 section 4). */
export function dnsRecord(privateKey: KeyObject): string {
  const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return privateKey.asymmetricKeyType === 'ed25519'
    ? `v=DKIM1; k=ed25519; p=${der.subarray(-32).toString('base64')}`
    : `v=DKIM1; k=rsa; p=${der.toString('base64')}`;
}

/** A key of which the record can be told. */
export type TestKey = DkimKey & { readonly privateKey: KeyObject };

export interface Verdict {
  /** `pass`; for a changed body `neutral`, for a changed header `fail`: RFC 8601 section 2.7.1. */
  readonly result: string;
  readonly selector: string;
  readonly comment: string;
}

/** What the verifier says about each signature, from the topmost on. A selector without a key in `keys` has no record. */
export async function verdicts(message: Uint8Array, keys: readonly TestKey[], at?: Date): Promise<readonly Verdict[]> {
  const records = new Map(
    keys.map(({ domain, selector, privateKey }) => [`${selector}._domainkey.${domain}`, dnsRecord(privateKey)]),
  );
  const { results } = await dkimVerify(Buffer.from(message), {
    ...(at === undefined ? {} : { curTime: at }),
    resolver: (name) => {
      const record = records.get(name);
      if (record !== undefined) return Promise.resolve([[record]]);
      return Promise.reject(Object.assign(new Error(`no record at ${name}`), { code: 'ENOTFOUND' }));
    },
  });
  return results.map(({ selector, status }) => ({
    result: status.result,
    selector: selector ?? '',
    comment: status.comment ?? '',
  }));
}

/** The results alone: `['pass', 'pass']`. */
export async function verify(message: Uint8Array, keys: readonly TestKey[], at?: Date): Promise<readonly string[]> {
  return (await verdicts(message, keys, at)).map(({ result }) => result);
}
