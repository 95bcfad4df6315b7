/** The paths of `--files-from`: one for each line, or each ended by NUL; read as they come. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { addAbortSignal } from 'node:stream';
import { CliError } from '../cli-error.js';
import type { Io } from '../io.js';
import { STANDARD_INPUT } from '../send-settings.js';

/** Longer than any system's longest path. */
const LONGEST_PATH = 65_536;

export interface PathListOptions {
  /** A file, or `-` for standard input. */
  readonly file: string;
  readonly endedByNul: boolean;
}

/** Throws CliError, exit `no-input`, for a list that cannot be read, and for one that holds no paths. */
export async function* readPathList(
  { file, endedByNul }: PathListOptions,
  io: Pick<Io, 'stdin'>,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const source: Readable = file === STANDARD_INPUT ? io.stdin : createReadStream(file);
  const end = endedByNul ? '\0' : '\n';
  let rest = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of addAbortSignal(signal, source) as AsyncIterable<Uint8Array>) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split(end);
      rest = parts.pop() ?? '';
      if (rest.length > LONGEST_PATH)
        throw new CliError('no-input', 'a path in the list is too long', '-0 is for lists whose paths end with NUL.');
      for (const part of parts) yield* cleaned(part, endedByNul);
    }
  } catch (error) {
    if (error instanceof CliError || signal.aborted) throw error;
    throw new CliError(
      'no-input',
      `--files-from: ${error instanceof Error ? error.message : String(error)}`,
      undefined,
      error,
    );
  }
  yield* cleaned(rest, endedByNul);
}

function* cleaned(path: string, endedByNul: boolean): Generator<string, void, undefined> {
  const text = endedByNul ? path : path.replace(/\r$/, '');
  if (text.includes('\0')) throw new CliError('no-input', 'the list of paths holds a NUL', 'Read it with -0.');
  if (text !== '') yield text;
}
