/**
 * From the name of a file to a message. Regular files are streamed; what can be read only once (standard input, pipes) is held
 * in memory up to a limit.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { Message, messageFromFile } from '../index.js';
import { CliError } from './cli-error.js';
import type { Io } from './io.js';
import { STANDARD_INPUT } from './send-settings.js';

/** How much of standard input or of a pipe is taken into memory. */
export const PIPE_LIMIT_BYTES = 256 * 1024 * 1024;

/** Rejects with MessageError, CliError or the system's error. `signal` ends a wait for more input. */
export async function openMessage(file: string, io: Pick<Io, 'stdin'>, signal: AbortSignal): Promise<Message> {
  if (file === STANDARD_INPUT) return Message.parse(await readAll(io.stdin, signal));
  if (await canBeReadAgain(file)) {
    // Read through first: what is wrong with it shows before anybody is connected to.
    return await messageFromFile(file, { scan: true });
  }
  return Message.parse(await readAll(createReadStream(file), signal));
}

/** Also true for what is no file at all: the library says so best. */
async function canBeReadAgain(file: string): Promise<boolean> {
  try {
    const found = await stat(file);
    return !found.isFIFO() && !found.isCharacterDevice();
  } catch {
    return true;
  }
}

async function readAll(stream: Readable, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of addAbortSignal(signal, stream) as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length;
    if (sizeBytes > PIPE_LIMIT_BYTES) {
      throw new CliError(
        'bad-message',
        `the input is larger than ${String(PIPE_LIMIT_BYTES)} octets`,
        'Write it to a file and name that: files are streamed.',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
