/** What the program has to do with the world outside. `run()` gets it as a value, so that tests can be that world. */
import type { Readable, Writable } from 'node:stream';
import { CliError } from './cli-error.js';

/** A stream of text for people or programs. */
export interface Output {
  /** Resolves when the text was handed over; rejects with CliError, exit `cannot-write`, when it could not be. */
  write(text: string): Promise<void>;
}

export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** When standard error is a terminal: how wide it is. */
  readonly terminal?: { readonly columns: number } | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Fires with the first SIGINT or SIGTERM, whose name is the reason: finish what cannot be taken back, and end. */
  readonly finish: AbortSignal;
  /** Fires with the second one: end at once. */
  readonly stop: AbortSignal;
}

/** A stream that says when it cannot be written, instead of ending the process with an event that nobody listens to. */
export function outputTo(stream: Writable, name: string): Output {
  let failure: CliError | undefined;
  const fail = (cause: NodeJS.ErrnoException): CliError => {
    const why = cause.code === 'EPIPE' ? 'its reader has gone (EPIPE)' : (cause.code ?? cause.message);
    failure ??= new CliError('cannot-write', `${name} cannot be written: ${why}`, undefined, cause);
    return failure;
  };
  stream.on('error', fail);
  return {
    async write(text) {
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve, reject) => {
        stream.write(text, (error) => {
          if (error) reject(fail(error));
          else resolve();
        });
      });
    },
  };
}
