/** A world for `run()`: what it reads and hears comes from a test, what it says is kept. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Io, Output } from '../../src/cli/io.js';
import { run } from '../../src/cli/run.js';

export interface WorldOptions {
  readonly stdin?: string | Uint8Array | Readable;
  /** Standard input is a terminal. */
  readonly terminal?: boolean;
  /** Standard error is a terminal of this width. */
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdout?: Output;
  readonly finish?: AbortSignal;
  readonly stop?: AbortSignal;
}

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const never = new AbortController().signal;

/** Runs `posthaste` with these words. */
export async function posthaste(words: readonly string[], options: WorldOptions = {}): Promise<Ended> {
  const out = new Kept();
  const err = new Kept();
  const code = await run(words, worldWith({ ...options, stdout: options.stdout ?? out, stderr: err }));
  return { code, out: out.text, err: err.text };
}

export function worldWith(options: WorldOptions & { readonly stderr: Output; readonly stdout: Output }): Io {
  const { stdin = '', terminal = false } = options;
  const stream = stdin instanceof Readable ? stdin : Readable.from([Buffer.from(stdin as string)]);
  return {
    stdin: Object.assign(stream, { isTTY: terminal }),
    stdout: options.stdout,
    stderr: options.stderr,
    terminal: options.columns === undefined ? undefined : { columns: options.columns },
    env: options.env ?? {},
    finish: options.finish ?? never,
    stop: options.stop ?? never,
  };
}

export class Kept implements Output {
  text = '';
  write(text: string): Promise<void> {
    this.text += text;
    return Promise.resolve();
  }
}

/** A folder for the files of a test. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'posthaste-cli-'));

  /** Writes a file and gives its path. */
  file(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A message from a@example.org to b@example.org, unless other fields are given. */
export function eml(
  fields: readonly string[] = ['From: a@example.org', 'To: b@example.org'],
  body = 'Hello\r\n',
): string {
  return [...fields, 'Subject: test', '', body].join('\r\n');
}
