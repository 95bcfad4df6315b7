/**
 * Text that is on the disk when `append()` resolves. What is handed in while the disk is busy is written together, with one
 * wait for all. After a failure nothing more is written.
 */
import type { FileHandle } from 'node:fs/promises';

/** What it needs of a file; it is open for appending. */
export type AppendedFile = Pick<FileHandle, 'write' | 'datasync' | 'truncate' | 'close'>;

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class SyncedFile implements AsyncDisposable {
  readonly #file: AppendedFile;
  #sizeBytes: number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(file: AppendedFile, sizeBytes: number) {
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  /** Rejects with the system's error; from then on with the same. */
  async append(text: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject });
    });
    this.#writing ??= this.#drain();
    await written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(Buffer.from(batch.map(({ text }) => text).join('')));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        this.#failure = error as Error;
        for (const { reject } of [...batch, ...this.#waiting]) reject(error);
        this.#waiting = [];
      }
    }
    this.#writing = undefined;
  }

  async #write(octets: Buffer): Promise<void> {
    try {
      for (let position = 0; position < octets.length;) {
        const { bytesWritten } = await this.#file.write(octets, position);
        position += bytesWritten;
      }
      await this.#file.datasync();
      this.#sizeBytes += octets.length;
    } catch (error) {
      // Half a line would do no harm at the end; it must not come to stand in the middle.
      await this.#file.truncate(this.#sizeBytes).catch(() => undefined);
      throw error;
    }
  }
}
