// smtp-sink of Postfix: takes everything from everybody and writes it to files. It drops each CR, so it shows what lines
// arrived, not how they ended.
import { readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, LOOPBACK, waitUntilGreeting } from '../free-port.js';
import { Jail } from '../jail.js';
import { bareAddress, withCrlf } from '../trace-block.js';
import type { Arrival, Endpoint, InteropServer } from './server.js';
import { versionOf } from './version-of.js';

const RECEIVED = '\nReceived: from ';

export interface SmtpSinkOptions {
  /** Commands that it answers with 500, as `-f` takes them: `rcpt`, `data`, `.` and so on. */
  readonly refuse?: readonly string[];
}

export function startSmtpSink(options: SmtpSinkOptions = {}): Promise<InteropServer> {
  return Jail.open('smtp-sink', (jail) => start(jail, options));
}

async function start(jail: Jail, options: SmtpSinkOptions): Promise<InteropServer> {
  const [port = 0] = await freePorts(1);
  await jail.makeDirectory('/dump', 'mail');
  const refuse = options.refuse === undefined ? [] : ['-f', options.refuse.join(',')];
  jail.start('/usr/sbin/smtp-sink', '-u', 'mail', ...refuse, '-d', '/dump/%s-', `${LOOPBACK}:${String(port)}`, '100');
  const address = { host: LOOPBACK, port };
  await waitUntilGreeting(address, () => jail.log());
  const endpoint: Endpoint = {
    protocol: 'smtp',
    address,
    tls: 'none',
    keywords: ['8BITMIME', 'AUTH', 'DSN', 'ENHANCEDSTATUSCODES', 'PIPELINING', 'XCLIENT', 'XFORWARD'],
    mechanisms: ['LOGIN', 'PLAIN'],
  };
  return {
    name: 'smtp-sink',
    version: await versionOf('postfix'),
    plain: endpoint,
    submission: endpoint,
    notifications: { toldBy: 'parameters', texts: 'xtext' },
    received: () => takeDumps(jail.path('/dump')),
    log: () => jail.log(),
    stop: () => jail.destroy(),
  };
}

/** A dump of a transaction that was given up has no Received line, and smtp-sink removes it when the connection ends. */
async function takeDumps(folder: string): Promise<Arrival[]> {
  const dumps: { dump: Buffer; writtenMs: number }[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const dump = await readFile(path).catch(() => Buffer.alloc(0));
    if (!dump.includes(RECEIVED)) continue;
    dumps.push({ dump, writtenMs: (await stat(path)).mtimeMs });
    await unlink(path);
  }
  return dumps.sort((a, b) => a.writtenMs - b.writtenMs).flatMap(({ dump }) => readDump(dump));
}

/** A dump: X-Client-*, X-Helo-Args, X-Mail-Args, one X-Rcpt-Args per recipient, Received, the content, one empty line. */
function readDump(dump: Buffer): Arrival[] {
  const received = dump.indexOf(RECEIVED) + 1;
  const lines = dump.toString('utf8', 0, received).split('\n');
  const argumentsOf = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  const path = (words: string): string => bareAddress(words.split(' ')[0] ?? '');
  let content = dump.indexOf('\n', received) + 1;
  while (dump[content] === 0x09) content = dump.indexOf('\n', content) + 1;
  const bytes = withCrlf(dump.subarray(content, -1));
  const [sender = ''] = argumentsOf('X-Mail-Args');
  return argumentsOf('X-Rcpt-Args').map((words) => ({
    envelopeFrom: path(sender),
    recipient: path(words),
    bytes,
    parameters: { ...parametersOf(sender), ...parametersOf(words) },
  }));
}

function parametersOf(words: string): Record<string, string> {
  const pairs = words.split(' ').slice(1);
  return Object.fromEntries(pairs.map((pair) => [pair.split('=')[0] ?? '', pair.split('=').slice(1).join('=')]));
}
