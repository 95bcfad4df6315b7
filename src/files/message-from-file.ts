/**
 * Messages in files. One rule: the header block is read once and kept; the body is read from the file each time it is sent, and
 * only if the file is still the one whose header block was read.
 */
import type { Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { MessageError } from '../errors.js';
import { messageOfHead, readHead, type MessageHead } from '../message/read-message.js';
import type { Message } from '../message/message.js';
import { scanBody } from '../message/scan-body.js';

const READ_OCTETS = 65_536;

export interface MessageFromFileOptions {
  /**
   * Reads the whole file once beforehand: the exact size and whether BODY=8BITMIME is needed are known before the first command,
   * and NUL octets and over-long lines are refused there instead of in the middle of a sending. Default false.
   */
  readonly scan?: boolean;
}

/**
 * A message of which only the header block is in memory. It can be sent again and again, as long as the file does not change.
 *
 * @throws MessageError: `ERR_FILE_NOT_READABLE` (with the system's error as `cause`), `ERR_NOT_A_FILE` (a directory, a pipe),
 *   `ERR_MESSAGE_CHANGED`, and what `Message.parse` throws; with `scan` also `ERR_NUL_OCTET`.
 */
export async function messageFromFile(path: string, options: MessageFromFileOptions = {}): Promise<Message> {
  const source = new MessageFile(path);
  const head = await source.readHead();
  const { bodyStart } = head.block;
  const facts = options.scan === true ? await scanBody(source.readFrom(bodyStart)) : undefined;
  return messageOfHead(head, { replayable: true, open: () => source.readFrom(bodyStart), facts });
}

class MessageFile {
  readonly #path: string;
  /** What the file was when its header block was read. */
  #version: string | undefined;
  #sizeBytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async readHead(): Promise<MessageHead> {
    const octets = this.readFrom(0);
    try {
      return await readHead(octets);
    } finally {
      await octets.return();
    }
  }

  async *readFrom(start: number): AsyncGenerator<Buffer, void, undefined> {
    const file = await this.#open();
    try {
      let position = start;
      // What is written to the file's end in the meantime is no part of the message.
      while (position < this.#sizeBytes) {
        const length = Math.min(READ_OCTETS, this.#sizeBytes - position);
        const { bytesRead, buffer } = await this.#attempt(() =>
          file.read(Buffer.allocUnsafeSlow(length), 0, length, position),
        );
        if (bytesRead === 0) throw changed(this.#path);
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  async #open(): Promise<FileHandle> {
    // Before it is opened: a pipe without a writer would never open.
    const kind = await this.#attempt(() => stat(this.#path));
    if (!kind.isFile()) throw notAFile(this.#path, kind);
    const file = await this.#attempt(() => open(this.#path, 'r'));
    try {
      const { dev, ino, size, mtimeNs } = await this.#attempt(() => file.stat({ bigint: true }));
      const version = [dev, ino, size, mtimeNs].join(':');
      this.#version ??= version;
      if (version !== this.#version) throw changed(this.#path);
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
      throw notReadable(this.#path, error);
    }
  }
}

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file: check the path, and the folder that it is relative to.',
  EACCES: 'This user may not read it: check its permissions.',
  EISDIR: 'It is a directory: give the files in it one by one.',
};

function notReadable(path: string, cause: unknown): MessageError {
  const systemCode = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown';
  return new MessageError(`the message file ${JSON.stringify(path)} cannot be read (${systemCode})`, {
    code: 'ERR_FILE_NOT_READABLE',
    hint: HINTS[systemCode] ?? 'The cause says what the system reported.',
    cause,
  });
}

function notAFile(path: string, kind: Stats): MessageError {
  const what = kind.isDirectory() ? 'a directory' : 'a pipe or a device';
  return new MessageError(`${JSON.stringify(path)} is ${what}, not a file`, {
    code: 'ERR_NOT_A_FILE',
    hint: kind.isDirectory()
      ? 'Give the files in it one by one.'
      : 'It can be read only once: give Message.parse its octets instead.',
  });
}

function changed(path: string): MessageError {
  return new MessageError(`the message file ${JSON.stringify(path)} has changed since its header block was read`, {
    code: 'ERR_MESSAGE_CHANGED',
    hint: 'Read it anew with messageFromFile(path); write new messages to new files.',
  });
}
