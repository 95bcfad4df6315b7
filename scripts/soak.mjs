/**
 * Many sends and many broken connections in one process, and nothing left behind:
 *
 *     npm run soak -- [--sends 200000] [--connections 1000]
 *
 * Fails when memory, handles, timers or listeners have grown, when a promise was rejected and nobody heard of it, when Node warns,
 * and when the books differ: a message that the client calls delivered is one that the server queued, and the other way round.
 * Needs the built package and `--expose-gc`.
 */
import { getEventListeners } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { root } from './run.mjs';

const { values } = parseArgs({
  options: { sends: { type: 'string', default: '20000' }, connections: { type: 'string', default: '1000' } },
});
const sends = Number(values.sends);
const connections = Number(values.connections);

const built = async (path) => await import(pathToFileURL(join(root, 'dist', 'esm', path)).href);
const { SMTP, LMTP, Mailer, SMTPException } = await built('index.js');
const { fault, faultNames, ScriptedServer } = await built('testing/index.js');

/** What must not have grown may differ by this: the heap is never twice the same. */
const heapAllowanceOctets = 1_500_000;

const complaints = [];
const complain = (what) => {
  if (complaints.length < 20) complaints.push(what);
};
process.on('unhandledRejection', (reason) => complain(`an unhandled rejection: ${String(reason?.stack ?? reason)}`));
process.on('uncaughtException', (error) => complain(`an uncaught exception: ${String(error?.stack ?? error)}`));
process.on('warning', (warning) => complain(`a warning: ${String(warning.stack ?? warning)}`));

if (globalThis.gc === undefined) throw new Error('run it with node --expose-gc');

const turns = async (count) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** What a process holds when nothing goes on. */
async function holdings(...signals) {
  await turns(20);
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc();
    await turns(5);
  }
  const resources = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return {
    heapOctets: process.memoryUsage().heapUsed,
    resources: JSON.stringify(resources),
    processListeners: listeners,
    signalListeners: signals.map((signal) => getEventListeners(signal, 'abort').length).join(),
  };
}

function compare(what, before, after) {
  const grown = after.heapOctets - before.heapOctets;
  if (grown > heapAllowanceOctets) complain(`${what}: the heap has grown by ${grown} octets`);
  for (const key of ['resources', 'processListeners', 'signalListeners']) {
    if (before[key] !== after[key]) complain(`${what}: ${key} ${String(before[key])} became ${String(after[key])}`);
  }
  return `heap ${grown < 0 ? '-' : '+'}${(Math.abs(grown) / 1_000).toFixed(0)} kB`;
}

const seconds = (sinceMs) => ((performance.now() - sinceMs) / 1_000).toFixed(1);

// ---- sends ---------------------------------------------------------------------------------------------------------

const text = Buffer.from(`From: a@x.test\r\nTo: b@y.test\r\nSubject: soak\r\n\r\n${'.line of text\r\n'.repeat(20)}`);
const streamed = async function* () {
  for (let at = 0; at < text.length; at += 100) yield text.subarray(at, at + 100);
};

/** Every so many messages the server refuses something. */
function moody() {
  let mails = 0;
  let finals = 0;
  return {
    on: {
      MAIL: () => ((mails += 1) % 23 === 0 ? '451 4.3.0 not now' : undefined),
      'RCPT:2': () => (mails % 7 === 0 ? '550 5.1.1 no such user' : undefined),
      final: () => ((finals += 1) % 31 === 0 ? '552 5.2.2 full' : undefined),
    },
  };
}

async function lane({ Class, pipelining, listen, messagesPerConnection }, share, signal, books) {
  const protocol = Class === LMTP ? 'lmtp' : 'smtp';
  const behave = Class === LMTP ? { on: { 'delivery:2': fault('transient', { times: share / 9 }) } } : moody();
  const server = await ScriptedServer.start({ behave }, { protocol, listen, record: 'totals', violations: 'record' });
  const where = listen ? { host: '127.0.0.1', port: server.port } : { host: 'localhost', connector: server.connector };
  const client = new Class({ ...where, pipelining, signal, localHostname: 'soak.test' });
  for (let sent = 0; sent < share; sent += 1) {
    if (sent % messagesPerConnection === 0 && client.connected) await client.quit();
    if (!client.connected) await client.connect();
    const to = sent % 3 === 0 ? ['b@y.test', 'c@y.test', 'd@y.test'] : ['b@y.test'];
    const options = sent % 5 === 0 ? { signal, deadlineMs: 60_000 } : {};
    const aborting = sent % 211 === 210 ? new AbortController() : undefined;
    try {
      const sending = client.sendmail('a@x.test', to, sent % 11 === 0 ? streamed : text, {
        ...options,
        ...(aborting === undefined ? {} : { signal: aborting.signal }),
      });
      if (aborting !== undefined) setImmediate(() => aborting.abort());
      await sending;
      books.delivered += 1;
    } catch (error) {
      if (!(error instanceof SMTPException)) complain(`a send ended with ${String(error?.stack ?? error)}`);
      else books[error.delivery] += 1;
    }
  }
  if (client.connected) await client.quit();
  client.close();
  await server.close();
  books.queued += server.totals.queued;
  books.violations += server.totals.violations;
}

const lanes = [
  { Class: SMTP, pipelining: true, listen: false, messagesPerConnection: 1_000 },
  { Class: SMTP, pipelining: true, listen: true, messagesPerConnection: 500 },
  { Class: SMTP, pipelining: false, listen: true, messagesPerConnection: 100 },
  { Class: LMTP, pipelining: true, listen: false, messagesPerConnection: 300 },
];

async function sendMany(total, signal) {
  const books = { delivered: 0, refused: 0, 'not-sent': 0, unknown: 0, queued: 0, violations: 0 };
  await Promise.all(lanes.map((one) => lane(one, Math.ceil(total / lanes.length), signal, books)));
  checkBooks(books);
  return books;
}

function checkBooks(books) {
  if (books.violations > 0) complain(`the client broke rules ${books.violations} times`);
  // Of a message whose fate is unknown the server may have queued any, and nothing else may differ.
  const missing = books.delivered - books.queued;
  if (missing > 0) complain(`${missing} messages were called delivered, and the server queued none of them`);
  if (-missing > books.unknown)
    complain(`${-missing} messages were queued and not reported; ${books.unknown} were unknown`);
}

// ---- sends by a Mailer -------------------------------------------------------------------------------------------

/** Every so many messages a connection dies, at one step or another, or the server refuses something. */
function deadly() {
  let mails = 0;
  let finals = 0;
  const seldom = (count, answers) => answers.find(([every]) => count % every === 0)?.[1];
  return {
    extensions: ['PIPELINING', '8BITMIME', 'CHUNKING'],
    on: {
      MAIL: () =>
        seldom((mails += 1), [
          [397, '(reset)'],
          [307, '(close)'],
          [211, ['421 4.3.2 enough', '(close)']],
          [23, '451 4.3.0 not now'],
        ]),
      'RCPT:2': () => (mails % 7 === 0 ? '550 5.1.1 no such user' : undefined),
      final: () =>
        seldom((finals += 1), [
          [499, '(reset)'],
          [401, ['250 2.0.0 ok', '(surplus 250 2.0.0 nobody asked)']],
          [331, '"25'],
          [31, '552 5.2.2 full'],
        ]),
    },
  };
}

/** A signal and a deadline as callers give them: none, one that lives on, one of its own, one that fires. */
function limitsOf(number, lasting) {
  if (number % 97 === 96) {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    return { signal: controller.signal };
  }
  if (number % 193 === 192) return { deadlineMs: 1 };
  if (number % 3 === 0) return { signal: lasting, deadlineMs: 60_000 };
  return number % 3 === 1 ? { signal: new AbortController().signal } : {};
}

const mailers = [
  { listen: false, options: { maxConnections: 1, maxMessagesPerConnection: Infinity } },
  { listen: true, options: { maxConnections: 3, retry: { attempts: 3, backoffMs: () => 1 } } },
  { listen: false, options: { maxConnections: 2, maxMessagesPerConnection: 7, overlap: 'message' } },
  { listen: false, options: { maxConnections: 2, chunking: 'safe' } },
];

async function mail({ listen, options }, share, signals, books) {
  const server = await ScriptedServer.start({ behave: deadly() }, { listen, record: 'totals', violations: 'record' });
  const where = listen ? { host: '127.0.0.1', port: server.port } : { host: 'localhost', connector: server.connector };
  const mailer = new Mailer({ ...where, ...options, signal: signals.own, localHostname: 'soak.test' });
  const note = (error) => {
    if (error === undefined) books.delivered += 1;
    else if (error instanceof SMTPException) books[error.delivery] += 1;
    else complain(`a send ended with ${String(error?.stack ?? error)}`);
  };
  let next = 0;
  const sender = async () => {
    while (next < share / 2) {
      const number = next++;
      const to = number % 3 === 0 ? ['b@y.test', 'c@y.test', 'd@y.test'] : ['b@y.test'];
      const limits = limitsOf(number, signals.lasting);
      await mailer
        .send(number % 11 === 0 ? streamed : text, { from: 'a@x.test', to, ...limits })
        .then(() => note(), note);
    }
  };
  await Promise.all(Array.from({ length: 12 }, sender));
  const rest = Array.from({ length: Math.floor(share / 2) }, () => text);
  for await (const { error } of mailer.sendAll(rest, { signal: signals.lasting })) note(error);
  if (getEventListeners(signals.lasting, 'abort').length > 0) complain('sends that are over listen to their signal');
  await mailer.close();
  server.release();
  await server.close();
  books.queued += server.totals.queued;
  books.violations += server.totals.violations;
}

async function mailMany(total, signals) {
  const books = { delivered: 0, refused: 0, 'not-sent': 0, unknown: 0, queued: 0, violations: 0 };
  // One behind the other: each looks at what is left in signals that all share.
  for (const one of mailers) await mail(one, Math.ceil(total / mailers.length), signals, books);
  checkBooks(books);
  return books;
}

// ---- broken connections ------------------------------------------------------------------------------------------

const steps = [
  'connect',
  'greeting',
  'EHLO',
  'AUTH',
  'MAIL',
  'RCPT:1',
  'RCPT:2',
  'DATA',
  'content',
  'final',
  'RSET',
  'QUIT',
];
/** A late reply waits for the client's next word, which does not come everywhere. */
const faults = faultNames.filter((name) => name !== 'late-surplus');

async function breakMany(total, signal) {
  const outcomes = {};
  let next = 0;
  const settings = (number) => {
    const step = steps[number % steps.length];
    return { step, name: faults[Math.floor(number / steps.length) % faults.length] };
  };
  const one = async (number) => {
    const { step, name } = settings(number);
    const listen = number % 2 === 0;
    const behave = {
      extensions: ['PIPELINING', 'AUTH PLAIN LOGIN'],
      accounts: { ann: 'tea' },
      on: { [step]: step === 'connect' ? (number % 4 === 0 ? '(close)' : '(reset)') : fault(name, { times: 1 }) },
    };
    const server = await ScriptedServer.start({ behave }, { listen, record: 'totals', violations: 'record' });
    const where = listen
      ? { host: '127.0.0.1', port: server.port }
      : { host: 'localhost', connector: server.connector };
    const client = new SMTP({ ...where, signal, timeoutMs: slow(name), pipelining: number % 3 !== 0 });
    let outcome;
    try {
      await client.connect();
      if (step === 'AUTH') await client.login('ann', 'tea');
      await client.sendmail('a@x.test', ['b@y.test', 'c@y.test'], number % 5 === 0 ? streamed : text);
      outcome = 'ok';
      await client.quit();
    } catch (error) {
      if (!(error instanceof SMTPException)) complain(`${name} at ${step}: ${String(error?.stack ?? error)}`);
      outcome ??= error.constructor.name;
    } finally {
      client.close();
      server.release();
      await server.close();
    }
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const worker = async () => {
    while (next < total) await one(next++);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return outcomes;
}

/** Time passes only where the fault is that it does. */
function slow(name) {
  const ms = name === 'silence' || name === 'drip' ? 40 : 20_000;
  const stages = ['greeting', 'hello', 'auth', 'mail', 'rcpt', 'data', 'body', 'final', 'rset', 'quit', 'command'];
  return Object.fromEntries(stages.map((stage) => [stage, ms]));
}

// ---- all of them, with a look in between ----------------------------------------------------------------------------

const { signal } = new AbortController();
const signals = { own: new AbortController().signal, lasting: new AbortController().signal };
const look = async () => await holdings(signal, signals.own, signals.lasting);
// The first word opens the output, which counts as a handle where it is a pipe.
console.log(`${sends} sends and ${connections} broken connections, behind some of each to warm up`);

// What is loaded, compiled and cached at the first use has been by then.
await sendMany(Math.min(4_000, sends), signal);
await mailMany(Math.min(4_000, sends), signals);
await breakMany(Math.min(340, connections), signal);

let queued = 0;
let violations = 0;
/** Sends, and tells what came of it and what it left behind. */
async function told(what, count, send, before) {
  const startedMs = performance.now();
  const books = await send();
  const after = await look();
  const { queued: taken, violations: broken, ...outcomes } = books;
  queued += taken;
  violations += broken;
  console.log(
    `${count} sends by ${what} in ${seconds(startedMs)} s: ${JSON.stringify(outcomes)}; ${compare(`after the sends by ${what}`, before, after)}`,
  );
  return after;
}

// Half of them by a client, half by Mailers.
const half = Math.ceil(sends / 2);
const before = await look();
const afterClient = await told('SMTP and LMTP', half, async () => await sendMany(half, signal), before);
const between = await told('Mailers', half, async () => await mailMany(half, signals), afterClient);

const startedMs = performance.now();
const broken = await breakMany(connections, signal);
const after = await look();
console.log(
  `${connections} connections in ${seconds(startedMs)} s: ${JSON.stringify(broken)}; ${compare('after the connections', between, after)}`,
);
compare('after all', before, after);

for (const complaint of complaints) console.log(`FAULT: ${complaint}`);
console.log(
  complaints.length === 0
    ? `nothing is left behind; the server queued ${queued}, ${violations} violations`
    : `${complaints.length} faults`,
);
if (complaints.length > 0) process.exitCode = 1;
