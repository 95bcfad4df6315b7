/** What the command line itself has to say against a run, as distinct from the library's errors about a message or a server. */
import type { ExitName } from './exit-codes.js';

export class CliError extends Error {
  readonly exit: ExitName;
  readonly hint: string | undefined;

  constructor(exit: ExitName, message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CliError';
    this.exit = exit;
    this.hint = hint;
  }
}

/** A file that cannot be read; an error that says so already stays as it is. */
export function unreadable(error: unknown): unknown {
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof CliError || syscall === undefined) return error;
  return new CliError('no-input', `it cannot be read: ${code ?? message}`, undefined, error);
}
