/**
 * A file that is read again and again. One rule: every reading is of the same file with the same octets as the first, as far as the
 * system tells; a file that has changed is an error.
 */
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { MessageError } from '../errors.js';

const READ_OCTETS = 262_144;

/** For a reader who may stop soon. Most header blocks are smaller. */
const FEW_OCTETS = 16_384;

export class FileSource {
  readonly #path: string;
  /** What the file is to the message, for errors: `message file`. */
  readonly #what: string;
  readonly #hintOfChanged: string;
  /** What the file was when it was first opened. */
  #version: string | undefined;
  #sizeBytes = 0;

  constructor(path: string, what: string, hintOfChanged: string) {
    this.#path = path;
    this.#what = what;
    this.#hintOfChanged = hintOfChanged;
  }

  /** How long the file was when it was last opened; 0 before. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /**
   * The octets from a position to the end; the file is opened when the first one is asked for. `transient`: the memory of a piece is
   * used again when the next one is asked for.
   *
   * @throws MessageError: `ERR_FILE_NOT_READABLE` (with the system's error as `cause`), `ERR_NOT_A_FILE` (a directory, a pipe),
   *   `ERR_MESSAGE_CHANGED`.
   */
  async *readFrom(start: number, transient = false): AsyncGenerator<Buffer, void, undefined> {
    const file = await this.#open();
    let reading: Promise<Buffer | undefined> | undefined;
    try {
      let position = start;
      let spare: Buffer | undefined;
      reading = this.#read(file, position, READ_OCTETS);
      for (;;) {
        const octets = await reading;
        reading = undefined;
        if (octets === undefined) return;
        position += octets.length;
        // While these octets are on their way, the next ones are read.
        reading = this.#read(file, position, READ_OCTETS, spare);
        // A failure is told when it is its turn.
        reading.catch(() => undefined);
        yield octets;
        if (transient) spare = octets;
      }
    } finally {
      await reading?.catch(() => undefined);
      await file.close();
    }
  }

  /**
   * The octets from the first one on, for a reader who may stop soon: in small pieces, each of which is read when it is asked for.
   * Throws as `readFrom()` does.
   */
  async *readSparingly(): AsyncGenerator<Buffer, void, undefined> {
    const file = await this.#open();
    try {
      let position = 0;
      for (;;) {
        const octets = await this.#read(file, position, FEW_OCTETS);
        if (octets === undefined) return;
        position += octets.length;
        yield octets;
      }
    } finally {
      await file.close();
    }
  }

  /** The octets at a position. Undefined at the end: what is written to it in the meantime is no part of the message. */
  async #read(file: FileHandle, position: number, most: number, spare?: Buffer): Promise<Buffer | undefined> {
    const wanted = Math.min(most, this.#sizeBytes - position);
    if (wanted <= 0) return undefined;
    const memory = spare ?? Buffer.allocUnsafeSlow(wanted);
    const length = Math.min(wanted, memory.length);
    const { bytesRead } = await this.#attempt(() => file.read(memory, 0, length, position));
    if (bytesRead === 0) throw this.#changed();
    return memory.subarray(0, bytesRead);
  }

  async #open(): Promise<FileHandle> {
    // Loaded here, since most programs send no file.
    const { open, stat } = await import('node:fs/promises');
    // Before it is opened: a pipe without a writer would never open.
    const kind = await this.#attempt(() => stat(this.#path));
    if (!kind.isFile()) throw this.#notAFile(kind);
    const file = await this.#attempt(() => open(this.#path, 'r'));
    try {
      const { dev, ino, size, mtimeNs } = await this.#attempt(() => file.stat({ bigint: true }));
      const version = [dev, ino, size, mtimeNs].join(':');
      this.#version ??= version;
      if (version !== this.#version) throw this.#changed();
      this.#sizeBytes = Number(size);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#notReadable(error);
    }
  }

  #notReadable(cause: unknown): MessageError {
    const systemCode = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown';
    return new MessageError(`the ${this.#what} ${JSON.stringify(this.#path)} cannot be read (${systemCode})`, {
      code: 'ERR_FILE_NOT_READABLE',
      hint: HINTS[systemCode] ?? 'The cause says what the system reported.',
      cause,
    });
  }

  #notAFile(kind: Stats): MessageError {
    const what = kind.isDirectory() ? 'a directory' : 'a pipe or a device';
    return new MessageError(`${JSON.stringify(this.#path)} is ${what}, not a file`, {
      code: 'ERR_NOT_A_FILE',
      hint: kind.isDirectory()
        ? 'Give the files in it one by one.'
        : 'It can be read only once: give its octets instead.',
    });
  }

  #changed(): MessageError {
    return new MessageError(`the ${this.#what} ${JSON.stringify(this.#path)} has changed since it was first read`, {
      code: 'ERR_MESSAGE_CHANGED',
      hint: this.#hintOfChanged,
    });
  }
}

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file: check the path, and the folder that it is relative to.',
  EACCES: 'This user may not read it: check its permissions.',
  EISDIR: 'It is a directory: give the files in it one by one.',
};
