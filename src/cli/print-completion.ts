/** `posthaste completion SHELL`. */
import type { Action, CommandTable } from './command.js';
import { CliError } from './cli-error.js';
import { completionFor, SHELLS } from './completion.js';

export function completionPrinter(table: CommandTable): Action {
  return async (given, io) => {
    const [name, ...others] = given.operands;
    const shell = SHELLS.find((known) => known === name);
    if (shell === undefined || others.length > 0) {
      throw new CliError('usage', 'completion takes the name of a shell', `It knows ${SHELLS.join(' and ')}.`);
    }
    await io.stdout.write(completionFor(shell, table));
    return 'ok';
  };
}
