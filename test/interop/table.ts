// The table server x scenario, and that of round trips: printed behind the tests, and kept in docs/interop.md by the nightly run.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLIENT_MODES, MAILER_MODES, MODES, type Mode, WINDOW } from './modes.js';

const ROOT = join(import.meta.dirname, '..', '..');

export type Verdict =
  { readonly kind: 'passed' } | { readonly kind: 'failed' } | { readonly kind: 'unable'; readonly reason: string };

type Cell = ReadonlyMap<Mode, Verdict>;

export class Table {
  readonly #servers = new Map<string, string>();
  readonly #lacking = new Map<string, Map<Mode, string>>();
  readonly #rows = new Map<string, Map<string, Map<Mode, Verdict>>>();
  readonly #roundTrips = new Map<string, Map<Mode, number>>();

  addServer(name: string, version: string): void {
    this.#servers.set(name, version);
    this.#lacking.set(name, new Map());
  }

  /** The server has no such mode, for this reason. */
  addLacking(name: string, mode: Mode, reason: string): void {
    this.#lacking.get(name)?.set(mode, reason);
  }

  record(scenario: string, server: string, mode: Mode, verdict: Verdict): void {
    const row = this.#rows.get(scenario) ?? new Map<string, Map<Mode, Verdict>>();
    const cell = row.get(server) ?? new Map<Mode, Verdict>();
    this.#rows.set(scenario, row.set(server, cell.set(mode, verdict)));
  }

  recordRoundTrips(server: string, mode: Mode, count: number): void {
    const row = this.#roundTrips.get(server) ?? new Map<Mode, number>();
    this.#roundTrips.set(server, row.set(mode, count));
  }

  /** Markdown. A cell tells the modes that passed; what a server cannot do has the number of the reason below. */
  toMarkdown(): string {
    const servers = [...this.#servers.keys()];
    const notes: string[] = [];
    const head = ['scenario', ...servers.map((name) => this.#titleOf(name, notes))];
    const rows = [...this.#rows].map(([scenario, row]) => [
      scenario,
      ...servers.map((server) => describeCell(row.get(server), this.#lacking.get(server), notes)),
    ]);
    const table = markdownOf([head, ...rows]);
    return `${table}\n${notes.map((note, index) => `${String(index + 1)}. The server ${note}.\n`).join('')}`;
  }

  roundTripsToMarkdown(): string {
    const rows = [...this.#roundTrips].map(([server, row]) => [
      server,
      ...MODES.map((mode) => String(row.get(mode) ?? '-')),
    ]);
    return markdownOf([['server', ...MODES], ...rows]);
  }

  #titleOf(name: string, notes: string[]): string {
    const title = `${name} ${this.#servers.get(name) ?? ''}`;
    const reasons = new Set(this.#lacking.get(name)?.values());
    return [title, ...[...reasons].map((reason) => numberOf(reason, notes))].join(' ');
  }
}

function markdownOf([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

const FAMILIES: readonly (readonly [string, readonly Mode[]])[] = [
  ['all', MODES],
  ['SMTP', CLIENT_MODES],
  ['Mailer', MAILER_MODES],
];

function describeCell(cell: Cell | undefined, lacking: ReadonlyMap<Mode, string> | undefined, notes: string[]): string {
  if (cell === undefined) return 'not run';
  const passed = MODES.filter((mode) => cell.get(mode)?.kind === 'passed');
  const others = [...cell].flatMap(([mode, verdict]) => {
    if (verdict.kind === 'passed') return [];
    return [verdict.kind === 'failed' ? `**${mode} failed**` : numberOf(verdict.reason, notes)];
  });
  const family = FAMILIES.find(([, modes]) => {
    const there = modes.filter((mode) => lacking?.has(mode) !== true);
    return there.length === passed.length && there.every((mode) => passed.includes(mode));
  });
  const words = family === undefined ? passed : [family[0]];
  return [...new Set([...(passed.length === 0 ? [] : words), ...others])].join(', ');
}

function numberOf(note: string, notes: string[]): string {
  if (!notes.includes(note)) notes.push(note);
  return `[${String(notes.indexOf(note) + 1)}]`;
}

/** Prints the tables; with POSTHASTE_WRITE_DOCS=1 they also become docs/interop.md. */
export async function publish(table: Table): Promise<void> {
  const markdown = table.toMarkdown();
  const roundTrips = table.roundTripsToMarkdown();
  process.stdout.write(`\n${markdown}\n${roundTrips}\n`);
  if (process.env['POSTHASTE_WRITE_DOCS'] !== '1') return;
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', 'src', 'test/interop') === '' ? '' : ' with changes';
  const commit = `${git('rev-parse', '--short=12', 'HEAD')}${changed}`;
  const date = new Date().toISOString().slice(0, 10);
  await writeFile(join(ROOT, 'docs', 'interop.md'), documentOf(markdown, roundTrips, date, commit));
}

function documentOf(markdown: string, roundTrips: string, date: string, commit: string): string {
  return `# Real servers

Written by \`npm run nightly\` on ${date}, at commit ${commit}, with Node ${process.version}. The same tests run with
\`npm run test:interop\`, which unpacks the servers from Debian packages into private root directories and installs nothing.

Each server takes the same list in seven modes:

| mode | through | how |
| --- | --- | --- |
| serial | \`SMTP\` | one command at a time |
| pipelined | \`SMTP\` | MAIL, RCPT and DATA in one write (RFC 2920) |
| none | \`Mailer\` | \`overlap: 'none'\`: one command at a time |
| message | \`Mailer\` | \`overlap: 'message'\`: MAIL, RCPT and DATA in one write |
| session | \`Mailer\` | \`overlap: 'session'\`: the envelope goes out with the content of the message in front |
| safe | \`Mailer\` | as session, and \`chunking: 'safe'\`: BDAT behind an accepted recipient (RFC 3030) |
| window | \`Mailer\` | as session, and \`chunking: { window: ${String(WINDOW)} }\`: up to ${String(WINDOW)} messages with BDAT in flight |

In session, safe and window each message goes between two others over one connection, and those are checked too. A burst is
many messages at once over one connection: each ended as it does in serial, which the tests compare.

A cell says in which modes what lay in the mailboxes, without the trace fields that the server put in front, was octet for octet
what was sent in canonical form, once for each recipient: *all* that the server has, those of *SMTP* alone where the scenario is
about single commands, those of *Mailer* alone, or those named. A number stands for something that the server cannot do; the
tests prove that it cannot.

${markdown}
## Round trips

How many times a client waited for the server during a burst of 30 messages with two recipients each on average, over a
connection that was open. A proxy counted them: what is written behind an answer is one round trip further than what was answered.
A dash is where the server has no such mode. LMTP answers a content once for each recipient that it took, so there a window would
not know what answers to expect: the mailer waits for the recipients, as in safe.

${roundTrips}
## A mailer and trouble

On Postfix and Exim, with a pool of five connections and 200 messages:

- All arrive once each, over five connections.
- The server is told to reload, its sessions are killed, and it is restarted, in the middle: with \`retry\`, each message that ended as
  sent was taken once, each whose end is unknown at most once, and nothing else ended otherwise.
- The server ends a connection that was idle: the next message is sent at its first attempt, over a new connection, whether the
  client sees the end before it writes or is answered with 421 when it does.
- A message for two recipients of which one cannot be delivered to: the server's own report comes back, and \`inspect()\` of
  \`posthaste/inspect\` reads the envelope id, the recipient, action, status and the message that came back, whole or headers only.
`;
}
