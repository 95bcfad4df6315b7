/** Every snippet and every command of the README does what it says. */
import { jest } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScriptedServer } from '../src/testing/index.js';
import { eml, Folder, posthaste } from './cli/cli-world.js';
import { compilerSays, runSnippet, snippetsOf } from './support/snippets.js';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const [compose, resend, notify, many] = snippetsOf('README.md');

/** Runs the snippet against a server, and gives what it printed. */
async function printed(snippet: typeof compose, server: ScriptedServer, args: readonly string[] = []): Promise<string> {
  if (snippet === undefined) throw new Error('the README has lost a snippet');
  const lines: string[] = [];
  const print = (...words: unknown[]): void => {
    lines.push(words.join(' '));
  };
  const log = jest.spyOn(console, 'log').mockImplementation(print);
  const error = jest.spyOn(console, 'error').mockImplementation(print);
  const { argv, env } = process;
  process.argv = ['node', 'snippet', ...args];
  process.env = { ...env, SMTP_URL: server.url };
  try {
    await runSnippet(snippet);
  } finally {
    process.argv = argv;
    process.env = env;
    log.mockRestore();
    error.mockRestore();
  }
  return lines.join('\n');
}

describe('the snippets of the README', () => {
  it('are four, and compile under strict settings', () => {
    const all = snippetsOf('README.md');
    expect(all).toHaveLength(4);
    expect(compilerSays(all)).toEqual([]);
  }, 60_000);

  it('send a message to everybody it names, and its Bcc to nobody', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    expect(await printed(compose, server)).toBe('bob@example.org,archive@example.org');
    const [message] = server.messages;
    expect(message?.envelope).toEqual({ from: 'ann@example.org', to: ['bob@example.org', 'archive@example.org'] });
    expect(message?.content.toString()).not.toMatch(/bcc/i);
  });

  it('resend the files that are named, with a block in front and no other change', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { final: '250 2.0.0 Ok: queued as 4F2' } } });
    const path = join(root, 'fixtures/demo/new-message-with-bcc.eml');
    expect(existsSync(path)).toBe(true);
    expect(await printed(resend, server, [path])).toBe(`${path} 4F2`);
    expect(server.messages[0]?.envelope).toEqual({ from: 'archive@example.org', to: ['carol@example.org'] });
    expect(server.messages[0]?.content.toString()).toMatch(/^Resent-/);
  });

  it('tell which recipients were refused', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { 'RCPT:2': '550 5.1.1 no such user' } } });
    expect(await printed(notify, server)).toBe('nobody@example.org: 550 5.1.1 no such user');
  });

  it('tell a lost answer from a refusal', async () => {
    await using lost = await ScriptedServer.start({ behave: { on: { final: '(close)' } } });
    expect(await printed(notify, lost)).toMatch(/^it may have been delivered:/);
    await using busy = await ScriptedServer.start({ behave: { on: { MAIL: '451 4.3.0 later' } } });
    expect(await printed(notify, busy)).toMatch(/^try again later:/);
  });

  it('send many, and tell what became of each', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { 'RCPT:<carol@example.org>': '550 5.1.1 no' } } });
    const lines = (await printed(many, server)).split('\n').sort();
    expect(lines).toEqual(['bob@example.org 250', 'carol@example.org refused']);
  });
});

describe('the shell commands of the README', () => {
  it('show what a Maildir would be sent as, then send it once however often they are run', async () => {
    const commands = [...readme.matchAll(/`(?:SMTP_URL=\S+ )?npx posthaste (resend [^`]+)`/g)].map(
      ([, words = '']) => words,
    );
    expect(commands).toHaveLength(2);
    await using server = await ScriptedServer.start({ behave: {} });
    using folder = new Folder();
    for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(folder.path, name));
    folder.file('new/1', eml());
    folder.file('cur/2:2,S', eml(['From: a@example.org', 'To: c@example.org']));
    const ran: [code: number, queued: number][] = [];
    for (const command of [...commands, ...commands.slice(1)]) {
      const words = command
        .split(' ')
        .map((word) => ({ 'Maildir/': folder.path, 'run.jsonl': join(folder.path, 'run.jsonl') })[word] ?? word);
      const { code } = await posthaste(words, { env: { SMTP_URL: server.url } });
      ran.push([code, server.messages.length]);
    }
    expect(ran).toEqual([
      [0, 0],
      [0, 2],
      [0, 2],
    ]);
  });
});

describe('the README', () => {
  it('names only files that exist and scripts that run', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)]
      .map(([, path = '']) => path)
      .filter((path) => !path.includes('://'));
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm (?:run )?([a-z:]+)/g)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'ci');
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
