// The table server x scenario: printed behind the tests, and kept in docs/interop.md by the nightly run.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mode } from './trial.js';

const ROOT = join(import.meta.dirname, '..', '..');

export type Verdict =
  { readonly kind: 'passed' } | { readonly kind: 'failed' } | { readonly kind: 'unable'; readonly reason: string };

export class Table {
  readonly #servers = new Map<string, string>();
  readonly #serialOnly = new Map<string, string>();
  readonly #rows = new Map<string, Map<string, Map<Mode, Verdict>>>();

  addServer(name: string, version: string): void {
    this.#servers.set(name, version);
  }

  /** The server takes no pipelined commands, for this reason. */
  addSerialOnly(name: string, reason: string): void {
    this.#serialOnly.set(name, reason);
  }

  record(scenario: string, server: string, mode: Mode, verdict: Verdict): void {
    const row = this.#rows.get(scenario) ?? new Map<string, Map<Mode, Verdict>>();
    const cell = row.get(server) ?? new Map<Mode, Verdict>();
    this.#rows.set(scenario, row.set(server, cell.set(mode, verdict)));
  }

  /** Markdown. A cell has the modes that passed; what a server cannot do has the number of the reason below. */
  toMarkdown(): string {
    const servers = [...this.#servers.keys()];
    const notes: string[] = [];
    const describeServer = (name: string): string => {
      const title = `${name} ${this.#servers.get(name) ?? ''}`;
      const reason = this.#serialOnly.get(name);
      return reason === undefined ? title : `${title} ${numberOf(reason, notes)}`;
    };
    const head = ['scenario', ...servers.map(describeServer)];
    const rows = [...this.#rows].map(([scenario, row]) => [
      scenario,
      ...servers.map((server) => describeCell(row.get(server), notes)),
    ]);
    const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
    const table = line(head) + line(head.map(() => '---')) + rows.map(line).join('');
    return `${table}\n${notes.map((note, index) => `${String(index + 1)}. The server ${note}.\n`).join('')}`;
  }
}

function describeCell(cell: ReadonlyMap<Mode, Verdict> | undefined, notes: string[]): string {
  if (cell === undefined) return 'not run';
  const parts = [...cell].map(([mode, verdict]) => {
    switch (verdict.kind) {
      case 'passed':
        return mode;
      case 'failed':
        return `**${mode} failed**`;
      case 'unable': {
        return numberOf(verdict.reason, notes);
      }
    }
  });
  return [...new Set(parts)].join(', ');
}

function numberOf(note: string, notes: string[]): string {
  if (!notes.includes(note)) notes.push(note);
  return `[${String(notes.indexOf(note) + 1)}]`;
}

/** Prints the table; with POSTHASTE_WRITE_DOCS=1 it also becomes docs/interop.md. */
export async function publish(table: Table): Promise<void> {
  const markdown = table.toMarkdown();
  process.stdout.write(`\n${markdown}\n`);
  if (process.env['POSTHASTE_WRITE_DOCS'] !== '1') return;
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', 'src', 'test/interop') === '' ? '' : ' with changes';
  const commit = `${git('rev-parse', '--short=12', 'HEAD')}${changed}`;
  const date = new Date().toISOString().slice(0, 10);
  await writeFile(join(ROOT, 'docs', 'interop.md'), documentOf(markdown, date, commit));
}

function documentOf(markdown: string, date: string, commit: string): string {
  return `# Real servers

Written by \`npm run nightly\` on ${date}, at commit ${commit}, with Node ${process.version}. The same tests run with
\`npm run test:interop\`, which unpacks the servers from Debian packages into private root directories and installs nothing.

Each server takes the same list, once with one command at a time (serial) and once with MAIL, RCPT and DATA in one write
(pipelined, RFC 2920). A cell names the modes in which what lay in the mailboxes, without the trace fields that the server
put in front, was octet for octet what was sent in canonical form. A number stands for something that the server cannot do;
the tests prove that it cannot.

${markdown}`;
}
