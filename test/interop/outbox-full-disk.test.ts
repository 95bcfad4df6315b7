/** An outbox on a disk that is full: a file system of its own, in memory, of two MiB. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackage, type BuiltPackage } from '../cli/built-package.js';
import { expectUnharmed, fillDisk } from '../outbox/crash/full-disk.js';

let built: BuiltPackage;
let disk: string;
beforeAll(() => {
  built = buildPackage(['test/outbox/crash/full-disk-worker.mjs']);
  disk = mkdtempSync(join(tmpdir(), 'posthaste-small-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
});
afterAll(() => {
  execFileSync('umount', [disk]);
  rmSync(disk, { recursive: true });
  built.remove();
});

it('a full disk rejects enqueue by name, and harms nothing else', async () => {
  const worker = join(built.path, 'test', 'outbox', 'crash', 'full-disk-worker.mjs');
  const report = await fillDisk(process.execPath, [worker, join(disk, 'box')]);
  expect(report.refusals).toEqual(Array.from({ length: 3 }, () => ({ code: 'ERR_OUTBOX_FULL', retryable: true })));
  expectUnharmed(report);
});
