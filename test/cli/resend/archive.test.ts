import { join } from 'node:path';
import { entriesOf, entryAt, type Entry, type EntryFault } from '../../../src/cli/resend/archive.js';
import { walk } from '../../../src/cli/resend/walk.js';
import { eml, Folder } from '../cli-world.js';

const never = new AbortController().signal;
const FROM = 'From ada@example.org Thu Jan  1 00:00:00 1970\n';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

async function entries(...paths: readonly string[]): Promise<(Entry | EntryFault)[]> {
  const all: (Entry | EntryFault)[] = [];
  for await (const entry of entriesOf(walk(paths, { signal: never }), never)) all.push(entry);
  return all;
}

/** Each as it is given, and once more from its place. */
async function contents(...paths: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for (const entry of await entries(...paths)) {
    if (entry.kind === 'fault') {
      all.push(`${entry.label.slice(folder.path.length + 1)}: ${(entry.error as Error).message}`);
      continue;
    }
    const [first, again] = await Promise.all(
      [entry, entryAt(entry.place)].map(async (each) => (await each.open()).toBytes()),
    );
    expect(again).toEqual(first);
    all.push(Buffer.from(first ?? []).toString('latin1'));
  }
  return all;
}

it('opens files of any size, and each message of an mbox', async () => {
  const large = eml(undefined, 'a line of some length\r\n'.repeat(40_000));
  const texts = [eml(), eml(undefined, 'From here\r\n'), eml(undefined, '\r\n\r\n')];
  const mbox = texts
    .map((text) => `${FROM}${text.replaceAll('\r\n', '\n').replaceAll(/^From /gm, '>From ')}\n`)
    .join('');
  const paths = [folder.file('1.eml', eml()), folder.file('large.eml', large), folder.file('box', mbox)];
  // A line of the header block begins with "From:", which is not quoted.
  expect(await contents(...paths)).toEqual([eml(), large, ...texts]);
});

it('names each message of an mbox by its number', async () => {
  const path = folder.file('box', `${FROM}A: b\n\n${FROM}A: c\n\n`);
  expect((await entries(path)).map(({ label }) => label)).toEqual([`${path}#1`, `${path}#2`]);
});

it('has a fault for the last message of an mbox that was cut, and none for those in front of it', async () => {
  const path = folder.file('box', `${FROM}A: b\n\n${FROM}A: c\n\nhal`);
  expect(await contents(path)).toEqual(['A: b\r\n', 'box#2: the mbox ends in the middle of this message']);
});

it('has a fault for an mbox that is none, and for a file that has gone, and goes on', async () => {
  const paths = [folder.file('bad.mbox', 'A: b\n'), join(folder.path, 'missing.eml'), folder.file('2.eml', 'A: c\n')];
  const [bad, missing, two] = await contents(...paths);
  expect(bad).toMatch(/^bad\.mbox: it is no mbox/);
  expect(missing).toMatch(/ENOENT/);
  expect(two).toBe('A: c\r\n');
});
