/**
 * Text that is on the disk when `append()` resolves. What is handed in while the disk is busy is written together, with one wait for
 * all; what is not waited for is written at once, so that it survives the process, and waits for the disk with the next that is. After
 * a failure nothing more is written.
 */
import type { FileHandle } from 'node:fs/promises';

/** What it needs of a file; it is open for appending. */
export type AppendedFile = Pick<FileHandle, 'write' | 'datasync' | 'truncate' | 'close'>;

/** `now`: somebody waits for it. `soon`: within a few milliseconds. */
export type Urgency = 'now' | 'soon';

const SOON_MS = 10;

interface Waiting {
  readonly text: string;
  readonly urgency: Urgency;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class SyncedFile implements AsyncDisposable {
  readonly #file: AppendedFile;
  #sizeBytes: number;
  #waiting: Waiting[] = [];
  /** Written, and not known to be on the disk. */
  #unsynced: Waiting[] = [];
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;
  #isWorking = false;
  #work: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(file: AppendedFile, sizeBytes: number) {
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  /** Rejects with the system's error; from then on with the same. */
  async append(text: string, urgency: Urgency = 'now'): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ text, urgency, resolve, reject });
    });
    this.#begin();
    await written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#syncNow();
    await this.#work;
    await this.#file.close();
  }

  #syncNow(): void {
    this.#forgetTimer();
    this.#isDue = true;
    this.#begin();
  }

  #forgetTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The work may be over before it is ever awaited: whether it goes on, only the flag says. */
  #begin(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#work = this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 || (this.#isDue && this.#unsynced.length > 0)) {
      const batch = this.#waiting;
      this.#waiting = [];
      this.#unsynced.push(...batch);
      if (batch.some(({ urgency }) => urgency === 'now')) this.#isDue = true;
      try {
        await this.#write(Buffer.from(batch.map(({ text }) => text).join('')));
        if (!this.#isDue) continue;
        this.#isDue = false;
        this.#forgetTimer();
        await this.#file.datasync();
        for (const { resolve } of this.#unsynced.splice(0)) resolve();
      } catch (error) {
        this.#failure = error as Error;
        for (const { reject } of [...this.#unsynced.splice(0), ...this.#waiting.splice(0)]) reject(error);
      }
    }
    this.#isWorking = false;
    if (this.#unsynced.length === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#syncNow();
    }, SOON_MS);
  }

  async #write(octets: Buffer): Promise<void> {
    try {
      for (let position = 0; position < octets.length;) {
        const { bytesWritten } = await this.#file.write(octets, position);
        position += bytesWritten;
      }
      this.#sizeBytes += octets.length;
    } catch (error) {
      // Half a line would do no harm at the end; it must not come to stand in the middle.
      await this.#file.truncate(this.#sizeBytes).catch(() => undefined);
      throw error;
    }
  }
}
