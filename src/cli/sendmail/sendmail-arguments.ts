/**
 * The arguments of sendmail: letters behind one dash, alone or together (`-ti`), values attached or in the next word. What is only
 * about a queue or a daemon of its own is taken and means nothing here; what would need one is refused. Which server: as in the
 * other commands, in words behind two dashes.
 */
import { CliError } from '../cli-error.js';
import { parseArguments } from '../arguments.js';
import type { Arguments } from '../command.js';
import { SERVER_OPTIONS } from '../server-options.js';

/** `none`: no value. `some`: a value, attached or in the next word. `attached`: perhaps a value, attached. */
type Form = 'none' | 'some' | 'attached';

const FORMS: Readonly<Record<string, Form>> = {
  ...{ t: 'none', i: 'none', v: 'none', m: 'none', n: 'none', x: 'none', U: 'none', G: 'none', s: 'none' },
  ...{ f: 'some', r: 'some', F: 'some', N: 'some', R: 'some', V: 'some', B: 'some', b: 'some', o: 'some', O: 'some' },
  ...{ h: 'some', C: 'some', D: 'some', L: 'some', p: 'some', X: 'some', d: 'attached', q: 'attached', A: 'attached' },
};

const MODES: Readonly<Record<string, string>> = {
  p: 'there is no queue to list: messages are sent at once',
  d: 'there is no daemon here',
  D: 'there is no daemon here',
  s: 'SMTP on standard input is not spoken here',
  i: 'there is no table of aliases here',
  v: 'addresses are not verified here',
  t: 'there are no rewriting rules to test here',
};

const HELP = 'posthaste sendmail --help';

/** What may stand more than once: the last one counts, as in sendmail. */
export function parseSendmailArguments(words: readonly string[]): Arguments {
  const given = new Map<string, string>();
  const operands: string[] = [];
  const serverWords: string[] = [];
  let index = 0;
  const take = (letter: string, value: string): void => {
    given.set(letter === 'r' ? 'f' : letter, value);
    if (letter === 'o' && value === 'i') given.set('i', '');
    if (letter === 'b') checkMode(value);
    if (letter === 'q') throw new CliError('usage', 'there is no queue to run: messages are sent at once');
  };
  for (; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') break;
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    if (word.startsWith('--')) {
      // Each of them has a value.
      const long = words.slice(index, word.includes('=') ? index + 1 : index + 2);
      index += long.length - 1;
      serverWords.push(...long);
      continue;
    }
    for (let position = 1; position < word.length; position += 1) {
      const letter = word.charAt(position);
      const form = FORMS[letter];
      if (form === undefined) throw unknown(`-${letter}`);
      if (form === 'none') {
        take(letter, '');
        continue;
      }
      const attached = word.slice(position + 1);
      if (attached !== '' || form === 'attached') {
        take(letter, attached);
      } else {
        index += 1;
        const next = words[index];
        if (next === undefined) throw new CliError('usage', `-${letter} has no value`);
        take(letter, next);
      }
      break;
    }
  }
  operands.push(...words.slice(index + 1));
  const server = parseArguments(serverWords, SERVER_OPTIONS, HELP);
  return {
    operands,
    has: (name) => given.has(name) || server.has(name),
    value: (name) => given.get(name) ?? server.value(name),
    values: (name) => (given.has(name) ? [given.get(name) ?? ''] : server.values(name)),
  };
}

function checkMode(mode: string): void {
  if (mode === 'm') return;
  throw new CliError(
    'usage',
    MODES[mode] ?? 'there is no such mode',
    'The one mode is -bm: send the message on standard input.',
  );
}

function unknown(rawName: string): CliError {
  return new CliError('usage', `there is no option ${rawName}`, `Run ${HELP} to see what there is.`);
}
