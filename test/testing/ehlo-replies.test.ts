/** The client reads in the EHLO replies of fixtures/replies/ehlo what these servers announce. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LMTP, SMTP } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';

const folder = join(import.meta.dirname, '../../fixtures/replies/ehlo');

/** Keywords in lower case, with a parameter where there is one. */
const announced: Readonly<Record<string, string>> = {
  'amazon-ses': '8bitmime starttls auth(PLAIN LOGIN) ok',
  'dovecot-lmtp': '8bitmime chunking enhancedstatuscodes pipelining smtputf8',
  'exchange-online':
    'size(157286400) pipelining dsn enhancedstatuscodes starttls auth(LOGIN XOAUTH2) 8bitmime binarymime chunking smtputf8',
  exim: 'size(52428800) 8bitmime pipelining pipeconnect chunking starttls smtputf8 help',
  gmail: 'size(35882577) 8bitmime starttls enhancedstatuscodes pipelining chunking smtputf8',
  'old-style-auth': 'auth(LOGIN PLAIN CRAM-MD5) size(0)',
  opensmtpd: '8bitmime enhancedstatuscodes size(36700160) dsn help',
  postfix: 'pipelining size(10240000) vrfy etrn starttls enhancedstatuscodes 8bitmime dsn smtputf8 chunking',
};

describe('the EHLO reply of', () => {
  const files = readdirSync(folder).sort();

  it('each file is known', () => {
    expect(files).toEqual(
      Object.keys(announced)
        .sort()
        .map((name) => `${name}.txt`),
    );
  });

  it.each(Object.entries(announced))('%s', async (name, expected) => {
    const bytes = readFileSync(join(folder, `${name}.txt`));
    const lmtp = name.endsWith('lmtp');
    for (const chunk of [undefined, 1]) {
      await using server = await ScriptedServer.start(
        { behave: { on: { EHLO: bytes, LHLO: bytes } } },
        { protocol: lmtp ? 'lmtp' : 'smtp', listen: false, ...(chunk === undefined ? {} : { chunk }) },
      );
      await using client = new (lmtp ? LMTP : SMTP)({ host: 'localhost', connector: server.connector });
      await client.connect();
      await client.ehlo();
      const read = [...client.esmtpFeatures].map(([key, value]) => (value === '' ? key : `${key}(${value})`));
      expect(read.join(' ')).toBe(expected);
      expect(client.doesEsmtp).toBe(true);
    }
  });
});
