/** Every snippet of docs/dkim.md compiles and does what it says, and the document names what there is. */
import { jest } from '@jest/globals';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SIGNED_FIELDS } from '../../src/dkim/signed-fields.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { dnsRecord, verify, type TestKey } from '../support/dkim-verifier.js';
import { compilerSays, runSnippet, snippetsOf, type Snippet } from '../support/snippets.js';

const snippets = snippetsOf('docs/dkim.md');
const text = readFileSync(join(import.meta.dirname, '../../docs/dkim.md'), 'utf8');

let folder: string;
let keys: readonly TestKey[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthaste-'));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(folder, 'dkim.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  keys = [{ domain: 'example.com', selector: '2025a', privateKey }];
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function arrived(snippet: Snippet | undefined, args: readonly string[] = []): Promise<Buffer> {
  if (snippet === undefined) throw new Error('docs/dkim.md has lost a snippet');
  await using server = await ScriptedServer.start({ behave: {} });
  const { argv, env } = process;
  process.argv = ['node', 'snippet', ...args];
  process.env = { ...env, SMTP_URL: server.url, DKIM_KEY: join(folder, 'dkim.pem') };
  try {
    await runSnippet(snippet);
  } finally {
    process.argv = argv;
    process.env = env;
  }
  return server.messages[0]?.content ?? Buffer.alloc(0);
}

describe('the snippets of docs/dkim.md', () => {
  it('are three, and compile under strict settings', () => {
    expect(snippets).toHaveLength(3);
    expect(compilerSays(snippets)).toEqual([]);
  }, 60_000);

  it('make two keys that only their owner may read, and print the records of their public halves', async () => {
    const [snippet] = snippets;
    if (snippet === undefined) throw new Error('docs/dkim.md has lost a snippet');
    const printed: unknown[] = [];
    const log = jest.spyOn(console, 'log').mockImplementation((line) => {
      printed.push(line);
    });
    const before = process.cwd();
    process.chdir(folder);
    try {
      await runSnippet(snippet);
    } finally {
      process.chdir(before);
      log.mockRestore();
    }
    const made = ['dkim-rsa.pem', 'dkim-ed25519.pem'].map((file) => join(folder, file));
    expect(printed).toEqual(made.map((file) => dnsRecord(createPrivateKey(readFileSync(file)))));
    expect(made.map((file) => statSync(file).mode & 0o077)).toEqual([0, 0]);
  });

  it('sign what is sent', async () => {
    const content = await arrived(snippets[1]);
    expect(content.toString()).toMatch(/^DKIM-Signature: /);
    expect(await verify(content, keys)).toEqual(['pass']);
  });

  it('sign a message from a file, and resend it', async () => {
    const path = join(folder, 'message.eml');
    writeFileSync(path, 'From: ann@example.com\nTo: bob@example.org\nSubject: hi\n\nhello\n');
    const content = await arrived(snippets[2], [path]);
    expect(content.toString()).toMatch(/^Resent-/);
    expect(await verify(content, keys)).toEqual(['pass']);
  });
});

describe('docs/dkim.md', () => {
  it('names every option of a key, and every field that is signed by default', () => {
    for (const option of [
      'domain',
      'selector',
      'privateKey',
      'passphrase',
      'canonicalization',
      'headerFields',
      'oversign',
      'expiresInMs',
    ]) {
      expect(text).toContain(`| \`${option}\` |`);
    }
    const named = DEFAULT_SIGNED_FIELDS.filter((name) => !/^(?:resent|list)-/.test(name));
    expect(named.filter((name) => !text.toLowerCase().includes(name))).toEqual([]);
  });
});
