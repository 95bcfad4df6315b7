/** The programs of docs/coming-from-nodemailer.md run, and every name that it says is there is there. */
import { jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTransport, NodemailerError } from '../src/nodemailer/index.js';
import { ScriptedServer } from '../src/testing/index.js';
import { compilerSays, runSnippet, snippetsOf } from './support/snippets.js';

const root = join(import.meta.dirname, '..');
const document = 'docs/coming-from-nodemailer.md';
const text = readFileSync(join(root, document), 'utf8');
const [program, composing] = snippetsOf(document);

async function printed(snippet: typeof program, env: NodeJS.ProcessEnv): Promise<string> {
  if (snippet === undefined) throw new Error('the document has lost a program');
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
    lines.push(words.join(' '));
  });
  const error = jest.spyOn(console, 'error').mockImplementation((...words: unknown[]) => {
    lines.push(words.join(' '));
  });
  const before = process.env;
  process.env = { ...before, ...env };
  try {
    await runSnippet(snippet);
  } finally {
    process.env = before;
    log.mockRestore();
    error.mockRestore();
  }
  return lines.join('\n');
}

it('the programs compile', () => {
  expect(compilerSays(snippetsOf(document))).toEqual([]);
}, 60_000);

it('the first one sends, with a file that it may name, and tells who was refused', async () => {
  await using server = await ScriptedServer.start({
    behave: {
      extensions: ['PIPELINING', '8BITMIME', 'AUTH PLAIN'],
      accounts: { ann: 'secret' },
      on: { 'RCPT:2': '550 5.1.1 no such user' },
    },
  });
  expect(await printed(program, { SMTP_PORT: String(server.port), SMTP_PASSWORD: 'secret' })).toBe(
    'accepted: bob@example.org rejected: nobody@example.org',
  );
  expect(server.messages[0]?.content.toString()).toContain('filename=letter.eml');
}, 60_000);

it('the first one tells what went wrong', async () => {
  await using server = await ScriptedServer.start({ behave: { on: { MAIL: '450 4.2.0 later' } } });
  const env = { SMTP_PORT: String(server.port), SMTP_PASSWORD: '' };
  expect(await printed(program, env)).toMatch(/^EAUTH .*not-sent/);
}, 60_000);

it('the second one lets nodemailer compose', async () => {
  await using server = await ScriptedServer.start({ behave: { on: { final: '250 2.0.0 taken' } } });
  expect(await printed(composing, { SMTP_URL: server.url })).toBe('bob@example.org 250 2.0.0 taken');
}, 60_000);

it('the options of the document are taken, and those that it calls not offered are refused', () => {
  const part = text.split('## Transport options')[1]?.split('\n## ', 1)[0] ?? '';
  const [taken = '', refused = ''] = part.split('Not offered');
  const names = [...(taken.split('`auth` is')[0] ?? '').matchAll(/`([A-Za-z]+)`/g)].map(([, name = '']) => name);
  const streams = [
    'streamTransport',
    'buffer',
    'newline',
    'jsonTransport',
    'skipEncoding',
    'serviceNames',
    'url',
    'service',
  ];
  const own = names.filter((name) => !streams.includes(name));
  expect(own.length).toBeGreaterThan(30);
  for (const name of own) expect(() => createTransport({ [name]: undefined })).not.toThrow();
  for (const name of own)
    expect(codeOf(() => createTransport({ [name]: name === 'port' ? 25 : 'x' }))).not.toMatch(/not known/);
  const words = [...(refused.split('OAuth 2')[0] ?? '').matchAll(/`([A-Za-z]+)`/g)].map(([, name = '']) => name);
  const options = words.filter((name) => name !== 'mailer' && name !== 'service');
  expect(options).toContain('proxy');
  for (const name of options) expect(codeOf(() => createTransport({ [name]: 'x' }))).toMatch(/not offered/);
});

function codeOf(make: () => unknown): string {
  try {
    make();
    return '';
  } catch (error) {
    return error instanceof NodemailerError ? error.message : String(error);
  }
}

it('each code of the table is one that errors have', () => {
  const source = readFileSync(join(root, 'src/nodemailer/nodemailer-error.ts'), 'utf8');
  const table = text.split('| code ')[1]?.split('\n\n', 1)[0] ?? '';
  const listed = [...table.matchAll(/`(E[A-Z0-9]+)`/g)].map(([, code = '']) => code).sort();
  const known = [...(source.split('export type TimeoutType', 1)[0] ?? '').matchAll(/\| '(E[A-Z0-9]+)'/g)].map(
    ([, code = '']) => code,
  );
  expect(listed).toEqual(known.sort());
});
