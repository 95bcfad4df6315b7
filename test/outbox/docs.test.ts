/** Every snippet of docs/outbox.md compiles and does what it says; every test that it names exists, and every option and code is in it. */
import { jest } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mailer } from '../../src/index.js';
import { OUTBOX_STATES } from '../../src/outbox/counts.js';
import { Outbox } from '../../src/outbox/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { compilerSays, runSnippet, snippetsOf, type Snippet } from '../support/snippets.js';
import { temporaryFolder } from './folder.js';

const root = join(import.meta.dirname, '../..');
const snippets = snippetsOf('docs/outbox.md');
const text = readFileSync(join(root, 'docs/outbox.md'), 'utf8');

async function printedBy(
  snippet: Snippet | undefined,
  more: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  if (snippet === undefined) throw new Error('docs/outbox.md has lost a snippet');
  const printed: unknown[][] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((...words) => {
    printed.push(words);
  });
  const { env } = process;
  process.env = { ...env, ...more };
  try {
    await runSnippet(snippet);
  } finally {
    process.env = env;
    log.mockRestore();
  }
  return printed;
}

describe('the snippets of docs/outbox.md', () => {
  it('are two, and compile under strict settings', () => {
    expect(snippets).toHaveLength(2);
    expect(compilerSays(snippets)).toEqual([]);
  }, 60_000);

  it('take a message in, send it, and once for one key', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const OUTBOX = temporaryFolder();
    const printed = await printedBy(snippets[0], { SMTP_URL: server.url, OUTBOX });
    expect(printed).toEqual([['queued', true], ['sent']]);
    await printedBy(snippets[0], { SMTP_URL: server.url, OUTBOX });
    expect(server.messages).toHaveLength(1);
  });

  it('give up what is held', async () => {
    const OUTBOX = temporaryFolder();
    {
      await using server = await ScriptedServer.start({ behave: { on: { final: '(close)' } } });
      await using mailer = new Mailer(server.url);
      await using outbox = await Outbox.open({ mailer, store: OUTBOX });
      await outbox.enqueue({ from: 'a@example.org', to: 'b@example.org', text: 'x' });
      await outbox.start();
      await outbox.drain();
    }
    const [line, counts] = (await printedBy(snippets[1], { OUTBOX })) as unknown[][];
    expect(line?.[1]).toContain('closed');
    expect(counts?.[0]).toMatchObject({ unknown: 0, cancelled: 1 });
    expect(counts?.[1]).toBe(0);
  });
});

describe('docs/outbox.md', () => {
  it('names tests that there are', () => {
    const folders = ['test/outbox', 'test/outbox/crash', 'test/interop'].map((folder) => join(root, folder));
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { withFileTypes: true }).flatMap((file) => (file.isFile() ? [join(folder, file.name)] : [])),
    );
    const tests = files.map((file) => readFileSync(file, 'utf8').replaceAll("\\'", "'")).join('\n');
    const rows = text.split('\n').filter((line) => /^\| [a-j] \|/.test(line));
    expect(rows).toHaveLength(10);
    const named = rows.flatMap((row) =>
      [...(row.split(' | ').at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !tests.includes(name))).toEqual([]);
  });

  it('says what every state, every code and every option is', () => {
    const sources = ['outbox-error.ts', 'options.ts'].map((name) =>
      readFileSync(join(root, 'src/outbox', name), 'utf8'),
    );
    const [errors = '', options = ''] = sources;
    const codes = new Set(errors.match(/ERR_OUTBOX_\w+/g));
    const names = [...options.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name = '']) => name);
    for (const word of [...OUTBOX_STATES, ...codes]) expect(text).toContain(`\`${word}\``);
    const known = new Set(['message', 'store', 'retry', 'bufferSize', 'state', 'after', 'limit', 'states', 'olderThanMs', 'mailer', 'concurrency']); // prettier-ignore
    expect(names.filter((name) => !known.has(name) && !text.includes(name))).toEqual([]);
  });
});
