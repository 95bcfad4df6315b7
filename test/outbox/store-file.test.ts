import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbStore } from '../../src/outbox/lmdb-store.js';
import { storeFileIn } from '../../src/outbox/store-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthaste-store-file-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('a store that was opened once is known by its mark', async () => {
  await (await LmdbStore.open(folder)).close();
  expect(await storeFileIn(folder)).toBe('lmdb');
});

it.each([
  ['nothing', '', 'empty'],
  ['a few octets', 'x', 'foreign'],
  ['many octets', 'x'.repeat(9_000), 'foreign'],
])('a file of %s is none of LMDB', async (_name, content, expected) => {
  writeFileSync(join(folder, 'data.mdb'), content);
  expect(await storeFileIn(folder)).toBe(expected);
});

it('no file, and no folder, are errors of the file system', async () => {
  await expect(storeFileIn(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(storeFileIn(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('a file that is none of LMDB is refused by the store, which would end the process on it', async () => {
  writeFileSync(join(folder, 'data.mdb'), 'x'.repeat(9_000));
  await expect(LmdbStore.open(folder)).rejects.toMatchObject({
    code: 'ERR_OUTBOX_STORE',
    message: `the file data.mdb in ${folder} is none of LMDB's`,
  });
});

it('an empty file becomes a store', async () => {
  writeFileSync(join(folder, 'data.mdb'), '');
  await (await LmdbStore.open(folder)).close();
  expect(await storeFileIn(folder)).toBe('lmdb');
});
