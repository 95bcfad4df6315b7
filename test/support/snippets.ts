/** The TypeScript of a document, to be checked and run as a user would: with `posthaste` resolved to the sources. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');
const folder = join(root, '.tmp/snippets');

export interface Snippet {
  /** `README-2`: the second block of README.md. */
  readonly name: string;
  readonly code: string;
  readonly path: string;
}

/** The blocks marked `ts` of a document, written to files of their own. */
export function snippetsOf(document: string): readonly Snippet[] {
  const text = readFileSync(join(root, document), 'utf8');
  mkdirSync(folder, { recursive: true });
  const stem = document.replace(/\.md$/, '').replaceAll('/', '-');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ''], index) => {
    const name = `${stem}-${String(index + 1)}`;
    const path = join(folder, `${name}.ts`);
    writeFileSync(path, code);
    return { name, code, path };
  });
}

/** What the compiler says about them, under this project's own settings. */
export function compilerSays(snippets: readonly Snippet[]): readonly string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const program = ts.createProgram(
    snippets.map(({ path }) => path),
    {
      ...options,
      noUnusedLocals: false,
      noPropertyAccessFromIndexSignature: false,
      // Each block is a program of its own, and TypeScript 6 resolves these without a base URL.
      paths: {
        posthaste: ['./src/index.ts'],
        'posthaste/bullmq': ['./src/bullmq/index.ts'],
        'posthaste/inbox': ['./src/inbox/index.ts'],
        'posthaste/inspect': ['./src/inspect/index.ts'],
        'posthaste/nodemailer': ['./src/nodemailer/index.ts'],
        'posthaste/outbox': ['./src/outbox/index.ts'],
        'posthaste/testing': ['./src/testing/index.ts'],
      },
      pathsBasePath: root,
    },
  );
  return snippets.flatMap(({ name, path }) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  });
}

let runs = 0;

/** Runs one to its end. Each run is a module of its own: an import happens once. */
export async function runSnippet({ path, code }: Snippet): Promise<void> {
  runs += 1;
  const copy = path.replace(/\.ts$/, `-run-${String(runs)}.ts`);
  writeFileSync(copy, code);
  await import(pathToFileURL(copy).href);
}
