/** Help as text for a terminal of 80 columns. Everything in it comes from the table of commands. */
import { COMMANDS, COMMON_OPTIONS } from './commands.js';
import type { Command, OptionSpec } from './command.js';
import { EXIT_CODES } from './exit-codes.js';
import { PROGRAM } from './program.js';

const WIDTH = 80;

export function programHelp(): string {
  const names = COMMANDS.map(({ name }) => name);
  const wide = Math.max(...names.map(({ length }) => length));
  return [
    `Usage: ${PROGRAM} COMMAND [OPTION...]`,
    '',
    'Commands:',
    ...COMMANDS.flatMap(({ name, summary }) => entry(`  ${name.padEnd(wide)}  `, summary)),
    '',
    'Options:',
    ...optionEntries(COMMON_OPTIONS),
    '',
    `Run ${PROGRAM} COMMAND --help for the options and examples of a command.`,
    '',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  return [
    `Usage: ${PROGRAM} ${command.name} [OPTION...] ${command.operands}`,
    '',
    ...wrap(command.summary, WIDTH),
    '',
    ...command.description.flatMap((paragraph) => [...wrap(paragraph, WIDTH), '']),
    'Options:',
    ...(command.style === undefined
      ? optionEntries([...command.options, ...COMMON_OPTIONS])
      : [...optionEntries(command.options, command.style), '', 'Alone:', ...optionEntries(ALONE)]),
    '',
    'Examples:',
    ...command.examples.flatMap(({ line, shows }) => [`  ${line}`, ...entry('      ', shows)]),
    '',
    'Exit codes, the most urgent first:',
    ...Object.values(EXIT_CODES).flatMap(({ code, means }) => entry(`  ${String(code).padStart(3)}  `, means)),
    '',
  ].join('\n');
}

/** `-n, --dry-run`, `--url URL`. */
export function optionTitle({ name, short, value }: OptionSpec, style?: Command['style']): string {
  const flags = style === 'letters' ? `-${name}` : `${short === undefined ? '' : `-${short}, `}--${name}`;
  return `${flags}${value === undefined ? '' : ` ${value}`}`;
}

/** `-h` may mean something else to a command of another style. */
const ALONE = COMMON_OPTIONS.map(({ name, description }) => ({ name, description }));

function optionEntries(options: readonly OptionSpec[], style?: Command['style']): string[] {
  const hasShort = options.some(({ short }) => short !== undefined);
  const titles = options.map(
    (option) => `${hasShort && option.short === undefined ? '    ' : ''}${optionTitle(option, style)}`,
  );
  const wide = Math.max(...titles.map(({ length }) => length));
  return options.flatMap(({ description }, index) => entry(`  ${(titles[index] ?? '').padEnd(wide)}  `, description));
}

/** Text behind a margin: the first line stands beside the title. */
function entry(title: string, text: string): string[] {
  const margin = ' '.repeat(title.length);
  return wrap(text, WIDTH - title.length).map((line, index) => `${index === 0 ? title : margin}${line}`);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
