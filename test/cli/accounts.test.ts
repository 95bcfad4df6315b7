import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findAccount, requireAccount } from '../../src/cli/accounts.js';
import { Folder } from './cli-world.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

function accounts(text: string, mode = 0o600): Record<string, string> {
  const path = folder.file('accounts.json', text);
  chmodSync(path, mode);
  return { POSTHASTE_ACCOUNTS: path };
}

const work = { url: 'smtp://ann@mail.example:587', passwordCommand: 'pass show mail' };

it('gives the account of a name', async () => {
  const env = accounts(JSON.stringify({ work }));
  expect(await requireAccount('work', env)).toEqual(work);
  expect(await findAccount('home', env)).toBeUndefined();
});

it('looks in the usual places', async () => {
  mkdirSync(join(folder.path, '.config', 'posthaste'), { recursive: true });
  folder.file('.config/posthaste/accounts.json', JSON.stringify({ work }));
  expect(await requireAccount('work', { HOME: folder.path })).toEqual(work);
  expect(await requireAccount('work', { XDG_CONFIG_HOME: join(folder.path, '.config') })).toEqual(work);
  await expect(requireAccount('work', { HOME: '/nowhere' })).rejects.toMatchObject({
    exit: 'configuration',
    hint: expect.stringContaining('/nowhere/.config/posthaste/accounts.json') as string,
  });
});

it.each<[string, string, RegExp]>([
  ['no JSON', '{"work": {"url": "smtp://u:secret@h"', /not valid JSON/],
  ['a list', '["secret"]', /no object/],
  ['an account that is none', '{"work": "secret"}', /work .* no object/],
  ['no url', '{"work": {"password": "secret"}}', /no url/],
  ['a number', '{"work": {"url": 5}}', /url .* no text/],
  ['an unknown field', '{"work": {"url": "smtp://h", "pasword": "secret"}}', /pasword.*Did you mean password/],
  ['two passwords', '{"work": {"url": "smtp://h", "password": "secret", "passwordFile": "/x"}}', /more than one/],
])('refuses a file with %s, and shows no secret', async (_, text, line) => {
  const error = await requireAccount('work', accounts(text)).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ exit: 'configuration' });
  const { message, hint = '' } = error as { message: string; hint?: string };
  expect(`${message} ${hint}`).toMatch(line);
  expect(`${message} ${hint}`).not.toContain('secret');
});

it.each([{ url: 'smtp://u@h', password: 'x' }, { url: 'smtp://u:x@h' }])(
  'refuses a password that others can read: %j',
  async (account) => {
    const text = JSON.stringify({ work: account, free: work });
    await expect(requireAccount('work', accounts(text, 0o644))).rejects.toMatchObject({
      hint: expect.stringContaining('chmod 600') as string,
    });
    expect(await requireAccount('work', accounts(text, 0o600))).toEqual(account);
    expect(await requireAccount('free', accounts(text, 0o644))).toEqual(work);
  },
);

it('knows the name that was meant', async () => {
  await expect(requireAccount('wrok', accounts(JSON.stringify({ work })))).rejects.toMatchObject({
    hint: 'Did you mean work?',
  });
});
