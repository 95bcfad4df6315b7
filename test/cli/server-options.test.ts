import { parseArguments } from '../../src/cli/arguments.js';
import { requireServer, SERVER_OPTIONS, serverFrom } from '../../src/cli/server-options.js';
import { chmodSync } from 'node:fs';
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
  expect(await serverFrom(given('--url', 'smtp://ann@h', '--password-file', file), { env }, never)).toEqual({
    url: 'smtp://ann:s3cret@h',
    origin: '--url',
    exitWhenWrong: 'usage',
  });
  expect(await serverFrom(given('--password-command', 'echo s3cret'), { env }, never)).toEqual({
    url: 'smtp://bob:s3cret@env.example',
    origin: 'SMTP_URL',
    exitWhenWrong: 'configuration',
  });
});

it('is an account with its own password, or with another one', async () => {
  const path = folder.file('a.json', JSON.stringify({ work: { url: 'smtp://ann@h', password: 'own' } }));
  chmodSync(path, 0o600);
  const env = { POSTHASTE_ACCOUNTS: path, SMTP_URL: 'smtp://not-this' };
  const url = async (...words: string[]): Promise<string | undefined> =>
    (await serverFrom(given('--account', 'work', ...words), { env }, never))?.url;
  expect(await url()).toBe('smtp://ann:own@h');
  expect(await url('--password-command', 'echo other')).toBe('smtp://ann:other@h');
});

it.each([
  [['--url', 'smtp://h', '--account', 'work'], 'usage'],
  [['--url', 'smtp://u@h', '--password-file', 'x', '--password-command', 'y'], 'usage'],
  [['--url', 'smtp://h', '--password-command', 'echo x'], 'usage'],
  [['--url', 'smtp://u:p@h'], 'usage'],
  [['--account', 'nobody'], 'configuration'],
  [[], 'configuration'],
])('refuses %j: %s', async (words, exit) => {
  const env = { POSTHASTE_ACCOUNTS: folder.file('a.json', '{}') };
  await expect(requireServer(given(...words), { env }, never)).rejects.toMatchObject({ exit });
});
