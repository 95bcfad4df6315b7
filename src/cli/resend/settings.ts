/** What `resend` was asked for: checked once, before any message is opened. */
import { resolve } from 'node:path';
import {
  isPosthasteError,
  Message,
  parseAddressList,
  type EnvelopeOptions,
  type ResendFields,
  type SerializeOptions,
} from '../../index.js';
import type { Arguments } from '../command.js';
import { CliError } from '../cli-error.js';
import type { Io } from '../io.js';
import { messageOptions, milliseconds } from '../send-settings.js';
import type { Server } from '../server.js';
import { requireServer, serverForDryRun } from '../server-options.js';
import type { RunFacts } from './journal-records.js';
import type { PathListOptions } from './path-list.js';

export type ResendMode = 'send' | 'dry-run' | 'probe';

export interface ResendSettings {
  readonly mode: ResendMode;
  readonly paths: readonly string[];
  readonly filesFrom: PathListOptions | undefined;
  /** Undefined only for a dry run. */
  readonly server: Server | undefined;
  /** Undefined: the envelope comes from the messages. */
  readonly resent: ResendFields | undefined;
  readonly resentFacts: RunFacts['resent'];
  readonly envelopeOptions: EnvelopeOptions;
  readonly serializeOptions: SerializeOptions;
  readonly journal: string | undefined;
  readonly resendUnknown: boolean;
  readonly rate: string | undefined;
  readonly concurrency: number;
  readonly retries: number;
  readonly confirm: 'auto' | 'always' | 'never';
  /** The absolute path of the folder that files go to when everybody has got their message. */
  readonly moveTo: string | undefined;
  readonly sortByDate: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly debug: boolean;
  readonly timeoutMs: number | undefined;
}

const MOST_CONNECTIONS = 100;
const MOST_RETRIES = 1_000;
const RESENT = ['resent-from', 'resent-to', 'resent-cc', 'resent-bcc'] as const;

/** Rejects with CliError. */
export async function resendSettings(
  given: Arguments,
  io: Pick<Io, 'env'>,
  signal: AbortSignal,
): Promise<ResendSettings> {
  const mode = modeOf(given);
  const filesFrom = given.value('files-from');
  const paths = given.operands;
  if (paths.length === 0 && filesFrom === undefined) {
    throw new CliError('usage', 'no archive was given', 'Name files, directories or mboxes, or give --files-from.');
  }
  if (given.has('null') && filesFrom === undefined) throw new CliError('usage', '-0 was given without --files-from');
  checkPaths(paths);
  const resent = resentFields(given);
  const settings: Omit<ResendSettings, 'server'> = {
    mode,
    paths,
    filesFrom: filesFrom === undefined ? undefined : { file: filesFrom, endedByNul: given.has('null') },
    ...resent,
    ...messageOptions(given),
    journal: given.value('journal'),
    resendUnknown: given.has('resend-unknown'),
    rate: given.value('rate'),
    concurrency: wholeNumber('--concurrency', given.value('concurrency'), 1, 1, MOST_CONNECTIONS),
    retries: wholeNumber('--retries', given.value('retries'), 2, 0, MOST_RETRIES),
    confirm: (given.value('confirm') ?? 'auto') as ResendSettings['confirm'],
    moveTo: folderOf(given.value('on-success')),
    sortByDate: given.value('sort') === 'date',
    json: given.has('json'),
    verbose: given.has('verbose'),
    debug: given.has('debug'),
    timeoutMs: milliseconds(given.value('timeout')),
  };
  if (settings.resendUnknown && settings.journal === undefined) {
    throw new CliError(
      'usage',
      '--resend-unknown was given without --journal',
      'The journal says which messages those are.',
    );
  }
  // Last: a password command may ask somebody.
  const server = mode === 'dry-run' ? await serverForDryRun(given, io) : await requireServer(given, io, signal);
  return { ...settings, server };
}

function modeOf(given: Arguments): ResendMode {
  if (given.has('dry-run') && given.has('probe')) {
    throw new CliError('usage', '--dry-run and --probe were both given', 'A dry run connects to nobody; a probe does.');
  }
  return given.has('dry-run') ? 'dry-run' : given.has('probe') ? 'probe' : 'send';
}

function checkPaths(paths: readonly string[]): void {
  if (paths.some((path) => path.includes('://'))) {
    throw new CliError('usage', 'a URL was given where files stand', 'Give the server with --url, or set SMTP_URL.');
  }
  if (paths.includes('')) throw new CliError('usage', 'a path is empty', 'Name a file or a directory.');
  if (paths.includes('-')) {
    throw new CliError(
      'usage',
      '- is no archive',
      'Send one message from standard input with send; --files-from - reads paths.',
    );
  }
}

function resentFields(given: Arguments): Pick<ResendSettings, 'resent' | 'resentFacts'> {
  const values = RESENT.map((name) => [name, given.values(name)] as const).filter(([, list]) => list.length > 0);
  if (values.length === 0) return { resent: undefined, resentFacts: null };
  const facts = Object.fromEntries(values);
  const {
    'resent-from': from,
    'resent-to': to,
    'resent-cc': cc,
    'resent-bcc': bcc,
  } = facts as Partial<Record<(typeof RESENT)[number], readonly string[]>>;
  if (from === undefined) {
    throw new CliError('usage', 'the Resent-* fields lack a sender', 'Give it with --resent-from ADDRESS.');
  }
  const fields: ResendFields = {
    from: from.join(', '),
    ...(to && { to: to.join(', ') }),
    ...(cc && { cc: cc.join(', ') }),
    ...(bcc && { bcc: bcc.join(', ') }),
  };
  for (const [name, list] of values) for (const text of list) checkAddresses(`--${name}`, text);
  try {
    // What is wrong with the fields is wrong for every message.
    Message.parse('From: a@b.example\r\n').resend(fields);
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    const hint =
      error.code === 'ERR_MISSING_RECIPIENTS' ? 'Give --resent-to, --resent-cc or --resent-bcc.' : error.hint;
    throw new CliError('usage', `--resent-*: ${error.message}`, hint, error);
  }
  return { resent: fields, resentFacts: facts };
}

function checkAddresses(option: string, text: string): void {
  try {
    if (parseAddressList(text).length > 0) return;
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    throw new CliError('usage', `${option}: ${error.message}`, error.hint, error);
  }
  throw new CliError('usage', `${option} has no address`, `Write ${option} user@example.org.`);
}

function folderOf(action: string | undefined): string | undefined {
  if (action === undefined) return undefined;
  const [, folder] = /^move:(.+)$/s.exec(action) ?? [];
  if (folder !== undefined) return resolve(folder);
  throw new CliError('usage', '--on-success has a value that it does not take', 'Write --on-success move:DIRECTORY.');
}

function wholeNumber(option: string, text: string | undefined, standard: number, least: number, most: number): number {
  if (text === undefined) return standard;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value >= least && value <= most) return value;
  throw new CliError('usage', `${option} is no whole number from ${String(least)} to ${String(most)}`);
}
