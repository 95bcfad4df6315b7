// The completion for zsh in a real zsh: one that is interactive, in a terminal of its own, with the Tab key pressed.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS, COMMON_OPTIONS } from '../../src/cli/commands.js';
import { Folder } from '../cli/cli-world.js';

/** What the shell in the terminal begins with: what completion adds is written down, and not shown. */
const ZSHRC = `
PROMPT=ready: RPROMPT= zle_bracketed_paste=()
setopt no_beep
autoload -Uz compinit && compinit -u -D
compadd() {
  # A call that fills arrays only asks.
  if [[ " \${(j: :)@[1,(i)(-|--)]} " == *\\ -(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  (( \${#hits} )) && print -rl -- $hits >> $FOUND
}
bindkey '^I' complete-word
`;

/**
 * Types each line into that shell, presses Tab, and waits until it has answered and listens again: what is typed before the prompt stands
 * there, the terminal would edit by itself.
 */
const TYPIST = `
zmodload zsh/zpty
zpty shell "$ZSH -d -i"
settle() {
  zpty -w -n shell $'\\C-e\\C-u'"print -r -- set''tled"$'\\n'
  zpty -r shell text '*settled*ready:*'
}
settle
for line; do
  print -r -- "= $line" >> $FOUND
  zpty -w -n shell "$line"$'\\t'
  settle
done
zpty -d shell
`;

let folder: Folder;
let environment: Record<string, string>;

beforeAll(() => {
  const root = execFileSync(join(import.meta.dirname, 'sendmail-programs', 'install.sh'), { encoding: 'utf8' }).trim();
  const [library = ''] = readdirSync(join(root, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'));
  const modules = join(root, 'usr/lib', library, 'zsh');
  const [version = ''] = readdirSync(modules);
  const functions = join(root, 'usr/share/zsh/functions');
  const folders = readdirSync(functions, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  folder = new Folder();
  // Read before anything of the line editor is loaded.
  folder.file('.zshenv', 'module_path=($MODULES)\n');
  folder.file('.zshrc', ZSHRC);
  folder.file('typist', TYPIST);
  folder.file('secret.txt', '');
  environment = {
    ZSH: join(root, 'bin/zsh'),
    MODULES: join(modules, version),
    FPATH: [
      join(import.meta.dirname, '..', '..', 'completions'),
      functions,
      ...folders.map((entry) => join(entry.parentPath, entry.name)),
    ].join(':'),
    LD_LIBRARY_PATH: ['usr/lib', 'lib'].map((name) => join(root, name, library)).join(':'),
    ...{ ZDOTDIR: folder.path, HOME: folder.path, TERM: 'dumb', LANG: 'C.UTF-8', PATH: process.env['PATH'] ?? '' },
  };
}, 300_000);
afterAll(() => {
  folder[Symbol.dispose]();
});

/** What zsh offers behind each line. */
function offers(lines: readonly string[]): string[][] {
  const FOUND = folder.file('found', '');
  execFileSync(environment['ZSH'] ?? '', ['-d', join(folder.path, 'typist'), ...lines], {
    cwd: folder.path,
    env: { ...environment, FOUND },
    timeout: 30_000,
  });
  const blocks = readFileSync(FOUND, 'utf8').split(/^= .*\n/m);
  return blocks.slice(1).map((block) => block.split('\n').filter((line) => line !== ''));
}

it('offers the commands, and of each command every option', () => {
  const [commands = [], ...options] = offers(['posthaste ', ...COMMANDS.map(({ name }) => `posthaste ${name} -`)]);
  expect(commands).toEqual(COMMANDS.map(({ name }) => name));
  for (const [index, { name, options: own, style }] of COMMANDS.entries()) {
    const words =
      style === 'letters'
        ? own.map((option) => `-${option.name}`)
        : [...own, ...COMMON_OPTIONS].flatMap((option) => [
            `--${option.name}`,
            ...(option.short === undefined ? [] : [`-${option.short}`]),
          ]);
    expect([name, options[index]?.sort()]).toEqual([name, words.sort()]);
  }
});

it('offers the values of options, files where they are files, and nothing twice that stands once', () => {
  const found = offers([
    'posthaste resend --sort ',
    'posthaste send --resent l',
    'posthaste send --password-file se',
    'posthaste check --account wo',
    'posthaste send x.eml se',
    'posthaste send --url smtp://h --ur',
    'posthaste send --to a@b.c --t',
  ]);
  expect(found).toEqual([['none', 'date'], ['latest'], ['secret.txt'], [], ['secret.txt'], [], ['--to', '--timeout']]);
});
