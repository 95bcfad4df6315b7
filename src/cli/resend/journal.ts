/**
 * What a run of `resend` has done, in a file that survives it: an `intent` is on the disk before the first octet of a message
 * leaves, a `done` behind its answer. So whatever ends the run, a message without `done` is the only kind in doubt.
 */
import { createReadStream, existsSync } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Envelope } from '../../index.js';
import { CliError } from '../cli-error.js';
import { FileLock } from './file-lock.js';
import {
  JOURNAL,
  MARKS,
  readRecord,
  withMarks,
  type JournalRecord,
  type Marks,
  type RecordedRecipient,
  type RunFacts,
} from './journal-records.js';
import { SyncedFile, type Urgency } from './synced-file.js';

const LF = 0x0a;
/** A line with 100,000 recipients is far below. */
const LONGEST_LINE_BYTES = 64 * 1024 * 1024;

export class Journal implements AsyncDisposable {
  readonly #states = new Map<string, Marks>();
  readonly #gone = new Set<string>();
  readonly #moved = new Map<string, string>();
  readonly #lock: FileLock;
  #file: SyncedFile | undefined;

  private constructor(lock: FileLock) {
    this.#lock = lock;
  }

  /**
   * Rejects with CliError: `cannot-write`, `try-again` (in use), `bad-message` (damaged, or no journal), `usage` (of another run).
   */
  static async open(path: string, facts: RunFacts): Promise<Journal> {
    const handle = await openFile(path);
    try {
      if (!(await handle.stat()).isFile()) throw noJournal(path);
      const journal = new Journal(await FileLock.take(`${await realpath(path)}.lock`));
      try {
        await journal.#begin(path, handle, facts);
        return journal;
      } catch (error) {
        await journal.#lock[Symbol.asyncDispose]();
        throw error;
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** One mark per recipient; undefined for a message of which the journal knows nothing. */
  marksOf(id: string): Marks | undefined {
    return this.#states.get(id);
  }

  /** Whether the file of a message has left the archive (`--on-success move`). */
  isGone(id: string): boolean {
    return this.#gone.has(id);
  }

  /** The message whose file was moved to this absolute path. */
  idMovedTo(path: string): string | undefined {
    return this.#moved.get(path);
  }

  async intend(id: string, file: string, { from, to }: Envelope, asked: readonly number[]): Promise<void> {
    await this.#append({ type: 'intent', id, at: now(), file, from, to, asked });
  }

  async done(id: string, of: number, recipients: readonly RecordedRecipient[]): Promise<void> {
    // Should the machine stop here, the message is only reported as unknown.
    await this.#append({ type: 'done', id, at: now(), of, recipients }, 'soon');
  }

  /** Both paths are absolute. */
  async moving(id: string, path: string, to: string): Promise<void> {
    await this.#append({ type: 'moving', id, at: now(), path, to });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]();
    await this.#lock[Symbol.asyncDispose]();
  }

  async #begin(path: string, handle: FileHandle, facts: RunFacts): Promise<void> {
    const sizeBytes = await this.#load(path, facts);
    // What a torn last line was to say did not happen: its writer never went on.
    await handle.truncate(sizeBytes);
    this.#file = new SyncedFile(handle, sizeBytes);
    if (sizeBytes > 0) return;
    await this.#append({ type: 'run', journal: JOURNAL, version: 1, ...facts, at: now() });
    await syncFolder(dirname(path));
  }

  /** How many octets are whole lines. */
  async #load(path: string, facts: RunFacts): Promise<number> {
    let number = 0;
    let sizeBytes = 0;
    for await (const { line, whole } of linesOf(path)) {
      const text = line.toString('utf8');
      const record = readRecord(text);
      number += 1;
      if (number === 1) {
        if (record === undefined ? whole || !isTornHead(text) : record.type !== 'run') throw noJournal(path);
        if (record?.type === 'run') refuseAnother(path, record, facts);
      }
      if (!whole) break;
      if (record === undefined) throw damaged(path, number);
      this.#take(record);
      sizeBytes += line.length + 1;
    }
    return sizeBytes;
  }

  #take(record: JournalRecord): void {
    switch (record.type) {
      case 'run':
        break;
      case 'intent': {
        const before = this.#states.get(record.id) ?? MARKS.untried.repeat(record.to.length);
        this.#states.set(
          record.id,
          withMarks(before, record.asked, () => MARKS.unknown),
        );
        break;
      }
      case 'done': {
        const before = this.#states.get(record.id) ?? MARKS.untried.repeat(record.of);
        const indexes = record.recipients.map(({ index }) => index);
        this.#states.set(
          record.id,
          withMarks(before, indexes, (position) => record.recipients[position]?.mark ?? MARKS.unknown),
        );
        break;
      }
      case 'moving':
        this.#moved.set(record.to, record.id);
        if (!existsSync(record.path)) this.#gone.add(record.id);
    }
  }

  async #append(record: JournalRecord, urgency?: Urgency): Promise<void> {
    try {
      await this.#file?.append(`${JSON.stringify(record)}\n`, urgency);
    } catch (error) {
      throw new CliError(
        'cannot-write',
        `the journal cannot be written: ${error instanceof Error ? error.message : String(error)}`,
        'The run ended there: nothing is sent that cannot be written down.',
        error,
      );
    }
    this.#take(record);
  }
}

interface JournalLine {
  readonly line: Buffer;
  /** It has its line end. */
  readonly whole: boolean;
}

async function* linesOf(path: string): AsyncGenerator<JournalLine, void, undefined> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      yield { line: Buffer.concat([...rest, chunk.subarray(start, end)]), whole: true };
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
    restBytes += chunk.length - start;
    if (restBytes > LONGEST_LINE_BYTES) throw noJournal(path);
  }
  if (restBytes > 0) yield { line: Buffer.concat(rest), whole: false };
}

/** The beginning of the first line, from a run that was ended while it wrote it. */
function isTornHead(text: string): boolean {
  const head = `{"type":"run","journal":"${JOURNAL}"`;
  return text.startsWith(head) || head.startsWith(text);
}

function refuseAnother(path: string, { server, resent }: RunFacts, facts: RunFacts): void {
  const differs =
    server !== facts.server
      ? `its server is ${server}`
      : JSON.stringify(resent) === JSON.stringify(facts.resent)
        ? undefined
        : 'its --resent-* options are others';
  if (differs === undefined) return;
  throw new CliError(
    'usage',
    `the journal ${path} is that of another run: ${differs}`,
    'Give the same options again, or another --journal.',
  );
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a+', 0o600);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError('cannot-write', `the journal cannot be opened: ${why}`, undefined, error);
  }
}

/** A new file is on the disk when its folder is. Not every system can do that. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path);
    await folder.sync().finally(() => folder.close());
  } catch {
    // Then it is there when the system writes it.
  }
}

function noJournal(path: string): CliError {
  return new CliError('bad-message', `${path} is no journal of ${JOURNAL}`, 'Name a file that does not exist yet.');
}

function damaged(path: string, line: number): CliError {
  return new CliError(
    'bad-message',
    `the journal ${path} is damaged in line ${String(line)}`,
    'Only its last line may be torn. Mend the line, or remove it and check whether its message arrived.',
  );
}

function now(): string {
  return new Date().toISOString();
}
