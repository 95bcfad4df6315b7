/** The whole program as one function: words and a world in, an exit code out. It never throws, and never shows a stack. */
import { parseArguments } from './arguments.js';
import { CliError } from './cli-error.js';
import type { Command } from './command.js';
import { COMMANDS, COMMON_OPTIONS } from './commands.js';
import { EXIT_CODES, type ExitName } from './exit-codes.js';
import { exitOfError } from './exit-of-error.js';
import { commandHelp, programHelp } from './help.js';
import type { Io } from './io.js';
import { oneLine } from './one-line.js';
import { PROGRAM, version } from './program.js';
import { errorLine } from './report.js';
import { suggest } from './suggest.js';

/** `argv` is what stands behind the name of the program. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exit: ExitName;
  try {
    exit = await perform(argv, io);
  } catch (error) {
    exit = exitOfError(error);
    await complain(io, error);
  }
  // A shell gives 128 and the number of the signal.
  return exit === 'interrupted' && io.finish.reason === 'SIGTERM' ? 143 : EXIT_CODES[exit].code;
}

async function perform(argv: readonly string[], io: Io): Promise<ExitName> {
  const [first, ...rest] = argv;
  if (first === undefined || first.startsWith('-')) return await withoutCommand(argv, io);
  const command = commandNamed(first);
  const help = `${PROGRAM} ${command.name} --help`;
  const given =
    command.parse === undefined || isCommon(rest)
      ? parseArguments(rest, [...(command.parse === undefined ? command.options : []), ...COMMON_OPTIONS], help)
      : command.parse(rest);
  if (given.has('help')) return await say(io, commandHelp(command));
  if (given.has('version')) return await say(io, `${PROGRAM} ${version()}\n`);
  const action = await command.load();
  return await action(given, io);
}

/** One of the options that every command has, alone. */
function isCommon(words: readonly string[]): boolean {
  return words.length === 1 && COMMON_OPTIONS.some(({ name }) => words[0] === `--${name}`);
}

async function withoutCommand(argv: readonly string[], io: Io): Promise<ExitName> {
  const given = parseArguments(argv, COMMON_OPTIONS, `${PROGRAM} --help`);
  if (given.has('help')) return await say(io, programHelp());
  if (given.has('version')) return await say(io, `${PROGRAM} ${version()}\n`);
  throw new CliError('usage', 'no command was given', `Run ${PROGRAM} --help to see what there is.`);
}

function commandNamed(word: string): Command {
  const command = COMMANDS.find(({ name }) => name === word);
  if (command !== undefined) return command;
  const meant = suggest(
    word,
    COMMANDS.map(({ name }) => name),
  );
  if (meant !== undefined)
    throw new CliError('usage', `there is no command ${oneLine(word)}`, `Did you mean ${PROGRAM} ${meant}?`);
  const hint = /[./]/.test(word)
    ? `To send a file, write ${PROGRAM} send FILE.`
    : `Run ${PROGRAM} --help to see what there is.`;
  throw new CliError('usage', `there is no command ${oneLine(word)}`, hint);
}

async function say(io: Io, text: string): Promise<ExitName> {
  await io.stdout.write(text);
  return 'ok';
}

async function complain(io: Io, error: unknown): Promise<void> {
  try {
    await io.stderr.write(errorLine(undefined, error));
  } catch {
    // Nobody can be told; the exit code still tells.
  }
}
