/** What is installed along with the package is what docs/supply-chain.md says, in these versions, and runs no script. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
  readonly gypfile?: boolean;
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, Locked>> };
const document = read('docs/supply-chain.md');

/** Reviewed, one by one. A change here is a change of what users run. */
const reviewed: Readonly<Record<string, string>> = {
  '@mongodb-js/saslprep': '1.6.3',
  addressparser: '1.0.1',
  'memory-pager': '1.5.0',
  'sparse-bitfield': '3.0.3',
};

/** Optional ones with a script that looks for a built binary; refused by `allowScripts`, and the tests pass without. */
const withInstallScript = ['lmdb', 'msgpackr-extract'];

/** Where a package finds another, as Node looks for it. */
function pathOf(from: string, name: string): string {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === '') throw new Error(`${name} is not in the lock file`);
  }
}

/** The packages that these bring, found by walking from them; by path. */
function treeOf(names: readonly string[]): ReadonlyMap<string, Locked> {
  const found = new Map<string, Locked>();
  const open = names.map((name) => pathOf('', name));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const locked = packages[path];
    if (locked === undefined || found.has(path)) continue;
    found.set(path, locked);
    const from = path;
    open.push(
      ...Object.keys({ ...locked.dependencies, ...locked.optionalDependencies }).map((name) => pathOf(from, name)),
    );
  }
  return found;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const tree = treeOf(Object.keys(manifest.dependencies));
/** What a user may have beside, if it is asked for by name. */
const optional = manifest.peerDependencies ?? {};
const whole = new Map([...tree, ...treeOf(Object.keys(optional))]);

describe('the packages that are installed along', () => {
  it('are the reviewed ones, in the reviewed versions', () => {
    const versions = [...tree].map(([path, { version }]) => [nameOf(path), version]);
    expect(Object.fromEntries(versions)).toEqual(reviewed);
  });

  it('run no script when they are installed, and neither does this package', () => {
    for (const path of tree.keys()) {
      expect([path, packages[path]?.hasInstallScript]).toEqual([path, undefined]);
      const { scripts = {}, gypfile } = JSON.parse(read(`${path}/package.json`)) as Partial<Manifest>;
      const install = Object.keys(scripts).filter((script) => /^(?:pre|post)?install$/.test(script));
      // npm would build the native code of a package with a gypfile.
      expect([path, install, gypfile]).toEqual([path, [], undefined]);
    }
    expect(Object.keys(manifest.scripts).filter((script) => /^(?:(?:pre|post)?install|prepare)$/.test(script))).toEqual(
      [],
    );
  });

  it('and only the optional ones that the document names run one, which is refused here', () => {
    const scripted = [...whole].filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect([...new Set(scripted.map(([path]) => nameOf(path)))].sort()).toEqual(withInstallScript);
    for (const name of withInstallScript) {
      expect(document).toContain(`\`${name}\``);
      expect(manifest.allowScripts).toHaveProperty([name], false);
    }
  });

  it('are pinned, and known by their hash', () => {
    for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    for (const [path, { integrity }] of whole)
      expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)]);
  });

  it('are in the table of the document, and nothing else is', () => {
    const [table = ''] = document.split('\n## ');
    const rows = [...table.matchAll(/^\| `([^`]+)` \| ([^ |]+) \|/gm)].map(([, name, version]) => [name, version]);
    expect(Object.fromEntries(rows)).toEqual(reviewed);
    const advisories = document.split('## Known advisories')[1] ?? '';
    for (const name of [...Object.keys(reviewed), ...Object.keys(optional)])
      expect(advisories).toContain(`\`${name}\``);
  });
});

describe('peers', () => {
  it('are all optional', () => {
    for (const name of Object.keys(manifest.peerDependencies ?? {})) {
      expect([name, manifest.peerDependenciesMeta?.[name]?.optional]).toEqual([name, true]);
    }
  });

  it('are what the document names, in the ranges that it names, and the tests have them', () => {
    const [, table = ''] = document.split('## Optional packages');
    const rows = [...(table.split('\n## ')[0] ?? '').matchAll(/^\| `([^`]+)` \| (\S+) or newer, below (\d+) \|/gm)];
    const ranges = rows.map(([, name, from, below]) => [name, `>=${from ?? ''} <${below ?? ''}`]);
    expect(Object.fromEntries(ranges)).toEqual(manifest.peerDependencies);
    expect(Object.keys(manifest.devDependencies)).toEqual(expect.arrayContaining(Object.keys(optional)));
  });

  it('are the only optional packages: npm would install optional dependencies for everybody', () => {
    expect(manifest.optionalDependencies).toBeUndefined();
  });
});

describe('the documents of security', () => {
  it('name only files that exist', () => {
    for (const path of ['SECURITY.md', 'docs/supply-chain.md', 'docs/faults.md']) {
      const folder = path.includes('/') ? 'docs/' : '';
      for (const [, link = ''] of read(path).matchAll(/\]\(([^)#:]+)\)/g)) expect(read(folder + link)).not.toBe('');
    }
  });
});
