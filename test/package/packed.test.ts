/** The packed package, as a user gets it: what is in it, that both ways of loading it agree, and that its types compile. */
import { jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const { POSTHASTE_TARBALL: tarball } = process.env;
if (tarball === undefined)
  throw new Error('POSTHASTE_TARBALL is not set: run these tests with `npm run check:package`');

interface Manifest {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly sideEffects: readonly string[];
}

/** A user's project, with the package unpacked in node_modules and its dependencies beside it; nothing is downloaded. */
const project = mkdtempSync(join(tmpdir(), 'posthaste-consumer-'));
const installed = join(project, 'node_modules', 'posthaste');

function node(...args: readonly string[]): string {
  return execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;
}

function modulesOf(kind: string): string[] {
  const folder = join(installed, 'dist', kind);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  return names.map((name) => readFileSync(join(folder, name), 'utf8'));
}

function link(name: string): void {
  const path = join(project, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(root, 'node_modules', name), path, 'junction');
}

/** A compiler starts in each of the slow ones; generous, because CI machines are busy. */
jest.setTimeout(60_000);

beforeAll(() => {
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const name of [...Object.keys(manifest().dependencies), '@types/node', 'undici-types']) link(name);
  cpSync(join(import.meta.dirname, 'consumers'), project, { recursive: true });
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

describe('the packed package', () => {
  it('holds the build, the sources that its maps name, and the texts; no tests and no tools', () => {
    const list = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n').sort();
    const places = new Set(list.map((path) => /^package\/([^/]+(?:\/(?:esm|cjs)(?=\/))?)/.exec(path)?.[1]));
    expect([...places]).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist/cjs', 'dist/esm', 'package.json', 'src'].sort(),
    );
    expect(list.filter((path) => path.includes('.test.'))).toEqual([]);
  });

  it('has maps whose sources are in it', () => {
    for (const path of ['dist/esm/index.js.map', 'dist/esm/index.d.ts.map', 'dist/cjs/index.d.ts.map']) {
      const map = JSON.parse(readFileSync(join(installed, path), 'utf8')) as { sources: string[] };
      for (const source of map.sources) expect(statSync(join(installed, dirname(path), source)).isFile()).toBe(true);
    }
  });

  it.each(['esm', 'cjs'])('has the page of the inbox in %s', (kind) => {
    const text =
      modulesOf(kind).find((module) => module.includes('PAGE_ASSETS = {\n "/"') && module.includes('/inbox/page/')) ??
      '';
    for (const path of ['"/"', '"/page.css"', '"/inbox/page/main.js"', '"/web/page/dom.js"'])
      expect(text).toContain(path);
  });

  it('has few ES modules, as each of them costs time when it is loaded', () => {
    const names = readdirSync(join(installed, 'dist', 'esm'), { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => name.endsWith('.js')).length).toBeLessThan(40);
    expect(readFileSync(join(installed, 'dist', 'esm', 'index.js'), 'utf8')).not.toMatch(/^import .* from '\.{1,2}\//m);
  });

  it('loads of Node what every message needs: not TLS, not the DNS, and not the reader of CommonJS packages', () => {
    const script = "import 'posthaste'; console.log(process.moduleLoadList.join('\\n'))";
    const loaded = node('--input-type=module', '--eval', script).split('\n');
    const named = ['net', 'tls', 'dns', 'internal/deps/cjs-module-lexer/lexer'].map((name) => `NativeModule ${name}`);
    expect(named.filter((name) => loaded.includes(name))).toEqual(['NativeModule net']);
  });

  it('has the page of the outbox beside the command line, which is ESM alone', () => {
    const holding = modulesOf('esm').filter((module) => module.includes('"/outbox-view/page/main.js"'));
    expect(holding).toHaveLength(1);
    const [text = ''] = holding;
    for (const path of [
      '"/"',
      '"/page.css"',
      '"/outbox-view/page/main.js"',
      '"/outbox-view/words.js"',
      '"/web/page/dom.js"',
    ]) {
      expect(text).toContain(path);
    }
  });

  it('tells bundlers that loading an entry point has an effect: it binds the clock and the host name', () => {
    expect(manifest().sideEffects).toEqual(expect.arrayContaining(['./dist/esm/index.js', './dist/cjs/index.js']));
  });

  it('has a program that starts', () => {
    const path = join(installed, manifest().bin['posthaste'] ?? '');
    expect(statSync(path).mode & 0o111).not.toBe(0);
    expect(readFileSync(path, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(node(path, '--version').trim()).toContain(manifest().version);
  });
});

describe.each(['posthaste', 'posthaste/testing', 'posthaste/inspect'])('%s', (entry) => {
  it('gives the same values to import and to require', () => {
    const script = `
      import { createRequire } from 'node:module';
      import * as imported from '${entry}';
      const required = createRequire(import.meta.url)('${entry}');
      const names = Object.keys(imported).filter((name) => !['default', 'module.exports', '__esModule'].includes(name));
      const other = names.filter((name) => imported[name] !== required[name]);
      console.log(JSON.stringify({ names: names.length, other }));`;
    writeFileSync(join(project, 'same.mjs'), script);
    const found = JSON.parse(node('--no-warnings', 'same.mjs')) as { names: number; other: string[] };
    expect(found.names).toBeGreaterThan(0);
    expect(found.other).toEqual([]);
  });

  it('loads as plain CommonJS too, for loaders that know only `require`', () => {
    const script = `console.log(Object.keys(require('${entry}')).length)`;
    // `--no-experimental-require-module` switches the condition `module-sync` off.
    expect(Number(node('--no-experimental-require-module', '-e', script))).toBeGreaterThan(0);
  });
});

describe('mailparser', () => {
  /** What a program that sends, and then may inspect, has loaded of the packages that read messages. */
  function loaded(inspects: boolean): { packages: string[]; result: string } {
    const script = `
      import { createRequire } from 'node:module';
      import { SMTP } from 'posthaste';
      import { inspect } from 'posthaste/inspect';
      import { ScriptedServer } from 'posthaste/testing';
      const server = await ScriptedServer.start({ behave: {} });
      const smtp = await SMTP.connect(server.url);
      const fields = { from: 'ä <a@x.example>', to: 'b@x.example', subject: 'ü', text: 'ü', attachments: [{ content: 'x' }] };
      await smtp.sendMessage(fields);
      await smtp.close();
      await server.close();
      const octets = server.messages[0].content;
      const result = ${String(inspects)} ? await inspect(octets).then(({ text }) => text.trim(), ({ code }) => code) : '';
      const names = Object.keys(createRequire(import.meta.url).cache).map((path) => path.split('/node_modules/').at(-1).split('/')[0]);
      console.log(JSON.stringify({ packages: [...new Set(names)], result }));`;
    writeFileSync(join(project, 'inspects.mjs'), script);
    return JSON.parse(node('inspects.mjs')) as { packages: string[]; result: string };
  }
  const readers = ['mailparser', 'libmime', 'iconv-lite', 'nodemailer', 'html-to-text'];

  it('is asked for by name when it is missing, and loaded by nothing else', () => {
    const { packages, result } = loaded(true);
    expect(result).toBe('ERR_MAILPARSER_NOT_LOADED');
    expect(packages.filter((name) => readers.includes(name))).toEqual([]);
  });

  it('is loaded by the first inspection, and not by a sending', () => {
    link('mailparser');
    expect(loaded(false).packages.filter((name) => readers.includes(name))).toEqual([]);
    const { packages, result } = loaded(true);
    expect(result).toBe('ü');
    expect(packages).toEqual(expect.arrayContaining(readers));
  });
});

it('an error of the CommonJS copy is known to the ES module copy', () => {
  const script = `
    import { isPosthasteError } from 'posthaste';
    import cjs from './node_modules/posthaste/dist/cjs/index.js';
    console.log(isPosthasteError(new cjs.SMTPException('x')), isPosthasteError(new Error('x')));`;
  writeFileSync(join(project, 'brand.mjs'), script);
  expect(node('brand.mjs')).toBe('true false\n');
});

describe('the published types', () => {
  /** What the compiler says about one consumer; empty when all is well. The types of the package itself are checked too. */
  function compile(file: string, options: Readonly<Record<string, unknown>>): string {
    const compilerOptions = {
      target: 'ES2022',
      lib: ['ES2022'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      ...options,
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    try {
      return node(tsc, '-p', 'tsconfig.json');
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  it.each(['esm.mts', 'cjs.cts'])('compile for %s with lib ES2022 and @types/node 20', (file) => {
    expect(compile(file, { module: 'nodenext' })).toBe('');
  });

  it('compile for a bundler', () => {
    expect(compile('esm.mts', { module: 'esnext', moduleResolution: 'bundler' })).toBe('');
  });

  it('refuse a wrong use: the checks above would show a fault', () => {
    writeFileSync(
      join(project, 'wrong.mts'),
      "import { type Envelope } from 'posthaste';\nexport const e: Envelope = { from: 1 };\n",
    );
    expect(compile('wrong.mts', { module: 'nodenext' })).toContain('wrong.mts(2,');
  });
});
