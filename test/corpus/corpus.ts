/** The folder of real messages beside the repository. Data: read as bytes, sent nowhere but to loopback. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const corpusFolder = fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
export const oracleProgram = fileURLToPath(new URL('../../../shared/oracle/oracle.py', import.meta.url));

export interface RealMessage {
  /** The path below the folder. */
  readonly file: string;
  readonly bytes: Buffer;
  readonly path: string;
}

/** Every message, in order of name. Throws when the folder is not there: a run without it must not pass for a run. */
export function realMessages(): readonly RealMessage[] {
  if (!existsSync(corpusFolder))
    throw new Error('the folder of real messages, ../shared/corpus, is not on this machine');
  const files = readdirSync(corpusFolder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.eml'))
    .sort()
    .map((file) => ({ file, path: join(corpusFolder, file), bytes: readFileSync(join(corpusFolder, file)) }));
}
