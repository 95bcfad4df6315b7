import { jest } from '@jest/globals';
import { SyncedFile, type AppendedFile } from '../../../src/cli/resend/synced-file.js';

/** A file in memory that takes so many octets at a time, and so many in all. */
class MemoryFile {
  text = '';
  syncs = 0;
  closed = false;
  constructor(
    readonly pieceBytes: number,
    public roomBytes = Infinity,
  ) {}

  readonly file = {
    write: async (octets: Buffer, position: number) => {
      await Promise.resolve();
      const bytesWritten = Math.min(this.pieceBytes, this.roomBytes - this.text.length, octets.length - position);
      if (bytesWritten === 0) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
      this.text += octets.toString('latin1', position, position + bytesWritten);
      return { bytesWritten, buffer: octets };
    },
    datasync: async () => {
      this.syncs += 1;
    },
    truncate: async (sizeBytes: number) => {
      this.text = this.text.slice(0, sizeBytes);
    },
    close: async () => {
      this.closed = true;
    },
  } as unknown as AppendedFile;
}

it('writes everything in order, however little the system takes at a time, and what waits together at once', async () => {
  const memory = new MemoryFile(3);
  await using file = new SyncedFile(memory.file, 0);
  await Promise.all(['one\n', 'two\n', 'three\n'].map(async (text) => file.append(text)));
  expect([memory.text, memory.syncs]).toEqual(['one\ntwo\nthree\n', 2]);
});

it('writes at once what nobody waits for, and lets it wait for the disk with what comes next', async () => {
  const memory = new MemoryFile(100);
  await using file = new SyncedFile(memory.file, 0);
  const soon = file.append('soon\n', 'soon');
  for (let turn = 0; turn < 10 && memory.text === ''; turn += 1) await Promise.resolve();
  expect([memory.text, memory.syncs]).toEqual(['soon\n', 0]);
  await Promise.all([file.append('now\n'), soon]);
  expect([memory.text, memory.syncs]).toEqual(['soon\nnow\n', 1]);
});

it('does not let it wait forever, nor be lost when the file is closed', async () => {
  const memory = new MemoryFile(100);
  const file = new SyncedFile(memory.file, 0);
  await file.append('alone\n', 'soon');
  const last = file.append('last\n', 'soon');
  await file[Symbol.asyncDispose]();
  await last;
  expect([memory.text, memory.syncs]).toEqual(['alone\nlast\n', 2]);
});

it('goes on after a wait that was for nothing', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  try {
    const memory = new MemoryFile(100);
    const file = new SyncedFile(memory.file, 0);
    for (let turn = 0; turn < 3; turn += 1) {
      const soon = file.append('soon\n', 'soon');
      await jest.advanceTimersByTimeAsync(1);
      await Promise.all([soon, file.append('now\n')]);
      await jest.advanceTimersByTimeAsync(1_000);
    }
    const alone = file.append('alone\n', 'soon');
    await jest.advanceTimersByTimeAsync(1_000);
    await alone;
    await file.append('end\n');
    await file[Symbol.asyncDispose]();
    expect(memory.text).toBe(`${'soon\nnow\n'.repeat(3)}alone\nend\n`);
  } finally {
    jest.useRealTimers();
  }
});

it('on a full disk takes back half a line, and writes no more, even when there is room again', async () => {
  const memory = new MemoryFile(4, 10);
  const file = new SyncedFile(memory.file, 0);
  await file.append('first\n');
  const both = await Promise.allSettled([file.append('second\n'), file.append('third\n')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  memory.roomBytes = Infinity;
  await expect(file.append('fourth\n')).rejects.toThrow('ENOSPC');
  expect(memory.text).toBe('first\n');
  await file[Symbol.asyncDispose]();
  expect(memory.closed).toBe(true);
});
