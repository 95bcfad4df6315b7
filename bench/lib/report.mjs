/** Results as Markdown: medians with their range, and each peer as a ratio to posthaste, of which alone the aims speak. */
import { median, ratio } from './statistics.mjs';

function figure(value) {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toPrecision(3);
}

/** How many times as fast as the row posthaste is. */
function advantage(result, row) {
  const [ours] = result.rows;
  return result.higherIsBetter ? ratio(ours.values, row.values) : ratio(row.values, ours.values);
}

function aimLine(result, aim) {
  if (aim.everyRow !== undefined) {
    const missed = result.rows.filter(({ values }) => median(values) >= aim.everyRow).map(({ name }) => name);
    const verdict = missed.length === 0 ? 'met' : `**missed** by ${missed.join(', ')}`;
    return `Aim: every row below ${String(aim.everyRow)}: ${verdict}.`;
  }
  const [ours] = result.rows;
  if (aim.factor !== undefined) {
    const peer = result.rows.find(({ name }) => name === aim.over);
    const reached = advantage(result, peer);
    const verdict = reached >= aim.factor ? 'met' : '**missed**';
    return `Aim: ${String(aim.factor)} x ${aim.over} or better: ${verdict}, ${figure(reached)} x.`;
  }
  if (aim.timesFloor !== undefined) {
    const floor = result.rows.find(({ name }) => name.startsWith('floor: '));
    const reached = ratio(ours.values, floor.values);
    const verdict = reached <= aim.timesFloor ? 'met' : '**missed**';
    return `Aim: at most ${String(aim.timesFloor)} times the floor: ${verdict}, ${figure(reached)} times.`;
  }
  const reached = median(ours.values);
  const met = result.higherIsBetter ? reached >= aim.value : reached <= aim.value;
  const bound = result.higherIsBetter ? 'at least' : 'at most';
  return `Aim: ${bound} ${String(aim.value)} ${result.unit}: ${met ? 'met' : '**missed**'}, ${figure(reached)}.`;
}

/** The table of one result, and its aims. */
export function tableOf(result) {
  const lines = result.rows.map((row, index) => {
    const times = index === 0 || result.alone === true ? '' : `${figure(advantage(result, row))} x`;
    const range = `${figure(Math.min(...row.values))} to ${figure(Math.max(...row.values))}`;
    return `| ${row.name} | ${figure(median(row.values))} | ${range} | ${times} |`;
  });
  return [
    `### ${result.title}`,
    '',
    `| | ${result.unit}, median | range | posthaste's advantage |`,
    '|---|---|---|---|',
    ...lines,
    ...result.aims.flatMap((aim) => ['', aimLine(result, aim)]),
    '',
  ].join('\n');
}

export function documentOf(results, run) {
  return `# Benchmarks

Written by \`${run.command}\` on ${run.date}, at commit ${run.commit}: ${String(run.rounds)} rounds.

| | |
|---|---|
| machine | ${run.machine} |
| Node | ${run.node} |
| Python | ${run.python} |
| smtp-sink | Postfix ${run.postfix} |
| nodemailer | ${run.nodemailer} |
| emailjs | ${run.emailjs} |

How to read it:

- The ratios are the result; the microseconds are those of this machine on that day. Each ratio is the median, over the
  rounds, of two runs that stood next to each other.
- Every client is a process of its own. All of them live for the whole case (smtp-source ends after each run, and its start is
  counted) and take turns, A B A B, after a longer run each that is not counted, so that compilers and caches have seen the
  work, and a pause of 2.5 s. Where processor time is counted, each run takes about a second and a half, however many messages that are.
- Counted is the CPU time of the client's process, user and system, all threads, by its own clock around the sending. Client
  and server are pinned to one processor.
- Every client sends the same finished octets through its public interface. Before it is measured, each one sends to a server
  that looks: the same envelope and the same content must arrive. After every run, smtp-sink's count must be the client's.
- Composed messages are read by mailparser first: subject, text, HTML and attachment must be what was given. Memory is the most that
  the client's process held during the work, over what it held before, in a new process each time.
- Round trips are taken by the clock, through a proxy of this project that delays each direction by half of the time, in at most 3 rounds.
  smtp-sink does not offer CHUNKING: its rows are measured with the project's own test server, which checks every message.
- The archive is resent by whole programs, taken by the clock, their start included; msmtp and swaks are Debian's, start once for each message,
  and get fewer of them. A journal waits for the disk in front of each message.
- A client that is slow by the clock does less in each run, and is less warm: emailjs waits 40 ms per message (Nagle's algorithm, and an
  acknowledgement that the server delays). Its connection class, the only one that takes finished octets, does not double dots.
- A row that is called the floor is no mail client: a socket of Node that says the same words and looks at nothing. It shows what of a figure
  is the machine's and Node's own, which no client can go below; a plain copy is the same for a file. The aims in microseconds and
  milliseconds were set on a machine on which the floor was about half as high as on this one: 7 us for 1 KB, 53 us for 100 KB, 107 ms for
  a file of 100 MB. Where there is a floor, the aim is also given as a multiple of it.
- posthaste is what \`npm run build\` made; what is set is one connection that is not replaced, and what a row's name says.

${results.map((result) => tableOf(result)).join('\n')}
## Run it

\`npm run bench\` measures and prints; \`npm run bench -- --write\` also writes this file. It needs Linux with taskset and setpriv, Python
3, and, for smtp-sink, what \`npm run test:interop\` needs. \`--case NAME\` runs the cases whose title has NAME in it, \`--quick\`
less of each, \`--against DIR\` adds another build (its \`dist/esm\`) as a row, and \`--profile DIR\` writes a CPU profile
of each client there.
`;
}
