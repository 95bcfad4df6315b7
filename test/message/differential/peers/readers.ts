/** The peers: nodemailer's parser, installed with the benchmarks, and Python's email.utils.getaddresses. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { questionsAbout, type Reader, type Reading } from '../compare.js';

export interface Peer {
  readonly title: string;
  readonly read: Reader;
}

const NODEMAILER = join(import.meta.dirname, '../../../../bench/node_modules/nodemailer');

interface NodemailerModule {
  readonly default: (text: string, options: { flatten: true }) => Reading;
}

async function nodemailer(): Promise<Peer> {
  const { version } = JSON.parse(readFileSync(join(NODEMAILER, 'package.json'), 'utf8')) as { version: string };
  const module = pathToFileURL(join(NODEMAILER, 'dist/esm/addressparser/index.js')).href;
  const { default: addressparser } = (await import(module)) as NodemailerModule;
  return { title: `nodemailer ${version}`, read: (text) => addressparser(text, { flatten: true }) };
}

interface PythonAnswer {
  readonly version: string;
  readonly readings: Readonly<Record<string, readonly Reading[]>>;
}

/** Python is asked once, for every text that the comparison will want. */
function python(texts: readonly string[]): readonly Peer[] {
  const questions = [...new Set(texts.flatMap(questionsAbout))];
  const { status, stdout, stderr } = spawnSync('python3', [join(import.meta.dirname, 'getaddresses.py')], {
    input: JSON.stringify(questions),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`getaddresses.py failed: ${stderr}`);
  const { version, readings } = JSON.parse(stdout) as PythonAnswer;
  return Object.entries(readings).map(([mode, answers]) => {
    const byText = new Map(questions.map((question, index) => [question, answers[index]]));
    return {
      title: `Python ${version} getaddresses${mode === 'strict' ? ', strict' : ''}`,
      read(text) {
        const reading = byText.get(text);
        if (reading === undefined) throw new Error(`Python was not asked about ${JSON.stringify(text)}`);
        return reading;
      },
    };
  });
}

export async function peers(texts: readonly string[]): Promise<readonly Peer[]> {
  return [await nodemailer(), ...python(texts)];
}
