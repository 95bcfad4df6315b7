/**
 * The layers of layers.json as rules for dependency-cruiser (`npm run layers`). Type-only imports count: a layer that needs
 * the types of another one depends on it.
 */
const { builtinModules } = require('node:module');

const { layers, restricted, entries } = require('./layers.json');

const layerPaths = Object.keys(layers);
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The files of one layer or path: a folder ends with a slash, and is without the layers that are nested in it. */
function filesOf(path) {
  if (!path.endsWith('/')) return `^src/${escape(path)}$`;
  const nested = layerPaths.filter((other) => other !== path && other.startsWith(path));
  const not = nested.map((other) => `(?!${escape(other.slice(path.length))})`).join('');
  return `^src/${escape(path)}${not}`;
}

const builtin = (name) => `^(?:node:)?${escape(name)}(?:/|$)`;
const installed = (name) => `(?:^|/)node_modules/${escape(name)}/`;
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const standing = Object.entries(layers).map(([path, { imports }]) =>
  forbid(
    `imports-of-${path}`,
    `${path} stands only on: ${imports.join(', ') || 'nothing'}`,
    { path: filesOf(path) },
    { path: '^src/', pathNot: [path, ...imports].map(filesOf) },
  ),
);

const builtins = Object.entries(layers)
  .filter(([, layer]) => layer.builtins !== true)
  .map(([path, layer]) =>
    forbid(
      `builtins-of-${path}`,
      `${path} may import of Node only: ${layer.builtins.join(', ') || 'nothing'}`,
      { path: filesOf(path) },
      { dependencyTypes: ['core'], pathNot: layer.builtins.map(builtin) },
    ),
  );

const soleImporters = Object.entries(restricted).map(([name, importers]) =>
  forbid(
    `importers-of-${name}`,
    `Only ${importers.join(', ')} may import ${name}`,
    { path: '^src/', pathNot: importers.map((path) => (path.endsWith('/') ? `^src/${escape(path)}` : filesOf(path))) },
    { path: builtinModules.includes(name) ? builtin(name) : installed(name) },
  ),
);

const entryFiles = entries.map(filesOf);

module.exports = {
  forbidden: [
    forbid(
      'one-layer-each',
      'A new folder needs a row in layers.json',
      { path: '^src/', pathNot: layerPaths.map(filesOf) },
      {},
    ),
    ...standing,
    ...builtins,
    ...soleImporters,
    forbid(
      'no-other-packages',
      'A package from the registry needs a row in layers.json',
      { path: '^src/' },
      { path: '(?:^|/)node_modules/', pathNot: Object.keys(restricted).map(installed) },
    ),
    forbid('no-cycles', 'Files that import each other cannot be understood one by one', {}, { circular: true }),
    forbid(
      'no-orphans',
      'Nothing that the package exports or starts leads to this file',
      { path: entryFiles },
      { path: '^src/', pathNot: entryFiles, reachable: false },
    ),
    forbid('no-unresolved', 'The import leads nowhere', { path: '^src/' }, { couldNotResolve: true }),
    forbid(
      'src-alone',
      'The package must not need its tests or scripts',
      { path: '^src/' },
      { path: '^(?!src/|node_modules/)', dependencyTypesNot: ['core', 'npm', 'undetermined', 'unknown'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
