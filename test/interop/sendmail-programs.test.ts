/** Programs that send mail through sendmail, with posthaste in its place: by the name of a link, as they run it. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { buildPackage, type BuiltPackage } from '../cli/built-package.js';
import { Folder } from '../cli/cli-world.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';

let root: string;
let built: BuiltPackage;
let folder: Folder;
let sendmail: string;
beforeAll(() => {
  root = execFileSync(join(import.meta.dirname, 'sendmail-programs', 'install.sh'), { encoding: 'utf8' }).trim();
  built = buildPackage();
  folder = new Folder();
  sendmail = join(folder.path, 'sendmail');
  chmodSync(built.program, 0o755);
  symlinkSync(built.program, sendmail);
}, 300_000);
afterAll(() => {
  built.remove();
  folder[Symbol.dispose]();
});

interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly messages: readonly { readonly from: string; readonly to: readonly string[]; readonly content: string }[];
}

/** Runs a program of the private folder while a server listens that the environment names. */
async function run(program: string, words: readonly string[], stdin = '', behaviour: Behaviour = {}): Promise<Ran> {
  await using server = await ScriptedServer.start({ behave: behaviour });
  const child = spawn(program, words, {
    cwd: folder.path,
    env: {
      PATH: `${join(root, 'usr/lib/git-core')}:${process.env['PATH'] ?? ''}`,
      HOME: folder.path,
      LOGNAME: userInfo().username,
      USER: userInfo().username,
      LANG: 'C.UTF-8',
      LD_LIBRARY_PATH: ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu']
        .map((name) => join(root, name))
        .join(':'),
      GITPERLLIB: join(root, 'usr/share/perl5'),
      GIT_CONFIG_NOSYSTEM: '1',
      ...{ GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'ann@example.org' },
      ...{ GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.org' },
      SMTP_URL: server.url,
    },
  });
  child.stdin.on('error', () => undefined).end(stdin);
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const messages = server.messages.map(({ envelope, content }) => ({ ...envelope, content: content.toString() }));
  return { code: await closed, output: out + err, messages };
}

describe('git send-email', () => {
  const patch = [
    'From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001',
    'From: Ann <ann@example.org>',
    'Date: Thu, 1 Jan 2026 00:00:00 +0000',
    'Subject: [PATCH] Say hello',
    '',
    'From here on, hello.',
    '.',
    '---',
    ' hello | 1 +',
    '',
  ].join('\n');
  const words = (...more: string[]): string[] => [
    ...[
      '--quiet',
      '--no-chain-reply-to',
      '--confirm=never',
      '--suppress-cc=all',
      '--no-validate',
      '--from=ann@example.org',
    ],
    ...['--to=bob@example.org', '--cc=cy@example.org', '--bcc=dee@example.org', `--smtp-server=${sendmail}`, ...more],
    folder.file('0001.patch', patch),
  ];
  const gitSendEmail = (): string => join(root, 'usr/lib/git-core/git-send-email');

  it('sends a patch to everybody, whole, and Bcc stays secret', async () => {
    const { code, output, messages } = await run(gitSendEmail(), words());
    expect([code, output]).toEqual([0, 'Sent [PATCH] Say hello\n']);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      from: 'ann@example.org',
      to: ['bob@example.org', 'cy@example.org', 'dee@example.org'],
      content: expect.stringMatching(/\r\n\r\nFrom here on, hello\.\r\n\.\r\n---\r\n hello/) as string,
    });
    expect(messages[0]?.content).not.toMatch(/dee@/);
  });

  it('uses the envelope sender that it is told', async () => {
    const { messages } = await run(gitSendEmail(), words('--envelope-sender=bounces@example.org'));
    expect(messages[0]?.from).toBe('bounces@example.org');
  });

  it('notices a refusal', async () => {
    const { code, output } = await run(gitSendEmail(), words(), '', { on: { RCPT: '550 5.1.1 who?' } });
    expect(code).not.toBe(0);
    expect(output).toContain('550 5.1.1 who?');
  });
});

describe.each(['bsd-mailx', 's-nail'] as const)('%s', (program) => {
  const words = (...more: string[]): string[] => {
    const variable = program === 's-nail' ? `mta=${sendmail}` : `sendmail=${sendmail}`;
    return [...(program === 's-nail' ? ['-n', '-Sv15-compat', '-S', variable] : ['-n']), '-s', 'Hello', ...more];
  };
  const path = (): string => join(root, 'usr/bin', program);
  beforeEach(() => {
    folder.file('.mailrc', program === 's-nail' ? '' : `set sendmail=${sendmail}\n`);
  });

  it('sends what it reads, with a From, a Date and a Message-ID', async () => {
    const { code, messages, output } = await run(path(), words('bob@example.org'), 'Dear Bob,\n..\nFrom Ann\n');
    expect([code, output]).toEqual([0, '']);
    expect(messages).toHaveLength(1);
    expect(messages[0]?.to).toEqual(['bob@example.org']);
    const content = messages[0]?.content ?? '';
    expect(content).toMatch(/\r\n\r\nDear Bob,\r\n\.\.\r\n(?:>?F|=46)rom Ann\r\n$/);
    for (const name of ['From', 'Date', 'Message-ID', 'Subject', 'To']) {
      expect(content).toMatch(new RegExp(`^${name}: `, 'im'));
    }
  });

  it('sends copies, and the secret ones stay secret', async () => {
    const { messages } = await run(
      path(),
      words('-c', 'cy@example.org', '-b', 'dee@example.org', 'bob@example.org'),
      'x\n',
    );
    expect([...(messages[0]?.to ?? [])].sort()).toEqual(['bob@example.org', 'cy@example.org', 'dee@example.org']);
    expect(messages[0]?.content).not.toMatch(/dee@/);
  });
});
