/** `posthaste inbox`: runs an inbox until it is told to end, and says in one line what comes in. */
import { writeFile } from 'node:fs/promises';
import { isPosthasteError } from '../index.js';
import { Inbox, type InboxMessage, type InboxOptions } from '../inbox/index.js';
import { isLoopback } from '../web/index.js';
import type { Arguments } from './command.js';
import { CliError } from './cli-error.js';
import type { ExitName } from './exit-codes.js';
import type { Io } from './io.js';
import { oneLine } from './one-line.js';

/** Where people look for such a server; a library takes free ports instead. */
const SMTP_PORT = 1025;
const WEB_PORT = 8025;

export async function inbox(given: Arguments, io: Io): Promise<ExitName> {
  if (given.operands.length > 0) {
    throw new CliError('usage', 'inbox takes no arguments but options', 'Send messages to it with posthaste send.');
  }
  const running = await start(optionsOf(given));
  try {
    const file = given.value('tls-certificate');
    if (file !== undefined) await writeCertificate(file, running.certificate ?? '');
    await io.stdout.write(`SMTP  ${running.smtpUrl}\nWeb   ${running.webUrl}\n`);
    const host = given.value('host');
    if (host !== undefined && !isLoopback(host)) {
      await io.stderr.write(
        `posthaste: everybody who can reach ${host} can read and delete what is in this inbox, and send to it.\n`,
      );
    }
    await untilTold(running, given.has('quiet') ? undefined : io, io.finish);
  } finally {
    await running.close();
  }
  // Being ended is how it ends.
  return 'ok';
}

async function writeCertificate(file: string, certificate: string): Promise<void> {
  try {
    await writeFile(file, certificate);
  } catch (error) {
    throw new CliError(
      'cannot-write',
      `the certificate cannot be written: ${(error as Error).message}`,
      undefined,
      error,
    );
  }
}

async function start(options: InboxOptions): Promise<Inbox> {
  try {
    return await Inbox.start(options);
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    const exit = error.code === 'ERR_INVALID_OPTION' ? 'usage' : 'configuration';
    throw new CliError(exit, error.message, error.hint, error);
  }
}

function optionsOf(given: Arguments): InboxOptions {
  const host = given.value('host');
  return {
    ...(host === undefined ? {} : { host }),
    smtpPort: numberOf('smtp-port', given) ?? SMTP_PORT,
    webPort: numberOf('web-port', given) ?? WEB_PORT,
    allowedHosts: given.values('allow-host'),
    tls: given.has('tls') || given.has('tls-certificate'),
    ...named('maxMessages', numberOf('max-messages', given)),
    ...named('maxOctets', numberOf('max-octets', given)),
    ...named('maxMessageOctets', numberOf('max-message-octets', given)),
  };
}

function named<K extends string>(name: K, value: number | undefined): Partial<Record<K, number>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<K, number>>);
}

function numberOf(option: string, given: Arguments): number | undefined {
  const text = given.value(option);
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CliError('usage', `--${option} is no whole number`, `Write --${option} and a number, such as 1025.`);
}

/** Ends with the first signal, or when nobody reads what is said. */
async function untilTold(running: Inbox, io: Io | undefined, finish: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    if (finish.aborted) resolve();
    finish.addEventListener('abort', () => {
      resolve();
    });
    running.onMessage((message) => {
      io?.stdout.write(lineOf(message)).catch(reject);
    });
  });
}

function lineOf({ id, envelope, subject, raw, provenance }: InboxMessage): string {
  const leaked = provenance.leaked.map(({ header }) => header);
  const warning = leaked.length === 0 ? '' : `, ${leaked.join(', ')} LEFT IN`;
  const [first = '', ...others] = envelope.to;
  const more = others.length === 0 ? '' : ` +${String(others.length)}`;
  const from = envelope.from === '' ? '<>' : envelope.from;
  const size = raw.length.toLocaleString('en-US');
  return `${oneLine(`${String(id)}  ${from} -> ${first}${more}  ${JSON.stringify(subject)}, ${size} octets${warning}`)}\n`;
}
