// `posthaste resend` with every server as its target: the messages of the fixtures out of files, a Maildir and an mbox, once as they
// are and once with a Resent-* block, each with a journal that lets nothing go out twice.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { posthaste } from '../cli/cli-world.js';
import { expectedOctets } from '../corpus/reference.js';
import { byteDifference } from './byte-difference.js';
import { content, without, withLf } from './contents.js';
import { ALICE, BOB, CAROL, SENDER } from './mailboxes.js';
import { startAiosmtpd } from './servers/aiosmtpd.js';
import { startDovecotLmtp } from './servers/dovecot-lmtp.js';
import { startExim } from './servers/exim.js';
import { startOpenSmtpd } from './servers/opensmtpd.js';
import { startPostfix } from './servers/postfix.js';
import type { Arrival, InteropServer } from './servers/server.js';
import { startSmtpServer } from './servers/smtp-server.js';
import { startSmtpSink } from './servers/smtp-sink.js';
import { withFolder } from './temporary-folder.js';
import { urlOf } from './trial.js';

const FIXTURES = ['messages', 'demo', 'dkim', 'reports'].map((name) =>
  join(import.meta.dirname, '..', '..', 'fixtures', name),
);
/** Fixtures that no server is given, or that servers refuse as mail that goes in circles. */
const UNSENDABLE = ['nul-in-the-body', 'line-of-999-octets', 'lone-cr-hides-a-bcc', 'one-hundred-and-one-hops'];
/** An mbox cannot hold them: what it gives back ends with a line end, and has no line of its own in front. */
const NOT_FOR_MBOX = /no-final|without-line-end|byte-order|mbox-line|cr-cr-lf/;
/** Servers add those where they are missing. */
const WANTED = [/^From:/im, /^Date:/im, /^Message-ID:/im];
const FROM_LINE = 'From old@example.org Sun Mar  1 09:00:00 2026\n';

interface Archive {
  readonly paths: readonly string[];
  /** What is to arrive of each message, by its name. */
  readonly expected: ReadonlyMap<string, Buffer>;
}

/** The octets as mboxrd has them. */
function inMbox(message: Buffer): string {
  const text = withLf(message)
    .toString('latin1')
    .replace(/^(>*From )/gm, '>$1');
  return `${FROM_LINE}${text}${text.endsWith('\n') ? '' : '\n'}\n`;
}

/** One third of the messages as files, one in a Maildir, one in an mbox. */
async function writeArchive(
  folder: string,
  messages: readonly (readonly [name: string, octets: Buffer])[],
): Promise<string[]> {
  for (const name of ['files', 'Maildir/cur', 'Maildir/new', 'Maildir/tmp']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  let mbox = '';
  for (const [index, [name, octets]] of messages.entries()) {
    if (index % 3 === 0 && !NOT_FOR_MBOX.test(name)) mbox += inMbox(octets);
    else if (index % 3 === 1)
      await writeFile(join(folder, 'Maildir', index % 2 === 0 ? 'cur' : 'new', `${String(index)}:2,S`), octets);
    else await writeFile(join(folder, 'files', `${name}.eml`), octets);
  }
  await writeFile(join(folder, 'old.mbox'), mbox, 'latin1');
  return ['files', 'Maildir', 'old.mbox'].map((name) => join(folder, name));
}

async function fixtures(folder: string): Promise<Archive> {
  const messages: [string, Buffer][] = [];
  for (const path of FIXTURES) {
    for (const file of (await readdir(path)).filter((name) => name.endsWith('.eml'))) {
      const name = `${basename(path)}-${basename(file, '.eml')}`;
      const octets = await readFile(join(path, file));
      const text = octets.toString('latin1');
      const header = text.slice(0, /(\r\n|\n)\1|$/.exec(text)?.index);
      if (UNSENDABLE.some((part) => name.includes(part)) || !WANTED.every((field) => field.test(header))) continue;
      messages.push([name, octets]);
    }
  }
  return {
    paths: await writeArchive(folder, messages),
    expected: new Map(messages.map(([name, octets]) => [name, expectedOctets(octets)])),
  };
}

const BCC = `Bcc: ${BOB}`;

async function ownEnvelopes(folder: string): Promise<Archive> {
  const bodies = [
    'From here on\r\n>From there\r\n.\r\n..\r\nend\r\n',
    'm\xfcde \xff\r\n\r\n\r\n.\r\n',
    `${'x'.repeat(998)}\r\n`,
  ];
  const messages = bodies.map((body, index): [string, Buffer] => {
    return [String(index), content(`resent ${String(index)}`, body, [BCC, 'X-Odd:  two  blanks '])];
  });
  const paths = await writeArchive(folder, messages);
  return { paths, expected: new Map(messages.map(([name, octets]) => [name, without(octets, [BCC])])) };
}

const BLOCK =
  /^Resent-Date: [^\r\n]+\r\nResent-From: sender@interop\.test\r\nResent-To: alice@interop\.test\r\nResent-Message-ID: <[^\r\n]+>\r\n/;

/** The octets behind the Resent-* block, which is there, whole, and names nobody of Resent-Bcc. */
function behindBlock(bytes: Buffer): Buffer {
  const [block] = BLOCK.exec(bytes.toString('latin1')) ?? [];
  if (block === undefined) throw new Error(`There is no Resent-* block: ${bytes.toString('latin1', 0, 400)}`);
  return bytes.subarray(block.length);
}

const sorted = (contents: readonly Buffer[]): Buffer[] => [...contents].sort((a, b) => Buffer.compare(a, b));

/** A server that parses the header puts an empty line in front of what it takes for the body. */
const splitAtNoField = (text: string): string =>
  text.replace('\r\nthis line is no field\r\n', '\r\n\r\nthis line is no field\r\n');

interface Target {
  readonly name: string;
  readonly start: () => Promise<InteropServer>;
  /** Which message, as none that it could read. */
  readonly refuses?: string;
  /** What it makes of a message, as text of one octet for each character. Default: nothing else. */
  readonly keeps?: (text: string) => string;
}

const SERVERS: readonly Target[] = [
  { name: 'Postfix', start: startPostfix, keeps: splitAtNoField },
  { name: 'smtp-sink', start: () => startSmtpSink() },
  {
    name: 'Exim',
    start: startExim,
    // A message without a body gets the empty line in front of it.
    keeps: (text) => splitAtNoField(text.includes('\r\n\r\n') ? text : `${text}\r\n`),
  },
  { name: 'OpenSMTPD', start: startOpenSmtpd, refuses: 'messages-bcc-in-every-form' },
  { name: 'Dovecot LMTP', start: startDovecotLmtp },
  { name: 'aiosmtpd', start: startAiosmtpd },
  { name: 'smtp-server', start: startSmtpServer },
];

describe.each(SERVERS)('$name', ({ start, refuses = '', keeps = (text) => text }) => {
  let server: InteropServer;

  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    await server.stop();
  });

  /** Runs it twice: all is sent, then nothing is. Gives what arrived. */
  async function resendTwice(
    folder: string,
    { paths, expected }: Archive,
    words: readonly string[],
  ): Promise<readonly Arrival[]> {
    const all = ['--url', `${urlOf(server.plain)}?tls=never`, '--journal', join(folder, 'journal'), '--json', ...words];
    const run = async (): Promise<unknown> => {
      const { code, out } = await posthaste(['resend', ...paths, ...all]);
      const { summary } = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as { summary: object };
      return { ...summary, code };
    };
    const messages = expected.size;
    const refused = expected.has(refuses) ? 1 : 0;
    const told = { code: refused === 0 ? 0 : 67, messages, bad: 0, unknown: 0, putOff: 0 };
    expect(await run()).toMatchObject({ ...told, sent: messages - refused, refused, skipped: 0 });
    const arrivals = await server.received();
    expect(await run()).toMatchObject({ ...told, sent: 0, refused: 0, skipped: messages });
    expect(await server.received()).toEqual([]);
    return arrivals;
  }

  /** Each of the recipients got each of the messages, once, from the one sender. */
  function expectAll(arrivals: readonly Arrival[], recipients: readonly string[], { expected }: Archive): void {
    const taken = [...expected].filter(([name]) => name !== refuses).map(([, octets]) => octets);
    const wanted = sorted(taken.map((octets) => Buffer.from(keeps(octets.toString('latin1')), 'latin1')));
    expect(arrivals).toHaveLength(wanted.length * recipients.length);
    expect(new Set(arrivals.map(({ envelopeFrom }) => envelopeFrom))).toEqual(new Set([SENDER]));
    for (const recipient of recipients) {
      const got = sorted(arrivals.filter((arrival) => arrival.recipient === recipient).map(({ bytes }) => bytes));
      expect(got).toHaveLength(wanted.length);
      for (const [index, octets] of wanted.entries()) {
        expect(byteDifference(got[index] ?? Buffer.alloc(0), octets)).toBeUndefined();
      }
    }
  }

  it('gets an archive as it is, to its own envelopes, without Bcc', async () => {
    await withFolder(async (folder) => {
      const archive = await ownEnvelopes(folder);
      const arrivals = await resendTwice(folder, archive, []);
      expectAll(arrivals, [ALICE, BOB], archive);
    });
  });

  it('gets the fixtures with a Resent-* block in front, to those whom it names, and to Resent-Bcc', async () => {
    await withFolder(async (folder) => {
      const archive = await fixtures(folder);
      expect(archive.expected.size).toBeGreaterThan(15);
      const words = ['--resent-from', SENDER, '--resent-to', ALICE, '--resent-bcc', `${BOB}, ${CAROL}`];
      const arrivals = await resendTwice(folder, archive, [...words, '--concurrency', '3']);
      const stripped = arrivals.map((arrival) => ({ ...arrival, bytes: behindBlock(arrival.bytes) }));
      expectAll(stripped, [ALICE, BOB, CAROL], archive);
    });
  });
});
