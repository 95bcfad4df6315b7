import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { FileLock } from '../../../src/cli/resend/file-lock.js';
import { Folder } from '../cli-world.js';

let folder: Folder;
let path: string;
beforeEach(() => {
  folder = new Folder();
  path = join(folder.path, 'lock');
});
afterEach(() => {
  folder[Symbol.dispose]();
});

/** A process that has ended. */
const dead = spawnSync(process.execPath, ['--version']).pid;
const lockOf = (fields: object): string =>
  JSON.stringify({ pid: dead, host: hostname(), since: '', token: 'dead-token', ...fields });

it('is had by one at a time, and leaves nothing behind', async () => {
  {
    await using lock = await FileLock.take(path);
    expect(lock).toBeInstanceOf(FileLock);
    await expect(FileLock.take(path)).rejects.toMatchObject({
      exit: 'try-again',
      message: expect.stringContaining(`in use by process ${String(process.pid)} on `) as string,
    });
  }
  expect(existsSync(path)).toBe(false);
  await (await FileLock.take(path))[Symbol.asyncDispose]();
});

it.each([
  ['a process that has ended', {}],
  ['a process whose number another one has now', { pid: process.pid, since: 'another boot/1' }],
])('of %s is taken over', async (_, fields) => {
  writeFileSync(path, lockOf(fields));
  await using lock = await FileLock.take(path);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  expect(lock).toBeInstanceOf(FileLock);
  expect(readdirSync(folder.path)).toEqual(['lock']);
});

it('has one heir, however many try', async () => {
  writeFileSync(path, lockOf({}));
  const tries = await Promise.allSettled(Array.from({ length: 20 }, async () => FileLock.take(path)));
  const locks = tries.filter((result) => result.status === 'fulfilled');
  expect(locks).toHaveLength(1);
  await locks[0]?.value[Symbol.asyncDispose]();
  expect(readdirSync(folder.path)).toEqual([]);
});

it.each([
  ['on another host', { host: `${hostname()}.elsewhere` }],
  ['with a token that is a path', { token: '../x' }],
])('of a process %s stays', async (_, fields) => {
  writeFileSync(path, lockOf(fields));
  await expect(FileLock.take(path)).rejects.toMatchObject({
    exit: 'try-again',
    hint: expect.stringContaining(path) as string,
  });
});

it('that cannot be written is a fault of this side', async () => {
  await expect(FileLock.take(join(folder.path, 'nowhere', 'lock'))).rejects.toMatchObject({ exit: 'cannot-write' });
});
