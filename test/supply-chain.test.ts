/** What is installed along with the package is what docs/supply-chain.md says, in these versions, and runs no script. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly files: readonly string[];
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

/** The packages that `npm install posthaste` brings, found by walking from its dependencies. */
function runtimeTree(): ReadonlyMap<string, Locked> {
  const found = new Map<string, Locked>();
  const open = Object.keys(manifest.dependencies);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    const locked = packages[`node_modules/${name}`];
    if (locked === undefined) throw new Error(`${name} is not in the lock file`);
    found.set(name, locked);
    open.push(...Object.keys({ ...locked.dependencies, ...locked.optionalDependencies }));
  }
  return found;
}

const tree = runtimeTree();

describe('the packages that are installed along', () => {
  it('are the reviewed ones, in the reviewed versions', () => {
    const versions = [...tree].map(([name, { version }]) => [name, version]);
    expect(Object.fromEntries(versions)).toEqual(reviewed);
  });

  it('run no script when they are installed, and neither does this package', () => {
    expect([...tree].filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([]);
    for (const name of tree.keys()) {
      const { scripts = {} } = JSON.parse(read(`node_modules/${name}/package.json`)) as Partial<Manifest>;
      expect(Object.keys(scripts).filter((script) => /^(?:pre|post)?install$/.test(script))).toEqual([]);
    }
    expect(Object.keys(manifest.scripts).filter((script) => /^(?:pre|post)?install$|^prepare$/.test(script))).toEqual(
      [],
    );
  });

  it('are pinned, and known by their hash', () => {
    for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    for (const [name, { integrity }] of tree)
      expect([name, integrity]).toEqual([name, expect.stringMatching(/^sha512-/)]);
    expect(manifest.optionalDependencies).toBeUndefined();
  });

  it('are in the table of the document, and nothing else is', () => {
    const [table = ''] = document.split('\n## ');
    const rows = [...table.matchAll(/^\| `([^`]+)` \| ([^ |]+) \|/gm)].map(([, name, version]) => [name, version]);
    expect(Object.fromEntries(rows)).toEqual(reviewed);
    for (const name of tree.keys()) expect(document.split('## Known advisories')[1]).toContain(`\`${name}\``);
  });

  it('have no native code', () => {
    for (const name of tree.keys()) {
      const { gypfile } = JSON.parse(read(`node_modules/${name}/package.json`)) as { gypfile?: boolean };
      expect([name, gypfile]).toEqual([name, undefined]);
    }
  });
});

describe('peers', () => {
  it('are all optional, and stand in the document', () => {
    for (const name of Object.keys(manifest.peerDependencies ?? {})) {
      expect([name, manifest.peerDependenciesMeta?.[name]?.optional]).toEqual([name, true]);
      expect(document).toContain(`\`${name}\``);
    }
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
