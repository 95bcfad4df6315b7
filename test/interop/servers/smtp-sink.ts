// smtp-sink of Postfix: takes everything from everybody and writes it to files. It drops each CR, so it shows what lines
// arrived, not how they ended.
import { readdir, readFile, stat, unlink } from 'node:fs/promises';
import { freePorts, LOOPBACK, waitUntilGreeting } from '../free-port.js';
import { Jail } from '../jail.js';
import { bareAddress, withCrlf } from '../trace-block.js';
import type { Arrival, InteropServer } from './server.js';
import { versionOf } from './version-of.js';

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
  return {
    name: 'smtp-sink',
    version: await versionOf('postfix'),
    plain: {
      protocol: 'smtp',
      address,
      tls: 'none',
      keywords: ['8BITMIME', 'AUTH', 'DSN', 'ENHANCEDSTATUSCODES', 'PIPELINING', 'XCLIENT', 'XFORWARD'],
      mechanisms: [],
    },
    received: () => takeDumps(jail.path('/dump')),
    log: () => jail.log(),
    stop: () => jail.destroy(),
  };
}

async function takeDumps(folder: string): Promise<Arrival[]> {
  const paths = (await readdir(folder)).map((name) => `${folder}/${name}`);
  const times = new Map<string, number>();
  for (const path of paths) times.set(path, (await stat(path)).mtimeMs);
  const arrivals: Arrival[] = [];
  for (const path of paths.sort((a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0))) {
    arrivals.push(...readDump(await readFile(path)));
    await unlink(path);
  }
  return arrivals;
}

/** A dump: X-Client-*, X-Helo-Args, X-Mail-Args, one X-Rcpt-Args per recipient, Received, the content, one empty line. */
function readDump(dump: Buffer): Arrival[] {
  const received = dump.indexOf('\nReceived: from ') + 1;
  const lines = dump.toString('utf8', 0, received).split('\n');
  const argumentsOf = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  const path = (words: string): string => bareAddress(words.split(' ')[0] ?? '');
  let content = dump.indexOf('\n', received) + 1;
  while (dump[content] === 0x09) content = dump.indexOf('\n', content) + 1;
  const bytes = withCrlf(dump.subarray(content, -1));
  const [sender = ''] = argumentsOf('X-Mail-Args');
  return argumentsOf('X-Rcpt-Args').map((words) => ({ envelopeFrom: path(sender), recipient: path(words), bytes }));
}
