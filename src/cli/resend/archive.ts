/**
 * The messages of an archive, one after the other: each can be opened once more later, none stays in memory. What is wrong with
 * one of them stands in its place, and the others follow.
 */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Message, messageFromFile } from '../../index.js';
import { CliError, unreadable } from '../cli-error.js';
import { PIPE_LIMIT_BYTES } from '../input.js';
import { MboxParser, type MboxEvent } from './mbox-parser.js';
import type { Fault, FoundFile } from './walk.js';

/** Files up to this size are read at once; the body of a larger one is streamed. */
const READ_AT_ONCE_BYTES = 512 * 1024;

/** Where a message stands. */
export interface Place {
  readonly file: FoundFile;
  /** Of a message in an mbox: its number, from 1, and its octets in the file. */
  readonly part?: { readonly number: number; readonly offset: number; readonly end: number };
}

export interface Entry {
  readonly kind: 'entry';
  readonly place: Place;
  /** The path; of a message in an mbox with its number. */
  readonly label: string;
  /** In the archive. */
  readonly sizeBytes: number;
  open(): Promise<Message>;
}

export type EntryFault = Omit<Fault, 'path'> & { readonly label: string };

export async function* entriesOf(
  files: AsyncIterable<FoundFile | Fault>,
  signal: AbortSignal,
): AsyncGenerator<Entry | EntryFault, void, undefined> {
  for await (const found of files) {
    if (signal.aborted) return;
    if (found.kind === 'fault') yield { kind: 'fault', label: found.path, error: found.error };
    else if (found.kind === 'message') yield entryOfFile(found);
    else yield* entriesOfMbox(found, signal);
  }
}

/** The same message, read again. */
export function entryAt(place: Place): Entry {
  if (place.part === undefined) return entryOfFile(place.file);
  const { offset, end } = place.part;
  return partEntry(place.file, place.part, async () => {
    const octets: Buffer[] = [];
    const parser = new MboxParser();
    const take = (events: readonly MboxEvent[]): void => {
      for (const event of events) if (event.kind === 'octets') octets.push(event.octets);
    };
    for await (const chunk of createReadStream(place.file.path, { start: offset, end: end - 1 })) {
      take(parser.push(chunk as Buffer));
    }
    // The blank line behind each message.
    take([...parser.push(Buffer.from('\n')), ...parser.end()]);
    return Message.parse(Buffer.concat(octets));
  });
}

function entryOfFile(file: FoundFile): Entry {
  const { path, sizeBytes } = file;
  return {
    kind: 'entry',
    place: { file },
    label: path,
    sizeBytes,
    open: async () => {
      if (sizeBytes > READ_AT_ONCE_BYTES) return await messageFromFile(path, { scan: true });
      const octets = await readFile(path).catch((error: unknown) => {
        throw unreadable(error);
      });
      return Message.parse(octets);
    },
  };
}

function partEntry(file: FoundFile, part: NonNullable<Place['part']>, open: () => Promise<Message>): Entry {
  return {
    kind: 'entry',
    place: { file, part },
    label: `${file.path}#${String(part.number)}`,
    sizeBytes: part.end - part.offset,
    open,
  };
}

interface OpenPart {
  readonly offset: number;
  pieces: Buffer[];
  sizeBytes: number;
}

async function* entriesOfMbox(
  file: FoundFile,
  signal: AbortSignal,
): AsyncGenerator<Entry | EntryFault, void, undefined> {
  const parser = new MboxParser();
  let number = 0;
  let part: OpenPart = { offset: 0, pieces: [], sizeBytes: 0 };
  function* entriesFrom(events: readonly MboxEvent[]): Generator<Entry | EntryFault, void, undefined> {
    for (const event of events) {
      if (event.kind === 'begin') {
        number += 1;
        part = { offset: event.offset, pieces: [], sizeBytes: 0 };
      } else if (event.kind === 'octets') {
        part.sizeBytes += event.octets.length;
        if (part.sizeBytes <= PIPE_LIMIT_BYTES) part.pieces.push(event.octets);
      } else {
        yield entryOfPart(file, number, part, event);
      }
    }
  }
  try {
    for await (const chunk of createReadStream(file.path, { highWaterMark: 256 * 1024 })) {
      if (signal.aborted) return;
      yield* entriesFrom(parser.push(chunk as Buffer));
    }
    yield* entriesFrom(parser.end());
  } catch (error) {
    yield { kind: 'fault', label: file.path, error: unreadable(error) };
  }
}

function entryOfPart(
  file: FoundFile,
  number: number,
  { offset, pieces, sizeBytes }: OpenPart,
  { offset: end, cut }: MboxEvent & { readonly kind: 'end' },
): Entry | EntryFault {
  const label = `${file.path}#${String(number)}`;
  const fault = (what: string, hint: string): EntryFault => ({
    kind: 'fault',
    label,
    error: new CliError('bad-message', what, hint),
  });
  if (cut) return fault('the mbox ends in the middle of this message', 'It was not sent: get the rest of the file.');
  if (sizeBytes > PIPE_LIMIT_BYTES) {
    return fault(`it is larger than ${String(PIPE_LIMIT_BYTES)} octets`, 'Take it out of the mbox, into a file *.eml.');
  }
  // Joined at once: each piece is a view of a much larger chunk of the file.
  const octets = Buffer.concat(pieces);
  return partEntry(file, { number, offset, end }, () => Promise.resolve().then(() => Message.parse(octets)));
}
