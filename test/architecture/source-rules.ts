/**
 * Holds source texts against layers.json. A second reader of the same table beside dependency-cruiser: it needs no tool, and
 * it looks at what no import shows (clocks, randomness, timers, promises). Pure: texts in, sentences out.
 */
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';

export interface Layer {
  readonly imports: readonly string[];
  readonly builtins: readonly string[] | true;
  readonly pure?: true;
  readonly synchronous?: true;
  readonly leaf?: true;
}

export interface LayerRules {
  readonly layers: Readonly<Record<string, Layer>>;
  readonly restricted: Readonly<Record<string, readonly string[]>>;
  readonly entries: readonly string[];
}

/** A source file; its path is relative to src/. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** What a pure file may not name: each reaches a clock, randomness, a timer, or the machine. */
const impureGlobals = new Set([
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'crypto',
  'fetch',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
]);

const promiseTypes = new Set([
  'AsyncGenerator',
  'AsyncIterable',
  'AsyncIterableIterator',
  'AsyncIterator',
  'Promise',
  'PromiseLike',
]);

/** Every broken rule, one sentence each; empty when all is well. */
export function violationsOf(sources: readonly Source[], rules: LayerRules): string[] {
  const found: string[] = [];
  const graph = new Map<string, readonly string[]>();
  const known = new Set(sources.map((source) => source.path));
  for (const source of sources) {
    const name = layerOf(source.path, rules);
    const layer = name === undefined ? undefined : rules.layers[name];
    if (name === undefined || layer === undefined) {
      found.push(`${source.path}: no layer of layers.json holds it`);
      continue;
    }
    const tree = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ES2022, true);
    const specifiers = importsOf(tree);
    const targets: string[] = [];
    for (const specifier of specifiers) {
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(source.path), specifier).replace(/\.js$/, '.ts');
        if (known.has(target)) targets.push(target);
        else found.push(`${source.path}: ${specifier} leads to no source file`);
      } else {
        found.push(...moduleFaults(source.path, specifier, layer, rules));
      }
    }
    graph.set(source.path, targets);
    for (const target of targets) {
      const targetLayer = layerOf(target, rules);
      if (targetLayer === name || layer.imports.some((allowed) => allowed === target || allowed === targetLayer))
        continue;
      found.push(
        `${source.path}: may not import ${target}; ${name} stands only on ${layer.imports.join(', ') || 'nothing'}`,
      );
    }
    if (layer.pure === true) found.push(...impurities(tree).map((fault) => `${source.path}: ${fault} in a pure layer`));
    if (layer.synchronous === true)
      found.push(...waits(tree).map((fault) => `${source.path}: ${fault} in a layer that never waits`));
  }
  found.push(...cycles(graph).map((cycle) => `import cycle: ${cycle.join(' -> ')}`));
  const reached = reachable(graph, rules.entries);
  found.push(
    ...sources.filter(({ path }) => !reached.has(path)).map(({ path }) => `${path}: no entry point leads to it`),
  );
  return found;
}

/** True for a path that a name of layers.json covers: a folder covers what is in it, a file itself. */
function covers(name: string, path: string): boolean {
  return name.endsWith('/') ? path.startsWith(name) : path === name;
}

function layerOf(path: string, rules: LayerRules): string | undefined {
  const names = Object.keys(rules.layers).filter((name) => covers(name, path));
  return names.sort((a, b) => b.length - a.length)[0];
}

function moduleFaults(path: string, specifier: string, layer: Layer, rules: LayerRules): string[] {
  const bare = specifier.replace(/^node:/, '');
  const parts = bare.split('/');
  const isBuiltin = builtinModules.includes(bare) || specifier.startsWith('node:');
  const name = isBuiltin || !bare.startsWith('@') ? (parts[0] ?? bare) : parts.slice(0, 2).join('/');
  const importers = rules.restricted[name];
  if (importers !== undefined && !importers.some((importer) => covers(importer, path))) {
    return [`${path}: may not import ${name}; only ${importers.join(', ')} may`];
  }
  if (!isBuiltin) return importers === undefined ? [`${path}: the package ${name} has no row in layers.json`] : [];
  if (layer.builtins === true || layer.builtins.includes(name)) return [];
  return [`${path}: may not import node:${name}`];
}

/** The module names of every import, type-only ones too, in any form. One that is computed counts as `<computed>`. */
function importsOf(tree: ts.SourceFile): string[] {
  const specifiers: string[] = [];
  visit(tree, (node) => {
    let specifier: ts.Node | undefined;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) specifier = node.moduleSpecifier;
    else if (ts.isExternalModuleReference(node)) specifier = node.expression;
    else if (ts.isImportTypeNode(node))
      specifier = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
    else if (ts.isCallExpression(node) && isLoader(node.expression)) specifier = node.arguments[0];
    if (specifier !== undefined) specifiers.push(ts.isStringLiteralLike(specifier) ? specifier.text : '<computed>');
  });
  return specifiers;
}

function isLoader(callee: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text === 'getBuiltinModule';
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

function impurities(tree: ts.SourceFile): string[] {
  const faults: string[] = [];
  visit(tree, (node) => {
    if (!ts.isIdentifier(node) || !isValue(node)) return;
    if (impureGlobals.has(node.text)) faults.push(node.text);
    else if (node.text === 'Date' && readsTheClock(node)) faults.push('Date without a given time');
    else if (node.text === 'Math' && memberOf(node) === 'random') faults.push('Math.random');
  });
  return faults;
}

function waits(tree: ts.SourceFile): string[] {
  const faults: string[] = [];
  visit(tree, (node) => {
    if (node.kind === ts.SyntaxKind.AsyncKeyword) faults.push('async');
    else if (node.kind === ts.SyntaxKind.AwaitKeyword || ts.isAwaitExpression(node)) faults.push('await');
    else if (ts.isIdentifier(node) && promiseTypes.has(node.text)) faults.push(node.text);
  });
  return faults;
}

/** True for a name that stands for a value here, not for a type, a member, or what is being declared. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent) || ts.isTypeQueryNode(parent)) return false;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return (parent as ts.NamedDeclaration).name !== node || ts.isShorthandPropertyAssignment(parent);
}

function memberOf(node: ts.Identifier): string | undefined {
  return ts.isPropertyAccessExpression(node.parent) ? node.parent.name.text : undefined;
}

/** `new Date(given)`, `Date.UTC`, `Date.parse` and `instanceof Date` compute; any other use may ask what time it is. */
function readsTheClock(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent)) return (parent.arguments?.length ?? 0) === 0;
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind !== ts.SyntaxKind.InstanceOfKeyword;
  const member = memberOf(node);
  return member !== 'UTC' && member !== 'parse';
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => {
    visit(child, look);
  });
}

function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) found.push([...trail.slice(start), path]);
    if (start !== -1 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return found;
}

function reachable(graph: ReadonlyMap<string, readonly string[]>, entries: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    open.push(...(graph.get(path) ?? []));
  }
  return reached;
}
