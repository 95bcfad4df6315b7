/** How often readers differ from the parser, and about what, as the rows of a table. */
import { compare, NO_LIST, POLICIES, type Comparison, type Reader } from './compare.js';
import { STEPS } from './plain-forms.js';

export interface Tally {
  /** Rows of label and cell, the same labels for every reader. */
  readonly rows: readonly (readonly [label: string, cell: string])[];
  /** Texts on which reader and parser differ for no reason that has a name. */
  readonly unexplained: readonly { readonly text: string; readonly classes: readonly string[] }[];
}

export function tally(texts: readonly string[], reader: Reader): Tally {
  const comparisons = texts.map((text) => ({ text, ...compare(text, reader) }));
  const of = (kind: Comparison['kind'], name?: string): readonly Comparison[] =>
    comparisons.filter((one) => one.kind === kind && (name === undefined || one.classes.includes(name)));
  const count = (list: readonly unknown[]): string => (list.length === 0 ? '' : String(list.length));
  const rows: [string, string][] = [['the same addresses and names', count(of('same'))]];
  for (const kind of ['names differ', 'addresses differ'] as const) {
    const title = kind === 'names differ' ? 'the same addresses, other names' : 'other addresses';
    rows.push([`**${title}**`, count(of(kind))]);
    for (const { feature } of STEPS) rows.push([`${title}: ${feature}`, count(of(kind, feature))]);
  }
  rows.push(['**refused here**', count(of('refused'))]);
  for (const name of [NO_LIST, ...POLICIES.map(([, policy]) => policy)]) {
    const refused = of('refused', name);
    const read = refused.filter(({ readElsewhere }) => readElsewhere).length;
    const cell = refused.length === 0 ? '' : `${String(refused.length)} (${String(read)})`;
    rows.push([`refused here: ${name}`, cell]);
  }
  const unexplained = comparisons.filter(({ kind }) => kind === 'unexplained');
  rows.push(['**differences without a class**', String(unexplained.length)]);
  return { rows, unexplained: unexplained.map(({ text, classes }) => ({ text, classes })) };
}
