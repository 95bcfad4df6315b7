import { readPassword } from '../../src/cli/password.js';
import { Folder } from './cli-world.js';

const never = new AbortController().signal;

it('is the first line of a file', async () => {
  using folder = new Folder();
  for (const text of ['s3 cret', 's3 cret\n', 's3 cret\r\nmore\n']) {
    expect(await readPassword({ file: folder.file('p', text) }, never)).toBe('s3 cret');
  }
});

it('is the first line that a command prints; the shell runs it', async () => {
  expect(await readPassword({ command: 'printf "%s\\nmore\\n" "s3 cret" && true' }, never)).toBe('s3 cret');
});

it('is undefined without a source', async () => {
  expect(await readPassword({}, never)).toBeUndefined();
});

it.each([
  [{ file: '/nowhere/secret-place' }, /password file cannot be read/],
  [{ file: '/dev/null' }, /gave no password/],
  [{ command: 'echo; echo second' }, /gave no password/],
  [{ command: 'echo secret; exit 3' }, /ended with 3/],
  [{ command: 'kill -9 $$' }, /ended by SIGKILL/],
])('refuses %j', async (source, message) => {
  const error = await readPassword(source, never).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ exit: 'configuration', message: expect.stringMatching(message) as string });
  if ('command' in source) expect((error as Error).message).not.toContain('echo');
});
