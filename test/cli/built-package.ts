/**
 * The package as it is after a build, in a folder of its own: for tests that run programs which import `posthaste`. Compiled
 * without a type check and without declarations, so that it is quicker than `npm run build` and leaves dist/ alone.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const quick = ['--noCheck', ...['--declaration', '--declarationMap', '--sourceMap', '--stripInternal'].flatMap(off)];

function off(option: string): [string, string] {
  return [option, 'false'];
}

export interface BuiltPackage {
  readonly path: string;
  /** The program that `bin` in package.json names. */
  readonly program: string;
  remove(): void;
}

/** `others` are files and folders of the project to have beside the build. */
export function buildPackage(others: readonly string[] = []): BuiltPackage {
  const path = mkdtempSync(join(tmpdir(), 'posthaste-built-'));
  const outDir = join(path, 'dist', 'esm');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', ...quick, '--outDir', outDir], { cwd: root });
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
