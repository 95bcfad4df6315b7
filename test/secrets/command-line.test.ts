/** What other users of a machine can see of the command line: the arguments of its process hold no password. */
import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { ScriptedServer } from '../../src/testing/index.js';
import { buildPackage, type BuiltPackage } from '../cli/built-package.js';
import { eml, Folder } from '../cli/cli-world.js';
import { expectNoSecret, SECRET, USER } from './world.js';

// A busy machine may take seconds to start a program.
jest.setTimeout(60_000);

let built: BuiltPackage;
beforeAll(() => {
  built = buildPackage();
});
afterAll(() => {
  built.remove();
});

interface Watched {
  readonly code: number | null;
  /** Of the process and of those that it started, while the server kept it waiting. */
  readonly processes: string;
  readonly said: string;
}

/** The arguments and the title of a process and its children, where the system has /proc. */
function visible(pid: number): string {
  const own = `/proc/${String(pid)}`;
  if (!existsSync(own)) return '';
  const children = readdirSync(`${own}/task`).flatMap((task) =>
    readFileSync(`${own}/task/${task}/children`, 'latin1')
      .split(' ')
      .filter((child) => child !== ''),
  );
  return [pid, ...children.map(Number)]
    .map(
      (one) =>
        `${readFileSync(`/proc/${String(one)}/cmdline`, 'latin1')} ${readFileSync(`/proc/${String(one)}/comm`, 'latin1')}`,
    )
    .join('\n');
}

async function watched(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  server: ScriptedServer,
): Promise<Watched> {
  const child = spawn(process.execPath, [built.program, ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.on('error', () => undefined).end(eml());
  await Promise.race([server.held('login'), ended]);
  const processes = child.pid === undefined ? '' : visible(child.pid);
  server.release('login');
  return { code: await ended, processes, said: (await said).join('\n') };
}

const user = encodeURIComponent(USER);

/** The words behind the name of the program, with the server in the environment. */
const ways: readonly (readonly [string, (folder: Folder) => { words: readonly string[]; login: string }])[] = [
  ['send, with SMTP_URL', () => ({ words: ['send', '--debug'], login: `${user}:${SECRET}@` })],
  ['check, with SMTP_URL', () => ({ words: ['check'], login: `${user}:${SECRET}@` })],
  [
    'check, with a password file',
    (folder) => ({ words: ['check', '--password-file', folder.file('p', SECRET)], login: `${user}@` }),
  ],
  [
    'check, with a command',
    (folder) => ({ words: ['check', '--password-command', `cat ${folder.file('p', SECRET)}`], login: `${user}@` }),
  ],
];

describe('posthaste', () => {
  it.each(ways)('%s, logs in and shows no secret in its arguments or its words', async (_name, way) => {
    using folder = new Folder();
    await using server = await ScriptedServer.start({
      behave: {
        extensions: ['AUTH PLAIN'],
        accounts: { [USER]: SECRET },
        on: { AUTH: ['(hold login)', () => undefined] },
      },
    });
    const { words, login } = way(folder);
    const { code, processes, said } = await watched(
      words,
      { SMTP_URL: server.url.replace('://', `://${login}`) },
      server,
    );
    expectNoSecret(said + processes, [SECRET]);
    expect([code, said]).toEqual([0, said]);
    expect(server.connections[0]?.commands.find(({ verb }) => verb === 'AUTH')?.reply?.code).toBe(235);
    if (existsSync('/proc/self/cmdline')) expect(processes).toContain(words[0]);
  });

  it('does not repeat a password that it was given in an argument', async () => {
    await using server = await ScriptedServer.start({ behave: { extensions: ['AUTH PLAIN'] } });
    const url = server.url.replace('://', `://ann:${SECRET}@`);
    const { code, said } = await watched(['send', '--url', url], {}, server);
    expectNoSecret(said, [SECRET]);
    expect(code).not.toBe(0);
  });
});
