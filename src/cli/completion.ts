/** Completion for shells, written from the table of commands: what the program does not know, the shell does not offer. */
import type { Command, CommandTable, OptionSpec } from './command.js';
import { PROGRAM } from './program.js';

export const SHELLS = ['bash', 'zsh'] as const;

export function completionFor(shell: (typeof SHELLS)[number], { commands, commonOptions }: CommandTable): string {
  // What every command takes stands in its own list; `--help` alone where options are letters.
  const list = commands.map((command) =>
    command.style === undefined ? { ...command, options: [...command.options, ...commonOptions] } : command,
  );
  return shell === 'bash' ? bash(list) : zsh(list);
}

function wordsOf(option: OptionSpec, style: Command['style']): string[] {
  if (style === 'letters') return [`-${option.name}`];
  return [`--${option.name}`, ...(option.short === undefined ? [] : [`-${option.short}`])];
}

/** Whether a value is the name of a file or a directory. */
function isPath({ value }: OptionSpec): boolean {
  return value === 'FILE' || value === 'DIR';
}

// ---- bash ------------------------------------------------------------------------------------------------------------

function bash(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `# bash completion for ${PROGRAM}. Written from its table of commands: do not edit.
_${PROGRAM}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W '${names} --help --version' -- "$word")
    return
  fi
  case "$command $before" in
${commands.flatMap(bashValues).join('\n')}
  esac
  case "$word" in
    -*)
      case "$command" in
${commands.map(bashOptions).join('\n')}
      esac
      ;;
    *)
      case "$command $COMP_CWORD" in
${commands.flatMap(bashOperands).join('\n')}
        *) compopt -o default ;;
      esac
      ;;
  esac
}
complete -F _${PROGRAM} ${PROGRAM}
`;
}

function bashValues(command: Command): string[] {
  return command.options
    .filter(({ value }) => value !== undefined)
    .map((option) => {
      const patterns = wordsOf(option, command.style).map((word) => `'${command.name} ${word}'`);
      const { choices } = option;
      const action =
        choices !== undefined
          ? `mapfile -t COMPREPLY < <(compgen -W '${choices.join(' ')}' -- "$word")`
          : isPath(option)
            ? 'compopt -o default'
            : ':';
      return `    ${patterns.join(' | ')}) ${action}; return ;;`;
    });
}

/** Where options stand in front, the place is another one: then files are offered, as everywhere. */
function bashOperands({ name, operandWords }: Command): string[] {
  if (operandWords === undefined) return [];
  const { at, words } = operandWords;
  return [
    `        '${name} ${String(at + 2)}') mapfile -t COMPREPLY < <(compgen -W '${words.join(' ')}' -- "$word") ;;`,
  ];
}

function bashOptions(command: Command): string {
  const words = [
    ...command.options.flatMap((option) => wordsOf(option, command.style)),
    ...(command.style === undefined ? [] : ['--help']),
  ];
  return `        ${command.name}) mapfile -t COMPREPLY < <(compgen -W '${words.join(' ')}' -- "$word") ;;`;
}

// ---- zsh -------------------------------------------------------------------------------------------------------------

function zsh(commands: readonly Command[]): string {
  return `#compdef ${PROGRAM}
# zsh completion for ${PROGRAM}. Written from its table of commands: do not edit.
_${PROGRAM}() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT -= 1 ))
  case $command in
${commands.map(zshCommand).join('\n')}
  esac
}
_${PROGRAM} "$@"
`;
}

function zshCommand(command: Command): string {
  const specs = command.options.flatMap((option) => zshOption(option, command.style));
  return [
    `    ${command.name})`,
    `      _arguments -s \\`,
    ...specs.map((spec) => `        ${spec} \\`),
    ...zshOperands(command),
    `        '*:file:_files'`,
    '      ;;',
  ].join('\n');
}

function zshOperands({ operandWords }: Command): string[] {
  if (operandWords === undefined) return [];
  const { at, words } = operandWords;
  const before = Array.from({ length: at }, (_, index) => `        '${String(index + 1)}:file:_files' \\`);
  return [...before, `        '${String(at + 1)}:word:(${words.join(' ')})' \\`];
}

function zshOption(option: OptionSpec, style: Command['style']): string[] {
  const { description, value, choices, repeatable } = option;
  const text = description.replaceAll(/[[\]\\:]/g, '\\\\$&').replaceAll('\\\\\\\\', '\\\\');
  const action =
    value === undefined
      ? ''
      : `:${value.replaceAll(':', '\\\\:')}:${choices !== undefined ? `(${choices.join(' ')})` : isPath(option) ? '_files' : ' '}`;
  return wordsOf(option, style).map((word) => quoted(`${repeatable === true ? '*' : ''}${word}[${text}]${action}`));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
