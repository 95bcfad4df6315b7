import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { moveFile, prepareFolder } from '../../../src/cli/resend/move-file.js';
import { Folder } from '../cli-world.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

const ignore = (): Promise<void> => Promise.resolve();

it('moves under the same name, or one behind it, and writes over nothing', async () => {
  const to = join(folder.path, 'done', 'deep');
  await prepareFolder(to);
  for (const text of ['one', 'two', 'three']) {
    const path = folder.file('m.eml', text);
    const announced: string[] = [];
    const moved = await moveFile(path, to, async (target) => {
      announced.push(target);
      expect(existsSync(path)).toBe(true);
    });
    expect([announced.at(-1), existsSync(path)]).toEqual([moved, false]);
  }
  expect(readdirSync(to).map((name) => [name, readFileSync(join(to, name), 'utf8')])).toEqual([
    ['m.eml', 'one'],
    ['m.eml.1', 'two'],
    ['m.eml.2', 'three'],
  ]);
});

it('tries another name when one comes up after it looked', async () => {
  const path = folder.file('m.eml', 'mine');
  await prepareFolder(join(folder.path, 'to'));
  let turns = 0;
  await moveFile(path, join(folder.path, 'to'), async (target) => {
    turns += 1;
    if (turns === 1) writeFileSync(target, 'theirs');
  });
  expect(readdirSync(join(folder.path, 'to'))).toEqual(['m.eml', 'm.eml.1']);
});

it('leaves the file where it is when nobody could write down where it goes', async () => {
  const path = folder.file('m.eml', '');
  await expect(moveFile(path, folder.path, () => Promise.reject(new Error('full')))).rejects.toThrow('full');
  expect(existsSync(path)).toBe(true);
});

it('is a fault of this side when it cannot be done', async () => {
  await expect(prepareFolder(join(folder.file('file', ''), 'x'))).rejects.toMatchObject({ exit: 'cannot-write' });
  await expect(moveFile(join(folder.path, 'gone'), folder.path, ignore)).rejects.toMatchObject({
    exit: 'cannot-write',
  });
});
