// Signatures as Debian's python3-dkim sees them: at once, after a resending, and when an octet was changed.
import { generateKeyPairSync } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Message, MessageError, signDkim } from '../../src/index.js';
import { dnsRecord, type TestKey } from '../support/dkim-verifier.js';
import { Jail } from './jail.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/messages');
const RESENDING = { from: 'rita@example.net', to: 'carol@example.org', bcc: 'secret@example.org' };

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const keys: readonly TestKey[] = (
  ['relaxed/relaxed', 'relaxed/simple', 'simple/relaxed', 'simple/simple'] as const
).flatMap((canonicalization) =>
  [rsa, ed25519].map((privateKey) => ({
    domain: 'example.com',
    selector: `${privateKey.asymmetricKeyType ?? ''}-${canonicalization.replace('/', '-')}`,
    privateKey,
    canonicalization,
  })),
);

/** A line that is no field, and a message that ends with its header block, are beyond this verifier. */
const notLookedAt = ['bcc-in-every-form.eml', 'header-only.eml', 'header-only-without-line-end.eml'];

async function verdictsOf(messages: ReadonlyMap<string, Uint8Array>): Promise<Record<string, string[]>> {
  return await Jail.open('dkim', async (jail) => {
    await jail.makeDirectory('/mail');
    for (const [file, octets] of messages) await writeFile(jail.path(`/mail/${file}`), octets);
    await jail.write('/srv/dkim-verifier.py', await readFile(join(import.meta.dirname, 'dkim-verifier.py'), 'utf8'));
    const records = Object.fromEntries(
      keys.map(({ domain, selector, privateKey }) => [`${selector}._domainkey.${domain}`, dnsRecord(privateKey)]),
    );
    const printed = await jail.run('/usr/bin/python3', '/srv/dkim-verifier.py', JSON.stringify(records));
    await jail.destroy();
    return JSON.parse(printed) as Record<string, string[]>;
  });
}

it('python3-dkim takes the signatures of fixtures and of a new message, also when they were resent', async () => {
  const signed = new Map<string, Message>();
  for (const file of await readdir(FIXTURES)) {
    if (notLookedAt.includes(file)) continue;
    try {
      signed.set(file, await signDkim(Message.parse(await readFile(join(FIXTURES, file))), keys));
    } catch (error) {
      // What cannot be sent cannot be signed; test/client/sign-message.test.ts names each.
      if (!(error instanceof MessageError)) throw error;
    }
  }
  const attachments = [{ content: Buffer.alloc(5000, 'x'), filename: 'gr\u00fc\u00dfe.bin' }];
  const composed = {
    from: 'a@example.com',
    to: 'b@example.org',
    subject: 'gr\u00fc\u00dfe',
    text: ' \n.caf\u00e9 \n\n',
  };
  signed.set('composed.eml', await signDkim(Message.compose({ ...composed, attachments }), keys));
  const messages = new Map<string, Uint8Array>();
  for (const [file, message] of signed) {
    messages.set(file, await message.toBytes());
    messages.set(`resent-${file}`, await message.resend(RESENDING).toBytes());
  }
  const verdicts = await verdictsOf(messages);
  const pass = keys.map(() => 'pass');
  expect(verdicts).toEqual(Object.fromEntries([...messages.keys()].map((file) => [file, pass])));
  expect(messages.size).toBeGreaterThan(25);
});

it('python3-dkim refuses what was changed', async () => {
  const signed = await signDkim(Message.parse('From: a@example.com\nSubject: hi\n\nhello\n'), keys);
  const octets = Buffer.from(await signed.toBytes()).toString();
  const verdicts = await verdictsOf(
    new Map([
      ['body.eml', Buffer.from(octets.replace('hello', 'hallo'))],
      ['field.eml', Buffer.from(octets.replace('Subject: hi', 'Subject: ho'))],
      ['added.eml', Buffer.from(octets.replace('Subject: hi', 'Subject: hi\r\nReply-To: eve@example.org'))],
    ]),
  );
  expect(new Set(Object.values(verdicts).flat())).toEqual(new Set(['fail', 'ValidationError']));
});
