/**
 * `posthaste sendmail`: what other programs run to send a message, in place of /usr/sbin/sendmail. There is no queue: it ends when
 * the server has answered, and its exit code is that answer.
 */
import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import {
  isPosthasteError,
  MissingRecipientsError,
  parseAddressList,
  type DsnOptions,
  type Message,
  type SendMessageOptions,
} from '../../index.js';
import type { Arguments } from '../command.js';
import { CliError } from '../cli-error.js';
import type { ExitName } from '../exit-codes.js';
import { exitOfError, exitOfResult } from '../exit-of-error.js';
import { watchInterruption } from '../interruption.js';
import type { Io } from '../io.js';
import { failureText, recipientLines } from '../report.js';
import type { Server } from '../server.js';
import { requireServer } from '../server-options.js';
import { Session } from '../session.js';
import { STANDARD_INPUT } from '../send-settings.js';
import { completeMessage } from './complete-message.js';
import { readMessage } from './read-message.js';

export async function sendmail(given: Arguments, io: Io): Promise<ExitName> {
  const named = given.operands.flatMap((text) => addressesIn('a recipient', text));
  if (!given.has('t') && named.length === 0) {
    throw new CliError('usage', 'no recipient was given', 'Name them, or say -t to take them from the message.');
  }
  const wanted: Wanted = { named, sender: senderOf(given.value('f')), dsn: dsnOptions(given) };
  const stop = new AbortController();
  let session: Session | undefined;
  const interruption = watchInterruption(io, stop, () => session?.contentUnderWay === true);
  try {
    const server = await requireServer(given, io, stop.signal);
    const debug = given.has('v') ? io.stderr : undefined;
    session = new Session({ server, timeoutMs: undefined, debug, signal: stop.signal });
    return await sendOne(given, wanted, { io, server, session, signal: stop.signal });
  } finally {
    await session?.close();
    interruption.ignore();
  }
}

/** What the arguments say, read. */
interface Wanted {
  readonly named: readonly string[];
  readonly sender: string | undefined;
  readonly dsn: DsnOptions | undefined;
}

interface Surroundings {
  readonly io: Io;
  readonly server: Server;
  readonly session: Session;
  readonly signal: AbortSignal;
}

async function sendOne(
  given: Arguments,
  { named, sender, dsn }: Wanted,
  { io, server, session, signal }: Surroundings,
): Promise<ExitName> {
  try {
    const octets = await readMessage(io.stdin, !given.has('i'), signal);
    const own = server.from ?? `${userName(io.env)}@${hostname()}`;
    const message = completeMessage(octets, {
      address: sender === undefined || sender === '' ? own : sender,
      name: given.value('F'),
      date: new Date(),
      messageId: `${randomUUID()}@${hostname()}`,
    });
    const options: SendMessageOptions = {
      ...(sender === undefined ? {} : { from: sender }),
      to: given.has('t') ? recipientsIn(message, named) : [...new Set(named)],
      // Programs do not know how long their lines are; a server that minds says so.
      serializeOptions: { allowLongLines: true },
      ...(dsn === undefined ? {} : { dsn }),
    };
    const result = await session.send(message, options);
    await say(io, recipientLines(STANDARD_INPUT, result.recipients));
    return exitOfResult(result);
  } catch (error) {
    const isInterruption = signal.aborted && exitOfError(error) !== 'may-be-delivered';
    const shown = isInterruption ? new CliError('interrupted', 'it was not sent: the run was interrupted') : error;
    await say(io, failureText(STANDARD_INPUT, shown));
    return exitOfError(shown);
  }
}

/** Undefined: the message says it. */
function senderOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (text === '' || text === '<>') return '';
  const [address, ...others] = addressesIn('-f', text);
  if (address === undefined || others.length > 0) throw new CliError('usage', '-f takes one address');
  return address;
}

function addressesIn(what: string, text: string): string[] {
  try {
    return parseAddressList(text)
      .flatMap((entry) => ('members' in entry ? entry.members : [entry]))
      .map(({ address }) => address);
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    throw new CliError('usage', `${what}: ${error.message}`, error.hint, error);
  }
}

/** As sendmail has it: with -t, the addresses of the command line are those that are not to get the message. */
function recipientsIn(message: Message, without: readonly string[]): readonly string[] {
  const left = new Set(without.map(comparable));
  const to = message.envelope().to.filter((address) => !left.has(comparable(address)));
  if (to.length > 0) return to;
  throw new MissingRecipientsError('everybody whom the message names is excluded on the command line', {
    hint: 'With -t, the addresses in the arguments are those that do not get the message.',
  });
}

function comparable(address: string): string {
  const at = address.lastIndexOf('@');
  return address.slice(0, at) + address.slice(at).toLowerCase();
}

function dsnOptions(given: Arguments): DsnOptions | undefined {
  const [notify, ret, envid] = [given.value('N'), given.value('R'), given.value('V')];
  if (notify === undefined && ret === undefined && envid === undefined) return undefined;
  const events = notify?.toLowerCase().split(',');
  const known = ['never', 'success', 'failure', 'delay'] as const;
  const wanted = known.filter((event) => events?.includes(event));
  if (events !== undefined && wanted.length !== events.length) {
    throw new CliError(
      'usage',
      '-N has a value that it does not take',
      'It takes never, or some of success,failure,delay.',
    );
  }
  const parts = { full: 'full', hdrs: 'headers' } as const;
  const part = ret?.toLowerCase();
  if (part !== undefined && part !== 'full' && part !== 'hdrs') {
    throw new CliError('usage', '-R has a value that it does not take', 'It takes full or hdrs.');
  }
  return {
    ...(events === undefined ? {} : { notify: wanted }),
    ...(part === undefined ? {} : { ret: parts[part] }),
    ...(envid === undefined ? {} : { envid }),
  };
}

function userName(env: Io['env']): string {
  try {
    return userInfo().username;
  } catch {
    // A user of whom the system has no record.
    return env['LOGNAME'] ?? env['USER'] ?? 'nobody';
  }
}

async function say(io: Io, text: string): Promise<void> {
  try {
    if (text !== '') await io.stderr.write(text);
  } catch {
    // Nobody can be told; the exit code still tells.
  }
}
