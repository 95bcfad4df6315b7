/** A password from a file or from a program. It is a secret from here on: it stands in no message and in no argument. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { CliError } from './cli-error.js';

const LONGEST_BYTES = 65_536;

export interface PasswordSource {
  readonly file?: string | undefined;
  /** For the shell. */
  readonly command?: string | undefined;
}

/** Its first line; undefined when there is no source. Rejects with CliError, exit `configuration`. */
export async function readPassword(
  { file, command }: PasswordSource,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (file !== undefined) return firstLine(await fromFile(file), 'the password file');
  if (command !== undefined) return firstLine(await fromCommand(command, signal), 'the password command');
  return undefined;
}

function firstLine(octets: Buffer, what: string): string {
  const [line = ''] = octets.toString('utf8').split(/\r?\n/);
  if (line !== '') return line;
  throw new CliError('configuration', `${what} gave no password`, 'Its first line is the password.');
}

async function fromFile(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST_BYTES), 0, LONGEST_BYTES);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new CliError(
      'configuration',
      `the password file cannot be read: ${(error as Error).message}`,
      undefined,
      error,
    );
  }
}

async function fromCommand(command: string, signal: AbortSignal): Promise<Buffer> {
  // What it has to say goes to the terminal; what it asks for, it asks there.
  const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'inherit'], signal });
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    if (sizeBytes < LONGEST_BYTES) chunks.push(chunk);
    sizeBytes += chunk.length;
  });
  return await new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      if (signal.aborted) {
        reject(new CliError('interrupted', 'the run was interrupted while the password command ran'));
        return;
      }
      // Not the command itself: people put secrets into those, too.
      reject(new CliError('configuration', `the password command ${why}`, 'Run it by itself to see what is wrong.'));
    };
    child.on('error', (error) => {
      fail(`could not be run: ${error.message}`);
    });
    child.on('close', (code, killed) => {
      if (code === 0) resolve(Buffer.concat(chunks));
      else fail(killed === null ? `ended with ${String(code)}` : `was ended by ${killed}`);
    });
  });
}
