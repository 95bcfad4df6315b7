/** Generated parts of docs/addresses.md: POSTHASTE_WRITE_DOCS=1 writes them; otherwise a test compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../../../docs/addresses.md');

function bounds(part: string): RegExp {
  return new RegExp(`(?<=<!-- begin: ${part} -->\n\n)[^]*?(?=\n<!-- end: ${part} -->)`);
}

/** What the document says in this part; with POSTHASTE_WRITE_DOCS=1, `now` is written there first. */
export function documented(part: string, now: string): string {
  const text = readFileSync(FILE, 'utf8');
  if (!bounds(part).test(text)) throw new Error(`docs/addresses.md has no part "${part}"`);
  if (process.env['POSTHASTE_WRITE_DOCS'] === '1')
    writeFileSync(
      FILE,
      text.replace(bounds(part), () => now),
    );
  return bounds(part).exec(readFileSync(FILE, 'utf8'))?.[0] ?? '';
}

/** Rows of cells as Markdown, the first one as the head. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const lineOf = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |\n`;
  return lineOf(head) + lineOf(head.map(() => '---')) + body.map(lineOf).join('');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** The columns of a table by their titles. */
export function columnsOf(markdown: string): ReadonlyMap<string, readonly string[]> {
  const rows = markdown.split('\n').map((line) => line.split(' | ').map((text) => text.replace(/^\| | \|$/g, '')));
  const [head = [], , ...body] = rows.filter((row) => row.length > 1);
  return new Map(head.map((title, index) => [title, body.map((row) => row[index] ?? '')]));
}
