/** What `send` was asked for: checked once, before any file is opened. */
import { isPosthasteError, parseAddressList, type EnvelopeOptions, type SerializeOptions } from '../index.js';
import type { Arguments } from './command.js';
import { CliError } from './cli-error.js';
import type { Io } from './io.js';
import type { Server } from './server.js';
import { requireServer, serverForDryRun } from './server-options.js';

/** `-` as an operand, and the name of standard input in reports. */
export const STANDARD_INPUT = '-';

const LONGEST_TIMEOUT_MS = 2_147_483_647;

export interface SendSettings {
  readonly files: readonly string[];
  /** Undefined only for a dry run. */
  readonly server: Server | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly debug: boolean;
  readonly timeoutMs: number | undefined;
  /** Replace the halves of the envelope that the message gives. */
  readonly given: GivenEnvelope;
  readonly envelopeOptions: EnvelopeOptions;
  readonly serializeOptions: SerializeOptions;
}

export interface GivenEnvelope {
  readonly from?: string;
  readonly to?: readonly string[];
}

/** Rejects with CliError. */
export async function sendSettings(
  given: Arguments,
  io: Pick<Io, 'stdin' | 'env'>,
  signal: AbortSignal,
): Promise<SendSettings> {
  const dryRun = given.has('dry-run');
  const from = given.value('from');
  const to = given.values('to');
  const settings: Omit<SendSettings, 'server'> = {
    files: filesOf(given.operands, io),
    dryRun,
    json: given.has('json'),
    debug: given.has('debug'),
    timeoutMs: milliseconds(given.value('timeout')),
    given: {
      ...(from === undefined ? {} : { from: isNullSender(from) ? '' : oneAddress('--from', from) }),
      ...(to.length === 0 ? {} : { to: [...new Set(to.map((address) => oneAddress('--to', address)))] }),
    },
    ...messageOptions(given),
  };
  // Last: a password command may ask somebody.
  const server = dryRun ? await serverForDryRun(given, io) : await requireServer(given, io, signal);
  return { ...settings, server };
}

/** What --resent, --line-endings and --allow-long-lines say. */
export function messageOptions(given: Arguments): Pick<SendSettings, 'envelopeOptions' | 'serializeOptions'> {
  return {
    envelopeOptions: { resent: (given.value('resent') ?? 'error') as NonNullable<EnvelopeOptions['resent']> },
    serializeOptions: {
      lineEndings: (given.value('line-endings') ?? 'normalize') as NonNullable<SerializeOptions['lineEndings']>,
      allowLongLines: given.has('allow-long-lines'),
    },
  };
}

/** What stands for messages on the command line; none is standard input, unless that is a terminal. Throws CliError. */
export function filesOf(operands: readonly string[], io: Pick<Io, 'stdin'>): readonly string[] {
  if (operands.length === 0) {
    if (io.stdin.isTTY !== true) return [STANDARD_INPUT];
    throw new CliError('usage', 'no message was given', 'Name a file, or give the message on standard input.');
  }
  if (operands.some((operand) => operand.includes('://'))) {
    throw new CliError('usage', 'a URL was given where files stand', 'Give the server with --url, or set SMTP_URL.');
  }
  if (operands.includes(''))
    throw new CliError('usage', 'a file name is empty', 'Name a file, or write - for standard input.');
  if (operands.filter((operand) => operand === STANDARD_INPUT).length > 1) {
    throw new CliError('usage', '- was given twice', 'Standard input can be read once.');
  }
  return operands;
}

/** The value of --timeout. Throws CliError. */
export function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= LONGEST_TIMEOUT_MS) return value;
  throw new CliError(
    'usage',
    '--timeout is no whole number of milliseconds above 0',
    'Ten seconds are --timeout 10000.',
  );
}

function isNullSender(text: string): boolean {
  return text === '' || text === '<>';
}

/** One mailbox; a display name is dropped. */
function oneAddress(option: string, text: string): string {
  try {
    const [first, ...others] = parseAddressList(text);
    if (first !== undefined && others.length === 0 && 'address' in first) return first.address;
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    throw new CliError('usage', `${option}: ${error.message}`, error.hint, error);
  }
  throw new CliError(
    'usage',
    `${option} takes one address`,
    `Write ${option} user@example.org${option === '--to' ? ', and repeat it for more' : ''}.`,
  );
}
