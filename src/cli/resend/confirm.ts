/** `--confirm`: a question on a terminal before many people get mail. Where nobody can be asked, `auto` asks nobody. */
import { createInterface } from 'node:readline';
import { CliError } from '../cli-error.js';
import type { Io } from '../io.js';
import { number } from './counts.js';

/** `auto` asks above this number of recipients. */
export const MANY_RECIPIENTS = 50;

/** Whether there is anybody to ask. Throws CliError, exit `usage`, when somebody must be. */
export function mayAsk(confirm: 'auto' | 'always' | 'never', io: Pick<Io, 'stdin' | 'terminal'>): boolean {
  if (confirm === 'never') return false;
  const isTerminal = io.stdin.isTTY === true && io.terminal !== undefined;
  if (confirm === 'always' && !isTerminal) {
    throw new CliError('usage', '--confirm always was given, and nobody can be asked', 'Run it on a terminal.');
  }
  return isTerminal;
}

/** Rejects with CliError, exit `interrupted`, unless the answer is yes. */
export async function ask(
  { messages, recipients, more, server }: { messages: number; recipients: number; more: boolean; server: string },
  io: Pick<Io, 'stdin' | 'stderr'>,
  signal: AbortSignal,
): Promise<void> {
  const count = more
    ? `more than ${number(MANY_RECIPIENTS)} recipients`
    : `${number(messages)} messages to ${number(recipients)} recipients`;
  await io.stderr.write(`Send ${more ? 'to ' : ''}${count}, through ${server}? [y/N] `);
  const answer = await readLine(io, signal);
  if (/^\s*y(?:es)?\s*$/i.test(answer)) return;
  throw new CliError('interrupted', 'nothing was sent: it was not confirmed');
}

async function readLine({ stdin }: Pick<Io, 'stdin'>, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: stdin, terminal: false });
  return await new Promise((resolve) => {
    const end = (answer: string) => (): void => {
      signal.removeEventListener('abort', onAbort);
      // The first answer counts; closing is one, too.
      resolve(answer);
      lines.close();
    };
    const onAbort = end('');
    lines.once('line', (line) => {
      end(line)();
    });
    lines.once('close', end(''));
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
