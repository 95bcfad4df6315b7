/** The comparison of all readers on some texts, as a table in docs/addresses.md. */
import { readWithAddressparser } from '../addressparser.js';
import { columnsOf, documented, markdownTable } from '../document.js';
import { tally } from '../tally.js';
import { peers, type Peer } from './readers.js';

export interface DifferenceTable {
  /** By the title of the reader. */
  readonly unexplained: Readonly<Record<string, readonly unknown[]>>;
  readonly markdown: string;
}

export async function differenceTable(texts: readonly string[]): Promise<DifferenceTable> {
  const readers: Peer[] = [{ title: 'addressparser 1.0.1', read: readWithAddressparser }, ...(await peers(texts))];
  const tallies = readers.map(({ read }) => tally(texts, read));
  const labels = tallies[0]?.rows.map(([label]) => label) ?? [];
  const rows = labels.map((label, index) => [label, ...tallies.map((one) => one.rows[index]?.[1] ?? '')]);
  const used = rows.filter(([, ...cells]) => cells.some((cell) => cell !== ''));
  return {
    unexplained: Object.fromEntries(readers.map(({ title }, index) => [title, tallies[index]?.unexplained ?? []])),
    markdown: markdownTable([[`${String(texts.length)} texts`, ...readers.map(({ title }) => title)], ...used]),
  };
}

/**
 * What the document says and what it should say, by reader. A Python of another version than the document's has no column
 * there, and is left out.
 */
export function documentedColumns(part: string, markdown: string): Readonly<Record<'now' | 'then', unknown>> {
  const then = columnsOf(documented(part, markdown));
  const now = [...columnsOf(markdown)].filter(([title]) => !title.startsWith('Python') || then.has(title));
  return { now, then: now.map(([title]) => [title, then.get(title)]) };
}
