/** The parts of docs/cli.md that say what the table of commands says, written from that table. */
import { COMMANDS, COMMON_OPTIONS } from '../../src/cli/commands.js';
import type { Command, OptionSpec } from '../../src/cli/command.js';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { optionTitle } from '../../src/cli/help.js';

/** By the name that stands in the comment in front of each: `<!-- table: options of send -->`. */
export function referenceParts(): ReadonlyMap<string, string> {
  return new Map([
    [
      'commands',
      table(
        ['command', ''],
        COMMANDS.map(({ name, summary }) => [`\`posthaste ${name}\``, summary]),
      ),
    ],
    ...COMMANDS.flatMap((command) => [
      [`options of ${command.name}`, optionTable(command)] as const,
      [`examples of ${command.name}`, examples(command)] as const,
    ]),
    [
      'exit codes',
      table(
        ['code', 'name', 'meaning'],
        Object.entries(EXIT_CODES).map(([name, { code, means }]) => [String(code), name, means]),
      ),
    ],
  ]);
}

/** A text with each part written anew. Throws for a part that has no place in it, and for a place without a part. */
export function withReferenceParts(text: string): string {
  const parts = new Map(referenceParts());
  const written = text.replace(
    /(<!-- table: (.+?) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => {
      const part = parts.get(name);
      if (part === undefined) throw new Error(`the document has a place for "${name}", and there is no such part`);
      parts.delete(name);
      return `${begin}\n${part}\n${end}`;
    },
  );
  if (parts.size > 0) throw new Error(`the document has no place for: ${[...parts.keys()].join(', ')}`);
  return written;
}

function optionTable({ options, style }: Command): string {
  const common = style === undefined ? COMMON_OPTIONS : [];
  return table(
    ['option', ''],
    [...options, ...common].map((option) => [titleOf(option, style), option.description]),
  );
}

function titleOf(option: OptionSpec, style: Command['style']): string {
  return `\`${optionTitle(option, style)}\`${option.repeatable === true ? ' (repeatable)' : ''}`;
}

function examples({ examples: list }: Command): string {
  return [
    '```sh',
    ...list.flatMap(({ line, shows }, index) => [...(index > 0 ? [''] : []), `# ${shows}`, line]),
    '```',
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row), ''].join('\n');
}
