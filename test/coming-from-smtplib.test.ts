/** The program of docs/coming-from-smtplib.md runs, and every name in its table exists. */
import { jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as posthaste from '../src/index.js';
import { ScriptedServer } from '../src/testing/index.js';
import { compilerSays, runSnippet, snippetsOf } from './support/snippets.js';

const root = join(import.meta.dirname, '..');
const document = 'docs/coming-from-smtplib.md';

it('the program compiles, encrypts, logs in, and sends', async () => {
  const snippets = snippetsOf(document);
  expect(compilerSays(snippets)).toEqual([]);
  const [program] = snippets;
  if (program === undefined) throw new Error('the document has lost its program');
  await using server = await ScriptedServer.start({
    behave: {
      extensions: ({ tls }) => (tls ? ['AUTH PLAIN', '8BITMIME'] : ['STARTTLS']),
      accounts: { ann: 'secret' },
      on: { 'RCPT:2': '550 5.1.1 no such user' },
    },
  });
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
    lines.push(words.join(' '));
  });
  const { env } = process;
  process.env = {
    ...env,
    SMTP_PORT: String(server.port),
    SMTP_CA: server.certificate,
    LETTER: join(root, 'fixtures/demo/new-message-with-bcc.eml'),
  };
  try {
    await runSnippet(program);
  } finally {
    process.env = env;
    log.mockRestore();
  }
  expect(server.messages).toHaveLength(1);
  expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(
    expect.arrayContaining(['STARTTLS', 'AUTH', 'QUIT']),
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/ 550 5\.1\.1 no such user$/);
}, 60_000);

it('every name on our side of the table is there', () => {
  const text = readFileSync(join(root, document), 'utf8');
  const table = text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Python') && !line.startsWith('| --'));
  const names = table.flatMap((line) => {
    const cells = line.split(/(?<!\\)\|/);
    return [...(cells[2] ?? '').matchAll(/`([A-Za-z_]+)`/g)].map(([, name = '']) => name);
  });
  const smtp = new posthaste.SMTP();
  const known = (name: string): boolean =>
    name in posthaste ||
    name in smtp ||
    [
      'path',
      'onWire',
      'Reply',
      'Map',
      'code',
      'enhancedCode',
      'lines',
      'text',
      'accepted',
      'recipients',
      'queueId',
      'allowInsecureAuth',
    ].includes(name);
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !known(name))).toEqual([]);
});
