import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { walk, type Fault, type FoundFile } from '../../../src/cli/resend/walk.js';
import { Folder } from '../cli-world.js';

const never = new AbortController().signal;
const MBOX = 'From a@b.c Thu Jan  1 00:00:00 1970\nA: b\n\n';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

function put(name: string, text = 'A: b\n'): string {
  const path = join(folder.path, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function found(paths: readonly string[], without?: string): Promise<string[]> {
  const all: (FoundFile | Fault)[] = [];
  for await (const file of walk(paths, { signal: never, without })) all.push(file);
  return all.map((file) => `${file.kind} ${relative(folder.path, file.path)}`);
}

it('finds *.eml below a directory, in order, and nothing else', async () => {
  for (const name of ['b/2.eml', 'b/1.EML', 'a.eml', 'a.txt', 'c/d/e.eml', 'empty/x']) put(name);
  expect(await found([folder.path])).toEqual(
    ['a.eml', 'b/1.EML', 'b/2.eml', 'c/d/e.eml'].map((name) => `message ${name}`),
  );
});

it('finds cur and new of Maildirs at any depth, whatever their files are called, and not tmp', async () => {
  for (const name of [
    'cur/1.x:2,S',
    'new/2.x',
    'tmp/3.x',
    '.Sent/cur/4.x',
    '.Sent/new/.hidden',
    '.Sent/tmp/6',
    'cur/x.eml',
  ])
    put(`mail/${name}`);
  expect(await found([join(folder.path, 'mail')])).toEqual(
    ['.Sent/cur/4.x', 'cur/1.x:2,S', 'cur/x.eml', 'new/2.x'].map((name) => `message mail/${name}`),
  );
});

it('takes a file that is named, and sees at its beginning or its name whether it is an mbox', async () => {
  const names: [string, string][] = [
    ['plain', 'A: b\n'],
    ['box', MBOX],
    ['box.eml', MBOX],
    ['cut.mbox', 'in the middle'],
    ['odd', 'From nobody\n'],
    ['none', ''],
  ];
  expect(await found(names.map(([name, text]) => put(name, text)))).toEqual([
    'message plain',
    'mbox box',
    'message box.eml',
    'mbox cut.mbox',
    'mbox odd',
    'message none',
  ]);
});

it('takes a file once, however often it is named', async () => {
  const path = put('a/1.eml');
  expect(await found([path, folder.path, join(folder.path, 'a', '..', 'a', '1.eml')])).toEqual(['message a/1.eml']);
});

it('passes over the folder that sent files are moved to', async () => {
  put('1.eml');
  put('sent/2.eml');
  put('sent-not/3.eml');
  expect(await found([folder.path], join(folder.path, 'sent'))).toEqual(['message 1.eml', 'message sent-not/3.eml']);
});

it('gives a fault in its place for what cannot be read, and goes on', async () => {
  put('1.eml');
  mkdirSync(join(folder.path, 'empty'));
  symlinkSync('nowhere', join(folder.path, '0.eml'));
  execFileSync('mkfifo', [join(folder.path, 'pipe')]);
  const paths = [join(folder.path, 'missing'), join(folder.path, 'empty'), join(folder.path, 'pipe'), folder.path];
  expect(await found(paths)).toEqual(['fault missing', 'fault empty', 'fault pipe', 'fault 0.eml', 'message 1.eml']);
});

it('ends when it is told to', async () => {
  put('1.eml');
  put('2.eml');
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const { path } of walk([folder.path], { signal: stop.signal })) {
    seen.push(path);
    stop.abort();
  }
  expect(seen).toHaveLength(1);
});
