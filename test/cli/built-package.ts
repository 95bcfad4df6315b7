/**
 * The package as it is after a build, in a folder of its own: for tests that run programs which import `posthaste`. Transpiled
 * without a type check, so that it takes seconds less than `npm run build` and leaves dist/ alone.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..', '..');

export interface BuiltPackage {
  readonly path: string;
  /** The program that `bin` in package.json names. */
  readonly program: string;
  remove(): void;
}

/** `others` are files and folders of the project to have beside the build. */
export function buildPackage(others: readonly string[] = []): BuiltPackage {
  const path = mkdtempSync(join(tmpdir(), 'posthaste-built-'));
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  for (const source of sources.filter((name) => name.endsWith('.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join(root, 'src', source), 'utf8'), {
      fileName: source,
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
    });
    const target = join(path, 'dist', 'esm', source.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
  for (const name of ['package.json', ...others]) cpSync(join(root, name), join(path, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'), 'junction');
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: { posthaste: string } };
  return {
    path,
    program: join(path, bin.posthaste),
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
