import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMailParser } from '../../src/inspect/load-mailparser.js';
import { failure } from '../message/failure.js';

it('loads it', async () => {
  expect(typeof (await loadMailParser()).MailParser).toBe('function');
});

it.each([
  "Cannot find package 'mailparser' imported from /app/node_modules/posthaste/dist/esm/inspect/load-mailparser.js",
  "Cannot find module 'mailparser'\nRequire stack:\n- /app/x.js",
])('says how to install it when it is missing: %j', async (text) => {
  const cause = new Error(text);
  await expect(loadMailParser(() => Promise.reject(cause))).rejects.toThrow(
    failure({
      name: 'InspectError',
      code: 'ERR_MAILPARSER_NOT_LOADED',
      message: 'the package mailparser is not installed',
      hint: expect.stringContaining('npm install mailparser@3.9.31'),
      cause,
    }),
  );
});

it('keeps the reason when it is there and broken', async () => {
  const cause = new Error("Cannot find module 'libmime'");
  await expect(loadMailParser(() => Promise.reject(cause))).rejects.toThrow(
    failure({ code: 'ERR_MAILPARSER_NOT_LOADED', message: 'the package mailparser cannot be loaded', cause }),
  );
});

it('no other file loads it, and this one only when it is called', () => {
  const sources = join(import.meta.dirname, '..', '..', 'src');
  const importing = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => {
      const text = readFileSync(join(sources, path), 'utf8');
      const imports =
        text.match(/^import (?!type ).*'(?:mailparser|libmime)';|import\('(?:mailparser|libmime)'\)/gm) ?? [];
      return imports.map((found) => [path.replaceAll('\\', '/'), found]);
    });
  expect(importing).toEqual([['inspect/load-mailparser.ts', "import('mailparser')"]]);
});
