/** DKIM keys in nodemailer's words. One rule: what is left out of a signature is left out because the options name it. */
import { DEFAULT_SIGNED_FIELDS, type DkimKey } from '../index.js';
import { configError } from './nodemailer-error.js';
import { isRecord, kindOf, listOf } from './own-keys.js';

/**
 * Undefined: nothing is to be signed.
 *
 * @throws NodemailerError: `ECONFIG`.
 */
export function dkimKeysOf(given: unknown): readonly DkimKey[] | undefined {
  if (given === undefined || given === null || given === false) return undefined;
  if (!isRecord(given)) throw configError(`dkim is ${kindOf(given)}`, 'Give { domainName, keySelector, privateKey }.');
  const { hashAlgo } = given;
  if (hashAlgo !== undefined && hashAlgo !== 'sha256' && hashAlgo !== 'SHA256') {
    throw configError(
      `dkim.hashAlgo ${JSON.stringify(hashAlgo)} is not offered`,
      'It is sha256: RFC 8301 forbids the other.',
    );
  }
  const fields = fieldsOf(given);
  const keys = given['keys'] === undefined ? [given] : listOf(given['keys']);
  return keys.map((key) => ({ ...keyOf(key), ...fields }));
}

function keyOf(key: unknown): DkimKey {
  const { domainName, keySelector, privateKey } = isRecord(key) ? key : {};
  if (typeof domainName !== 'string' || typeof keySelector !== 'string') {
    throw configError(
      'a DKIM key has no domainName or no keySelector',
      'Give { domainName, keySelector, privateKey }.',
    );
  }
  const named = { domain: domainName, selector: keySelector };
  if (isRecord(privateKey) && 'key' in privateKey) {
    const { key: pem, passphrase } = privateKey;
    return {
      ...named,
      privateKey: pem as DkimKey['privateKey'],
      ...(typeof passphrase === 'string' ? { passphrase } : {}),
    };
  }
  return { ...named, privateKey: privateKey as DkimKey['privateKey'] };
}

function fieldsOf(given: Readonly<Record<string, unknown>>): Pick<DkimKey, 'headerFields' | 'oversign'> {
  const named = names(given['headerFieldNames']);
  const skipped = new Set(names(given['skipFields']));
  if (named.length === 0 && skipped.size === 0) return {};
  const headerFields = (named.length === 0 ? DEFAULT_SIGNED_FIELDS : named).filter((name) => !skipped.has(name));
  return { headerFields, oversign: ['from', 'subject'].filter((name) => headerFields.includes(name)) };
}

function names(given: unknown): readonly string[] {
  if (given === undefined || given === null || given === false || given === '') return [];
  if (typeof given !== 'string') throw configError(`the DKIM fields are ${kindOf(given)}`, "Give 'from:to:subject'.");
  return [
    ...new Set(
      given
        .toLowerCase()
        .split(':')
        .map((name) => name.trim()),
    ),
  ].filter((name) => name !== '');
}
