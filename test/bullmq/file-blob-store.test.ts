import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobIdOf } from '../../src/bullmq/blob-id.js';
import { FileBlobStore } from '../../src/bullmq/file-blob-store.js';
import { jobIdOf } from '../../src/bullmq/job-id.js';
import { rejectionOf } from '../support/rejection.js';
import { thrownBy } from '../support/thrown.js';

const content = Uint8Array.from({ length: 1_000 }, (_, index) => index % 256);
const HASH = 'ab'.repeat(32);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthaste-blobs-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function newId(): string {
  return blobIdOf(jobIdOf(undefined), HASH);
}

function files(): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return entries.filter((path) => statSync(join(folder, path)).isFile());
}

async function idsOf(store: FileBlobStore, olderThanMs: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const id of store.list({ olderThanMs })) ids.push(id);
  return ids;
}

it('gives back what was put, from another store of the same folder, and makes the folder', async () => {
  const nested = join(folder, 'a/b');
  const id = newId();
  await new FileBlobStore(nested).put(id, content);
  expect(Buffer.from(await new FileBlobStore(nested).get(id))).toEqual(Buffer.from(content));
});

it('spreads the files over folders, and lets nobody else read them', async () => {
  const store = new FileBlobStore(folder);
  const id = newId();
  await store.put(id, content);
  expect(files()).toEqual([join('ab', id)]);
  expect(statSync(join(folder, 'ab', id)).mode & 0o077).toBe(0);
});

it('forgets, as often as it is told', async () => {
  const store = new FileBlobStore(folder);
  const id = newId();
  await store.put(id, content);
  await store.delete(id);
  await store.delete(id);
  expect(files()).toEqual([]);
  expect(await rejectionOf(store.get(id))).toMatchObject({ code: 'ERR_OUTBOX_STORE', cause: { code: 'ENOENT' } });
});

it('lists those of a certain age, and nothing that is not its own', async () => {
  const store = new FileBlobStore(folder);
  const [young, old] = [newId(), newId()];
  await store.put(young, content);
  await store.put(old, content);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(join(folder, 'ab', old), longAgo, longAgo);
  writeFileSync(join(folder, 'ab', 'notes.txt'), '');
  writeFileSync(join(folder, 'README'), '');
  mkdirSync(join(folder, 'lost+found'));
  expect(await idsOf(store, 1_800_000)).toEqual([old]);
  expect([...(await idsOf(store, 0))].sort()).toEqual([young, old].sort());
  expect(await idsOf(new FileBlobStore(join(folder, 'not there')), 0)).toEqual([]);
});

it('cleans up behind a write that was cut off', async () => {
  const store = new FileBlobStore(folder);
  const id = newId();
  mkdirSync(join(folder, 'ab'));
  const cut = join(folder, 'ab', `${id}.tmp`);
  writeFileSync(cut, content.subarray(0, 10));
  expect(await idsOf(store, 3_600_000)).toEqual([]);
  expect(existsSync(cut)).toBe(true);
  expect(await idsOf(store, 0)).toEqual([]);
  expect(existsSync(cut)).toBe(false);
});

it('never makes a path of what is no id', async () => {
  const store = new FileBlobStore(join(folder, 'blobs'));
  writeFileSync(join(folder, 'secret'), 'secret');
  for (const id of ['../secret', '', `${newId()}/../../secret`, '/etc/passwd']) {
    for (const call of [() => store.put(id, content), () => store.get(id), () => store.delete(id)]) {
      expect(await rejectionOf(call())).toMatchObject({ code: 'ERR_OUTBOX_STORE' });
    }
  }
  expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret');
});

it('says why it could not write, and leaves nothing behind', async () => {
  const store = new FileBlobStore(folder);
  // In the place of the folder that it would make.
  writeFileSync(join(folder, 'ab'), '');
  expect(await rejectionOf(store.put(newId(), content))).toMatchObject({ code: 'ERR_OUTBOX_STORE', retryable: false });
  expect(files()).toEqual(['ab']);
});

it('tells a full disk from other faults', async () => {
  // The device on which every write fails so.
  if (!existsSync('/dev/full')) return;
  const store = new FileBlobStore(folder);
  const id = newId();
  mkdirSync(join(folder, 'ab'));
  symlinkSync('/dev/full', join(folder, 'ab', `${id}.tmp`));
  expect(await rejectionOf(store.put(id, content))).toMatchObject({ code: 'ERR_OUTBOX_FULL', retryable: true });
});

it('needs a folder', () => {
  for (const none of ['', undefined, 7]) {
    expect(thrownBy(() => new FileBlobStore(none as string))).toMatchObject({ code: 'ERR_INVALID_OPTION' });
  }
});
