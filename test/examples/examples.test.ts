/** All examples: they compile under strict settings, and the README names what is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExampleProgram, examples } from './example-program.js';

it('all of them compile', async () => {
  await using compiler = new ExampleProgram('node_modules/typescript/bin/tsc', ['-p', '.']);
  expect(await compiler.end()).toEqual({ code: 0, stdout: '', stderr: '' });
});

it('each has its section in the README, whose links lead somewhere', () => {
  const readme = readFileSync(join(examples, 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = '']) => path);
  expect(links.filter((path) => !existsSync(join(examples, path)))).toEqual([]);
  const folders = readdirSync(examples, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .map(({ name }) => name);
  expect(folders.length).toBeGreaterThanOrEqual(6);
  for (const folder of folders) expect(links.some((link) => link.startsWith(`${folder}/`))).toBe(true);
  const files = folders.flatMap((folder) => readdirSync(join(examples, folder)).map((name) => `${folder}/${name}`));
  expect(files.filter((file) => !links.includes(file))).toEqual([]);
});
