/** An inspection for people: one block for each message. */
import { oneLine } from '../one-line.js';
import { STANDARD_INPUT } from '../send-settings.js';
import type { DkimField } from './dkim-fields.js';
import type { Inspected } from './inspected.js';
import type { MimePart } from './mime-tree.js';

const MOST_ROWS = 50;

export function inspectionText({
  file,
  explanation,
  envelopeError,
  findings,
  signatures,
  warnings,
}: Inspected): string {
  const rows: (readonly [label: string, text: string])[] = [];
  if (envelopeError !== undefined) {
    rows.push(['envelope', `none: ${envelopeError.message.split('\n')[0] ?? ''}`]);
  } else if (explanation !== undefined) {
    for (const { role, address, header, duplicateOf } of explanation.sources) {
      if (duplicateOf === undefined) rows.push([role, `${address === '' ? '<>' : address}  (${header})`]);
    }
    const removed = explanation.removed.map(({ header }) => header).join(', ');
    if (removed !== '') rows.push(['removed', removed]);
  }
  const tree = treeLines(findings.root, '');
  for (const line of tree.slice(0, MOST_ROWS)) rows.push(['structure', line]);
  if (tree.length > MOST_ROWS) rows.push(['structure', `and ${String(tree.length - MOST_ROWS)} more parts`]);
  rows.push([
    'size',
    `${count(findings.sizeBytes)} octets, ${count(findings.lines)} lines, the longest of ${count(findings.longestLine)}`,
  ]);
  for (const signature of signatures) rows.push(['DKIM', dkimText(signature)]);
  for (const { message } of warnings.slice(0, MOST_ROWS)) rows.push(['warning', message]);
  if (warnings.length > MOST_ROWS) rows.push(['warning', `and ${String(warnings.length - MOST_ROWS)} more`]);
  const wide = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, text], index) => {
    const shown = rows[index - 1]?.[0] === label ? '' : label;
    return `  ${shown.padEnd(wide)}  ${oneLine(text)}\n`;
  });
  return `${oneLine(file === STANDARD_INPUT ? 'standard input' : file)}\n${lines.join('')}`;
}

function treeLines(part: MimePart, indent: string): string[] {
  const facts = [
    part.type,
    part.charset,
    part.encoding,
    part.disposition,
    part.filename && JSON.stringify(part.filename),
  ];
  const size = `${count(part.sizeBytes)} octets`;
  const own = `${indent}${[part.path, ...facts, size].filter((fact) => fact !== undefined && fact !== '').join(' ')}`;
  return [own, ...part.parts.flatMap((inner) => treeLines(inner, `${indent}  `))];
}

function dkimText({ domain, selector, algorithm, canonicalization, signedFields }: DkimField): string {
  const key = `${selector ?? '?'}._domainkey.${domain ?? '?'}`;
  return `${domain ?? '?'} (${algorithm ?? '?'}, ${canonicalization}, key ${key}) signs ${signedFields.join(' ') || 'nothing'}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
