import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Journal } from '../../../src/cli/resend/journal.js';
import type { RunFacts } from '../../../src/cli/resend/journal-records.js';
import { Folder } from '../cli-world.js';

let folder: Folder;
let path: string;
beforeEach(() => {
  folder = new Folder();
  path = join(folder.path, 'run.journal');
});
afterEach(() => {
  folder[Symbol.dispose]();
});

const facts: RunFacts = { server: 'smtp://mail.example', resent: null };
const envelope = { from: 'a@example.org', to: ['b@example.org', 'c@example.org', 'd@example.org'] };

async function marksAfterReload(): Promise<(id: string) => string | undefined> {
  await using journal = await Journal.open(path, facts);
  return (id) => journal.marksOf(id);
}

/** A journal with an intent of `one` that has no done, and all that is known of `two`. */
async function written(): Promise<string[]> {
  {
    await using journal = await Journal.open(path, facts);
    await journal.intend('one', 'one.eml', envelope, [0, 2]);
    await journal.intend('two', 'two.eml', envelope, [0, 1]);
    await journal.done('two', 3, [
      { index: 0, address: 'b@example.org', mark: 'a' },
      { index: 1, address: 'c@example.org', mark: 'l', reply: '450 later' },
      { index: 2, address: 'd@example.org', mark: 'r', reply: '550 no' },
    ]);
    expect([journal.marksOf('one'), journal.marksOf('two'), journal.marksOf('three')]).toEqual([
      'u-u',
      'alr',
      undefined,
    ]);
  }
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

it('says again, after a new start, what became of each recipient', async () => {
  const lines = await written();
  expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['run', 'intent', 'intent', 'done']);
  const marks = await marksAfterReload();
  expect(['one', 'two', 'three'].map(marks)).toEqual(['u-u', 'alr', undefined]);
  expect(statSync(path).mode & 0o077).toBe(0);
});

it('survives a torn last line, wherever it was torn, and goes on behind the line in front of it', async () => {
  const lines = await written();
  const last = lines.at(-1) ?? '';
  const before = `${lines.slice(0, -1).join('\n')}\n`;
  for (const length of [1, 20, last.length - 1, last.length]) {
    writeFileSync(path, before + last.slice(0, length));
    expect((await marksAfterReload())('two')).toBe('uu-');
    expect(readFileSync(path, 'utf8')).toBe(before);
  }
});

it('survives an end while its first line was written', async () => {
  const [first = ''] = await written();
  for (const length of [0, 1, 30, first.length - 1]) {
    writeFileSync(path, first.slice(0, length));
    expect((await marksAfterReload())('two')).toBeUndefined();
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(2);
  }
});

it.each([
  ['torn', (line: string) => line.slice(0, -5)],
  ['empty', () => ''],
  ['of zeros', (line: string) => '\0'.repeat(line.length)],
])('refuses to guess what an inner line said that is %s', async (_, spoil) => {
  const lines = await written();
  writeFileSync(path, `${lines.map((line, index) => (index === 2 ? spoil(line) : line)).join('\n')}\n`);
  const before = readFileSync(path);
  await expect(Journal.open(path, facts)).rejects.toMatchObject({
    exit: 'bad-message',
    message: expect.stringContaining('line 3') as string,
  });
  expect(readFileSync(path)).toEqual(before);
});

it.each(['precious text', 'precious text\n', '{"type":"intent"}\n', '{}', '\n'])(
  'leaves %j alone, which is no journal',
  async (text) => {
    writeFileSync(path, text);
    await expect(Journal.open(path, facts)).rejects.toMatchObject({ exit: 'bad-message' });
    expect(readFileSync(path, 'utf8')).toBe(text);
  },
);

it.each<[string, RunFacts]>([
  ['of another server', { ...facts, server: 'smtp://other.example' }],
  ['for other recipients', { ...facts, resent: { 'resent-to': ['x@example.org'] } }],
])('refuses the journal of a run %s', async (_, other) => {
  await written();
  await expect(Journal.open(path, other)).rejects.toMatchObject({
    exit: 'usage',
    message: expect.stringContaining('another run') as string,
  });
});

it('is used by one run at a time', async () => {
  await using journal = await Journal.open(path, facts);
  expect(journal.marksOf('one')).toBeUndefined();
  await expect(Journal.open(path, facts)).rejects.toMatchObject({ exit: 'try-again' });
});

it('cannot be a directory, a device, or in a folder that is not there', async () => {
  mkdirSync(join(folder.path, 'd'));
  for (const bad of [join(folder.path, 'd'), join(folder.path, 'no', 'j')]) {
    await expect(Journal.open(bad, facts)).rejects.toMatchObject({ exit: 'cannot-write' });
  }
  await expect(Journal.open('/dev/null', facts)).rejects.toMatchObject({ exit: 'bad-message' });
});

it('knows which files have left the archive, and where they are now', async () => {
  const [stays, goes] = ['stays', 'goes'].map((name) => folder.file(name, ''));
  {
    await using journal = await Journal.open(path, facts);
    await journal.moving('one', stays ?? '', '/new/one');
    await journal.moving('two', goes ?? '', '/new/two');
    // In the run itself both still count.
    expect(['one', 'two'].map((id) => journal.isGone(id))).toEqual([false, false]);
  }
  rmSync(goes ?? '');
  await using journal = await Journal.open(path, facts);
  expect(['one', 'two'].map((id) => journal.isGone(id))).toEqual([false, true]);
  expect(journal.idMovedTo('/new/two')).toBe('two');
});

it('keeps what others append to it while nobody runs', async () => {
  await written();
  appendFileSync(
    path,
    `${JSON.stringify({ type: 'done', id: 'one', at: '', of: 3, recipients: [{ index: 0, address: '', mark: 'a' }] })}\n`,
  );
  expect((await marksAfterReload())('one')).toBe('a-u');
});
