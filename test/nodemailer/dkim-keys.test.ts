import { DEFAULT_SIGNED_FIELDS } from '../../src/index.js';
import { dkimKeysOf } from '../../src/nodemailer/dkim-keys.js';

const key = { domainName: 'example.org', keySelector: 'k', privateKey: 'a key' };

it.each([undefined, null, false])('signs nothing for %p', (given) => {
  expect(dkimKeysOf(given)).toBeUndefined();
});

it('leaves the choice of the fields to the signature where nothing is said of them', () => {
  expect(dkimKeysOf(key)).toEqual([{ domain: 'example.org', selector: 'k', privateKey: 'a key' }]);
});

it('leaves out of the ordinary fields what is to be skipped, and nothing else', () => {
  const [given] = dkimKeysOf({ ...key, skipFields: 'Date: message-id' }) ?? [];
  expect(given?.headerFields).toEqual(DEFAULT_SIGNED_FIELDS.filter((name) => name !== 'date' && name !== 'message-id'));
  expect(given?.headerFields).toContain('resent-from');
});

it('signs the fields that are named, but for those to be skipped', () => {
  const [given] = dkimKeysOf({ ...key, headerFieldNames: 'From:To:Subject', skipFields: 'to' }) ?? [];
  expect(given).toMatchObject({ headerFields: ['from', 'subject'], oversign: ['from', 'subject'] });
});

it('gives each of several keys the same fields', () => {
  const keys = dkimKeysOf({ keys: [key, { ...key, keySelector: 'l' }], headerFieldNames: 'from' });
  expect(keys?.map(({ selector, headerFields }) => [selector, headerFields])).toEqual([
    ['k', ['from']],
    ['l', ['from']],
  ]);
});

it.each([
  ['a text', 'key'],
  ['a key without its domain', { keySelector: 'k', privateKey: 'a key' }],
  ['another hash', { ...key, hashAlgo: 'sha1' }],
  ['fields that are no text', { ...key, skipFields: ['date'] }],
])('refuses %s', (_name, given) => {
  expect(() => dkimKeysOf(given)).toThrow(expect.objectContaining({ code: 'ECONFIG' }) as Error);
});
