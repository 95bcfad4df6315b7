/** docs/faults.md, out of what a run has seen. Nothing in it depends on the day or the machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultName } from '../../src/testing/index.js';
import { arrivals, type Desync } from './desync.js';
import type { Mode } from './modes.js';
import { inFront, type Reading, readings, type RidingDesync, type RidingPlace } from './riding.js';
import { brokenFaults, plainFaults, resultNames } from './outcomes.js';

const path = join(import.meta.dirname, '../../docs/faults.md');

export interface SeenCell {
  readonly mode: Mode;
  readonly step: string;
  readonly fault: FaultName;
  readonly cell: string;
}

export interface SeenDesync extends Desync {
  readonly success: boolean;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');

/** The rows of a mode; with `unlike`, those that have a cell which is not as there. */
function rowsOf(
  cells: readonly SeenCell[],
  mode: Mode,
  faults: readonly FaultName[],
  unlike?: Mode,
): readonly (readonly string[])[] {
  const find = (of: Mode, step: string, fault: FaultName): string =>
    cells.find((one) => one.mode === of && one.step === step && one.fault === fault)?.cell ?? '';
  const steps = [...new Set(cells.filter((one) => one.mode === mode).map(({ step }) => step))];
  return steps
    .filter((step) => faults.some((fault) => find(mode, step, fault) !== ''))
    .filter((step) => {
      return unlike === undefined || faults.some((fault) => find(mode, step, fault) !== find(unlike, step, fault));
    })
    .map((step) => [step, ...faults.map((fault) => find(mode, step, fault))]);
}

/** What a mode says otherwise than the one that it is compared with. */
function differences(cells: readonly SeenCell[], mode: Mode, other: Mode, groups: readonly (readonly FaultName[])[]) {
  const tables = groups
    .map((faults) => ({ faults, rows: rowsOf(cells, mode, faults, other) }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ faults, rows }) => table(['step', ...faults], rows));
  const own = cells.filter((one) => one.mode === mode).length;
  const what = tables.length === 0 ? 'All of them as' : 'Otherwise than';
  return `### ${mode.name}\n\n${mode.does}: ${String(own)} cells. ${what} "${other.name}"${tables.length === 0 ? '.' : ':'}\n\n${tables.join('\n')}`;
}

function desyncTable(desyncs: readonly SeenDesync[]): string {
  const steps = [...new Set(desyncs.map(({ step }) => step))];
  const rows = steps.map((step) => [
    step,
    ...arrivals.map((arrival) => {
      const own = desyncs.filter((one) => one.step === step && one.arrival === arrival);
      if (own.length === 0) return '';
      const taken = own.filter(({ success }) => success).length;
      return `${String(own.length)}: ${taken === 0 ? 'no success' : `${String(taken)} taken for a success`}`;
    }),
  ]);
  return table(['step', ...arrivals], rows);
}

export interface SeenRiding extends RidingPlace {
  readonly cell: string;
}

export interface SeenRidingDesync extends RidingDesync {
  readonly success: { readonly front: boolean; readonly rider: boolean };
}

/** The replies in one read first, and then what differs where they come apart. */
function ridingTables(cells: readonly SeenRiding[], groups: readonly (readonly FaultName[])[]): string {
  const steps = [...new Set(cells.map(({ step }) => step))];
  const find = (step: string, fault: FaultName, reading: Reading): string =>
    cells.find((one) => one.step === step && one.fault === fault && one.reading === reading)?.cell ?? '';
  const rows = (reading: Reading, faults: readonly FaultName[], taken: (step: string) => boolean) =>
    steps
      .filter((step) => faults.some((fault) => find(step, fault, reading) !== '') && taken(step))
      .map((step) => [step, ...faults.map((fault) => find(step, fault, reading))]);
  const together = groups.map((faults) =>
    table(
      ['step', ...faults],
      rows('together', faults, () => true),
    ),
  );
  const apart = groups.map((faults) => {
    const differs = rows('apart', faults, (step) =>
      faults.some((fault) => find(step, fault, 'apart') !== find(step, fault, 'together')),
    );
    return differs.length === 0 ? '' : table(['step', ...faults], differs);
  });
  return `In one read:\n\n${together.join('\n')}\nOtherwise, when they come apart:\n\n${apart.filter((one) => one !== '').join('\n')}`;
}

function ridingDesyncTable(desyncs: readonly SeenRidingDesync[]): string {
  const steps = [...new Set(desyncs.map(({ step }) => step))];
  const kinds = arrivals.flatMap((arrival) => readings.map((reading) => ({ arrival, reading })));
  const rows = steps.map((step) => [
    step,
    ...kinds.map(({ arrival, reading }) => {
      const own = desyncs.filter((one) => one.step === step && one.arrival === arrival && one.reading === reading);
      if (own.length === 0) return '';
      const taken = own.filter(({ success }) => success.front || success.rider);
      const whose = taken.some(({ success }) => success.front) ? 'the one in front' : 'the rider';
      return taken.length === 0
        ? `${String(own.length)}: no success`
        : `${String(own.length)}: ${whose} ${String(taken.length)} times`;
    }),
  ]);
  return table(['step', ...kinds.map(({ arrival, reading }) => `${arrival}, ${reading}`)], rows);
}

function ridingPart(
  cells: readonly SeenRiding[],
  desyncs: readonly SeenRidingDesync[],
  groups: readonly (readonly FaultName[])[],
): string {
  return `## A message that rides behind another

A Mailer writes MAIL, RCPT and DATA of the next message, the rider, in one go with the content of the one in front (see
[pipelining](pipelining.md)). ${String(cells.length)} cells: every fault at each step of a rider with three recipients, and at the answer to the content in
front (\`${inFront}\`); with LMTP, at each of its three answers in front, and at what the rider is told behind them. \`retry\` is off. A cell
has the message in front, the rider, and the connection: result, delivery, retry and server as above, with LMTP the recipients in front as well.
\`Q\` for the server: it queued the message over another connection, because the Mailer sent it again by itself.

1. A rider fares as if it were alone on its connection, and the message in front is not harmed.
2. What is the connection's fault and left nothing of the rider's content behind is no outcome: the rider goes out again over another
   connection. That is a broken protocol in front of the end of its content, a connection that ends without a word on the
   rider, or 421 for all of it in front of its content, which is how servers limit the messages of a connection.
3. What shows in one read with the answer to the content in front that the server is out of step makes that answer worthless: the message
   in front is \`unknown\`.

${ridingTables(cells, groups)}
Replies that nobody asked for, as in the part above, where both messages are refused in the end, and again over another connection:
${String(desyncs.length)} sessions. A cell says how many were run, and whose message was taken for delivered.

${ridingDesyncTable(desyncs)}
The message in front is settled wrongly where a 2xx too many comes before its answer, alone in its read, as it would be without a rider: the true
answer is then taken for that to the rider's MAIL. It shows at the rider's DATA, at the latest; the connection is destroyed, and nothing
of the rider's content is sent over it. Where a yes and a no come in one read, the message in front is told nothing before the rider's DATA is
answered, for no longer than five seconds: only then is it known which of them was meant for it. \`overlap: 'message'\` has no riders.

`;
}

export function documentOf(
  modes: readonly Mode[],
  cells: readonly SeenCell[],
  desyncs: readonly SeenDesync[],
  riding: readonly SeenRiding[],
  ridingDesyncs: readonly SeenRidingDesync[],
): string {
  const groups: readonly (readonly FaultName[])[] = [plainFaults, ...Object.values(brokenFaults)];
  const [first, ...others] = modes;
  if (first === undefined) throw new Error('no modes');
  const plain = cells.filter((one) => (plainFaults as readonly string[]).includes(one.fault)).length;
  return `# Faults and their outcomes

What \`sendmail()\` comes to when the server, or the network, fails at some step of a session. Written by the tests of
\`test/faults\` from what they saw, and compared with it in every run. The servers are those of [posthaste/testing](testing.md):
\`fault('surplus')\` there is the column \`surplus\` here.

${String(cells.length)} cells were run, ${String(plain)} of them with the faults of any server and ${String(cells.length - plain)} with those of servers that break
the protocol, ${String(riding.length)} with a message behind another, and ${String(desyncs.length + ridingDesyncs.length)} sessions with replies that nobody asked for.

## How to read a cell

\`SR/r/S/R/-\` is result, delivery, retry, connection and server, and in some rows the recipients.

- result: ${Object.entries(resultNames)
    .map(([short, name]) => (short === name ? `\`${short}\`` : `\`${short}\` ${name}`))
    .join(', ')}.
- delivery, the error's \`delivery\`: \`n\` not-sent, \`r\` refused, \`?\` unknown; \`d\` where there is no error.
- retry, from the error's \`retryable\`: \`S\` sending again later is safe and may help, \`P\` it will not help, \`A\` ambiguous, it may
  deliver twice; \`-\` there is nothing to retry.
- connection: \`K\` usable at once, \`R\` usable, a RSET was sent, \`C\` closed, at the latest when it was next used.
- server, what it had of the message: \`q\` it said yes to it, \`x\` it said no, \`?\` it got all of it and gave no complete answer,
  \`-\` it never had all of it.
- recipients, of three: \`a\` accepted, \`r\` refused, \`?\` unknown, \`n\` not sent.

An empty cell: the fault does not exist at that step. \`AUTH-1\`, \`-2\` and \`-3\` are the three replies of AUTH LOGIN, \`content\` is the time
between 354 and the end of the message, \`chunk\` the first one of BDAT, \`RSET in front\` the one in front of each MAIL there, \`RSET\` the one that \`sendmail()\` sends behind a refusal, \`rset()\` one that the caller asks for,
\`QUIT\` the one of \`await using\`, \`quit()\` the caller's.

Two rules stand behind the table:

1. The message is \`not-sent\` as long as the last octet of its end was not handed to the system, and then \`unknown\` until a complete
   answer has come. Only an answer makes it delivered or refused.
2. A server that breaks the protocol is never believed again: the connection is destroyed.

## ${first.name}

${first.does}: ${String(cells.filter((one) => one.mode === first).length)} cells.

${groups.map((faults) => table(['step', ...faults], rowsOf(cells, first, faults))).join('\n')}
## Where other modes differ

${others.map((mode) => differences(cells, mode, modes.find(({ name }) => name === mode.like) ?? first, groups)).join('\n')}
## Replies that nobody asked for

One, two or three of them, \`250\` and \`354\`, at every step of a session whose message is refused in the end, in all modes with DATA: in the same
write behind the step's own reply (\`together\`) or in front of it (\`ahead\`), \`alone\` in front of it, or \`later\`, alone, when the client has
gone on. A cell says how many sessions were run, and how many of their messages were taken for delivered.

${desyncTable(desyncs)}
The connection is destroyed in each of these sessions, and no message was taken for delivered, but for one case:
a 2xx that nobody asked for, which arrives alone, behind the end of the content and in front of the answer to it. Nothing tells
it from that answer, for there is nothing in a reply but its code. What the server really said comes behind it as a surplus reply,
and then the connection is destroyed, before another message goes over it. A surplus that is readable before the end of the content
is handed over, or that comes in the same read as the answer, is never a success.

With BDAT (\`chunking\`, off by default) there is no 354 in front of the content: every reply is a 250, so that a surplus one shifts
all that follow and shows when one is left over. \`mailer bdat\` still needs the answers to the envelope first; \`mailer window\` sends
everything before anything is answered, and is for servers that are known to count.

${ridingPart(riding, ridingDesyncs, groups)}`
    .trimEnd()
    .concat('\n');
}

/** The document as it is; with POSTHASTE_WRITE_DOCS=1 it becomes `text` first. */
export function publishedDocument(text: string): string {
  if (process.env['POSTHASTE_WRITE_DOCS'] === '1') writeFileSync(path, text);
  return readFileSync(path, 'utf8');
}
