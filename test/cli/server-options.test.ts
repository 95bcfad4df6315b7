import { parseArguments } from '../../src/cli/arguments.js';
import { requireServer, requireServers, SERVER_OPTIONS, serverForDryRun } from '../../src/cli/server-options.js';
import { chmodSync, readFileSync } from 'node:fs';
import { Folder } from './cli-world.js';

const never = new AbortController().signal;
const given = (...words: string[]): ReturnType<typeof parseArguments> => parseArguments(words, SERVER_OPTIONS, 'help');

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

it('is --url, else SMTP_URL, with a password from elsewhere behind the user name', async () => {
  const file = folder.file('p', 's3cret\n');
  const env = { SMTP_URL: 'smtp://bob@env.example' };
  expect(await requireServer(given('--url', 'smtp://ann@h', '--password-file', file), { env }, never)).toEqual({
    url: 'smtp://ann:s3cret@h',
    origin: '--url',
    exitWhenWrong: 'usage',
  });
  expect(await requireServer(given('--password-command', 'echo s3cret'), { env }, never)).toEqual({
    url: 'smtp://bob:s3cret@env.example',
    origin: 'SMTP_URL',
    exitWhenWrong: 'configuration',
  });
});

it('is an account with its own password, or with another one', async () => {
  const path = folder.file('a.json', JSON.stringify({ work: { url: 'smtp://ann@h', password: 'own' } }));
  chmodSync(path, 0o600);
  const env = { POSTHASTE_ACCOUNTS: path, SMTP_URL: 'smtp://not-this' };
  const url = async (...words: string[]): Promise<string> =>
    (await requireServer(given('--account', 'work', ...words), { env }, never)).url;
  expect(await url()).toBe('smtp://ann:own@h');
  expect(await url('--password-command', 'echo other')).toBe('smtp://ann:other@h');
});

it.each([
  [['--url', 'smtp://h', '--account', 'work'], 'usage'],
  [['--url', 'smtp://u@h', '--password-file', 'x', '--password-command', 'y'], 'usage'],
  [['--url', 'smtp://h', '--password-command', 'echo x'], 'usage'],
  [['--url', 'smtp://u:p@h'], 'usage'],
  [['--url', 'smtp://u@h'], 'usage'],
  [['--url', 'failover:(smtp://u@h,smtp://i)'], 'usage'],
  [['--account', 'nobody'], 'configuration'],
  [[], 'configuration'],
])('refuses %j: %s', async (words, exit) => {
  const env = { POSTHASTE_ACCOUNTS: folder.file('a.json', '{}') };
  await expect(requireServer(given(...words), { env }, never)).rejects.toMatchObject({ exit });
});

describe('without an option', () => {
  const accounts = {
    default: { url: 'smtp://default', from: 'robot@example.org' },
    work: { url: 'smtp://work' },
  };
  const named = async (more: Record<string, string>): Promise<unknown> => {
    const env = { POSTHASTE_ACCOUNTS: folder.file('a.json', JSON.stringify(accounts)), ...more };
    return await requireServer(given(), { env }, never);
  };

  it('is SMTP_URL, else the account that POSTHASTE_ACCOUNT names, else the account "default"', async () => {
    const both = { SMTP_URL: 'smtp://env', POSTHASTE_ACCOUNT: 'work' };
    expect(await named(both)).toMatchObject({ url: 'smtp://env', origin: 'SMTP_URL' });
    expect(await named({ ...both, SMTP_URL: '' })).toMatchObject({ url: 'smtp://work', origin: 'POSTHASTE_ACCOUNT' });
    expect(await named({ POSTHASTE_ACCOUNT: '' })).toEqual({
      url: 'smtp://default',
      origin: 'the account "default"',
      exitWhenWrong: 'configuration',
      from: 'robot@example.org',
    });
  });

  it('a dry run reads no password, and asks for no account that nobody named', async () => {
    const env = { POSTHASTE_ACCOUNTS: folder.file('a.json', '{') };
    expect(await serverForDryRun(given(), { env })).toBeUndefined();
    const words = ['--url', 'smtp://ann@h', '--password-command', 'exit 1'];
    expect(await serverForDryRun(given(...words), { env })).toMatchObject({ url: 'smtp://ann@h' });
    await expect(serverForDryRun(given('--account', 'work'), { env })).rejects.toMatchObject({ exit: 'configuration' });
  });
});

it('of several URLs, each user without a password gets it, which is asked for once', async () => {
  const log = folder.file('asked', '');
  const source = given('--password-command', `echo x >> ${log}; echo s3cret`);
  const urls = ['smtp://ann@a', 'smtp://b', 'failover:(smtp://c, smtps://dan@d?tls=required)'];
  expect((await requireServers(urls, source, { env: {} }, never)).map(({ url }) => url)).toEqual([
    'smtp://ann:s3cret@a',
    'smtp://b',
    'failover:(smtp://c, smtps://dan:s3cret@d?tls=required)',
  ]);
  expect(readFileSync(log, 'utf8')).toBe('x\n');
});
