/**
 * Two messages of a Mailer on one connection: the envelope of the second, the rider, goes out in one write with the content of the
 * first. What fails is a step of the rider, or the answer to the content that it rides behind; with LMTP, which answers the
 * content once for each recipient, one of the three answers in front. The expected cells follow from those of a message that is
 * alone, by three rules:
 *
 * 1. A rider fares as if it were alone on its connection, and the message in front is not harmed.
 * 2. What is the connection's fault and left nothing of the rider's content behind is no outcome: it goes out again over another
 *    connection. That is a broken protocol in front of the end of its content, an end of the connection without a word on the
 *    rider, or 421 for all of it in front of its content, which is how servers limit the messages of a connection.
 * 3. What shows in one read with the answer to the content in front that the server is out of step makes that answer worthless: the
 *    message in front is unknown.
 */
import { Mailer, type SendResult } from '../../src/index.js';
import {
  type Answer,
  type Behaviour,
  fault,
  type FaultName,
  ScriptedServer,
  type StepKey,
  type StepName,
} from '../../src/testing/index.js';
import { answerAt, arrivals, type Desync, once, surplusReplies } from './desync.js';
import { outcomesOf } from './outcomes.js';
import { bounded, settledParts } from './run-cell.js';
import { factsOf, nextRecipient, situationOf, timeoutsOf, turns } from './situation.js';

const fronts = {
  smtp: ['only@front.example'],
  lmtp: ['one@front.example', 'two@front.example', 'three@front.example'],
} as const;
type Protocol = keyof typeof fronts;
const riders = ['first@rider.example', 'middle@rider.example', 'last@rider.example'] as const;
const extensions = ['8BITMIME', 'ENHANCEDSTATUSCODES', 'SIZE 52428800', 'PIPELINING'];

/** Whether what is said to the rider comes in one read with the answer in front of it, or when that was read. */
export const readings = ['together', 'apart'] as const;
export type Reading = (typeof readings)[number];

/** The answer to the content in front. */
export const inFront = 'final in front';

/** LMTP: the same for each recipient. */
const deliveryInFront = /^delivery-(\d|all) in front$/;

/** These steps are tried with LMTP as well: what the rider is told, in one read with the last answer in front of it. */
const lmtpSteps = ['MAIL', 'RCPT-3', 'DATA'];

/** Of the step of a cell. */
export function protocolOf(step: string): Protocol {
  return step.endsWith(' (LMTP)') || deliveryInFront.test(step) ? 'lmtp' : 'smtp';
}

const withoutProtocol = (step: string): string => step.replace(/ \(LMTP\)$/, '');
const isInFront = (step: string): boolean => step === inFront || deliveryInFront.test(step);

export interface RidingPlace {
  readonly step: string;
  readonly fault: FaultName;
  readonly reading: Reading;
}

export interface RidingCell extends RidingPlace {
  readonly expected: string;
}

// ---- what is expected ----------------------------------------------------------------------------------------------

const fine = 'ok/d/-';
const steps = ['MAIL', 'RCPT-1', 'RCPT-2', 'RCPT-3', 'RCPT-all', 'DATA', 'content', 'final'];

/** `result/delivery/retry/server` in front, the same of the rider, and the connection. */
function cellOf(front: string, rider: string, connection: string): string {
  return `${front} ${rider} ${connection}`;
}

/** Q: the server queued it over another connection. */
const again = `${fine}/Q`;

/** What of them makes the protocol broken does not come in one read with the answer in front: they are too much, or come later. */
const laterReads: ReadonlySet<FaultName> = new Set(['endless-line', 'endless-reply', 'late-surplus']);

function expectedOfRider(alone: string, { step: given, fault: name, reading }: RidingPlace): string {
  const step = withoutProtocol(given);
  const lmtp = protocolOf(given) === 'lmtp';
  const [result = '', delivery = '', retry = '', connection = '', has = ''] = alone.split('/');
  const good = lmtp ? `${fine}/q/aaa` : `${fine}/q`;
  const doubtful = lmtp ? 'PE/?/A/q/???' : 'PE/?/A/q';
  const own = [result, delivery, retry, has].join('/');
  const protocol = result === 'PE' && delivery === 'n';
  const wordless = step === 'MAIL' && result === 'DE';
  const limit = name === 'shutdown' && (step === 'MAIL' || step === 'RCPT-1' || step === 'DATA');
  if (!protocol && !wordless && !limit) return cellOf(good, own, connection);
  const seen = protocol && reading === 'together' && step !== 'content' && !laterReads.has(name);
  return cellOf(seen ? doubtful : good, again, 'C');
}

function expectedInFront(alone: string): string {
  const [result = '', delivery = '', retry = '', connection = '', has = '', ...letters] = alone.split('/');
  const own = [result, delivery, retry, has, ...letters].join('/');
  return connection === 'C' ? cellOf(own, again, 'C') : cellOf(own, `${fine}/q`, connection);
}

/** Where the rules alone do not say it. */
const exceptions: Readonly<Record<string, string>> = {
  // 554 for DATA, and 354 behind it for nothing.
  'RCPT-3, surplus-refusal, together': cellOf('PE/?/A/q', again, 'C'),
  'RCPT-3 (LMTP), surplus-refusal, together': cellOf('PE/?/A/q/???', again, 'C'),
  // One yes too many among nothing but yeses is taken for the answer to the rider's MAIL, and makes no difference to the one in front.
  [`${inFront}, surplus, apart`]: cellOf(`${fine}/q`, again, 'C'),
  ...Object.fromEntries(
    ['1', '2', '3'].map((which) => [`delivery-${which} in front, surplus, apart`, cellOf(`${fine}/q/aaa`, again, 'C')]),
  ),
};

export function ridingCells(): readonly RidingCell[] {
  const table = outcomesOf(['pipelined']);
  const lmtp = outcomesOf(['pipelined', 'lmtp']);
  const rows = [
    ...steps.map((step) => ({ step, alone: table.get(step) })),
    { step: inFront, alone: table.get('final') },
    ...lmtpSteps.map((step) => ({ step: `${step} (LMTP)`, alone: lmtp.get(step) })),
    ...['1', '2', '3', 'all'].map((which) => ({
      step: `delivery-${which} in front`,
      alone: lmtp.get(`delivery-${which}`),
    })),
  ];
  return rows.flatMap(({ step, alone }) =>
    [...(alone ?? [])].flatMap(([name, cell]) =>
      readings.map((reading) => {
        const place = { step, fault: name as FaultName, reading };
        const ruled = isInFront(step) ? expectedInFront(cell) : expectedOfRider(cell, place);
        return { ...place, expected: exceptions[`${step}, ${name}, ${reading}`] ?? ruled };
      }),
    ),
  );
}

// ---- what happens --------------------------------------------------------------------------------------------------

const ordinary: Answer = () => undefined;

function keyOf(step: string): StepKey {
  const [, number] = /^RCPT-(\d)$/.exec(step) ?? [];
  if (number !== undefined) return `RCPT:<${riders[Number(number) - 1] ?? ''}>`;
  switch (step) {
    case 'RCPT-all':
      return 'RCPT';
    case 'content':
      return 'content:8';
    default:
      return `${step as StepName}:2`;
  }
}

/** The front message has it too, in front of the rider: it gets the ordinary answer. */
function behindTheFirst(answer: Answer): Answer {
  let count = 0;
  return () => {
    count += 1;
    return count > 1 ? answer : undefined;
  };
}

/** Of the first connection: the others are sane. */
export function behaviourOf(
  place: RidingPlace,
  answer: Answer,
  answerInFront: Answer = ordinary,
): NonNullable<Behaviour['on']> {
  const { step: given, reading } = place;
  const step = withoutProtocol(given);
  const apart = reading === 'apart' ? (['(flush)', '(hold apart)'] as const) : [];
  // Nothing is answered before the rider is there, so that it does ride.
  const final = (said: Answer): Answer => ['(listen)', said, ...apart];
  if (step === inFront) return { 'final:1': final(answer) };
  const key = isInFront(step) ? undefined : keyOf(step);
  const own =
    key === undefined ? {} : { [key]: key === 'RCPT' || key === 'content:8' ? behindTheFirst(answer) : answer };
  if (protocolOf(given) === 'smtp') return { 'final:1': final(answerInFront), ...own };
  const [, which] = deliveryInFront.exec(step) ?? [];
  const deliveries = fronts.lmtp.map((address, index): [StepKey, Answer] => {
    const said = which === 'all' || which === String(index + 1) ? answer : answerInFront;
    return [`delivery:<${address}>`, index === 0 ? ['(listen)', said] : index === 2 ? [said, ...apart] : said];
  });
  return { ...Object.fromEntries(deliveries), ...own };
}

export interface RidingSeen {
  readonly cell: string;
  /** What contradicts itself, whatever the table says. */
  readonly faults: readonly string[];
  readonly success: { readonly front: boolean; readonly rider: boolean };
  readonly log: string;
}

/** Where it is held back, that ends when there is another connection: a second attempt gets all of it at once. */
function riderContent(
  { step: given, fault: name }: RidingPlace,
  over: Promise<void>,
): Buffer | (() => AsyncIterable<Uint8Array>) {
  const step = withoutProtocol(given);
  const content = situationOf({ step: step === 'content' ? step : 'MAIL', fault: name }).content(over);
  return typeof content === 'function' ? content : Buffer.from('Subject: rider\r\n\r\n.\r\n..two\r\nend\r\n');
}

async function outcomeOf(sending: Promise<SendResult>): Promise<SendResult | Error> {
  return await sending.catch((error: unknown) =>
    error instanceof Error ? error : new Error(`not an error: ${String(error)}`),
  );
}

const letters = { queued: 'q', refused: 'x', unanswered: '?', incomplete: '-' } as const;

/** What the server has of the message to these: in capitals, when it came over another connection than the first. */
function serverHas(server: ScriptedServer, domain: string): { has: string; queued: number } {
  const found = server.connections.flatMap(({ number, messages }) =>
    messages
      .filter(({ recipients }) => recipients.some(({ address }) => address.endsWith(domain)))
      .map(({ outcome }) => ({ number, outcome })),
  );
  const last = found.at(-1);
  const letter = last === undefined ? '-' : letters[last.outcome];
  return {
    has: last !== undefined && last.number > 1 ? letter.toUpperCase() : letter,
    queued: found.filter(({ outcome }) => outcome === 'queued').length,
  };
}

export async function runRiding(
  place: RidingPlace,
  on: NonNullable<Behaviour['on']>,
  always?: Behaviour['on'],
): Promise<RidingSeen> {
  const { step, fault: name, reading } = place;
  const protocol = protocolOf(step);
  const stage = factsOf[withoutProtocol(step)]?.stage ?? 'final';
  await using server = await ScriptedServer.start(
    { behave: (connection) => ({ extensions, on: connection === 1 ? on : (always ?? {}) }) },
    { protocol, listen: false, coalesce: reading === 'together', violations: 'record', timeoutMs: 15_000 },
  );
  const mailer = new Mailer({
    url: `${protocol}://localhost:2525`,
    connector: server.connector,
    localHostname: 'client.example.org',
    timeoutMs: timeoutsOf(stage, name),
    maxConnections: 1,
    retry: { attempts: 1 },
  });
  const over = server.waitFor(() => server.connections.length > 1, 'another connection').catch(() => undefined);
  try {
    const sends = [
      outcomeOf(
        mailer.send(Buffer.from('Subject: front\r\n\r\nfront\r\n'), { from: 'a@x.example', to: fronts[protocol] }),
      ),
      outcomeOf(mailer.send(riderContent(place, over), { from: 'a@x.example', to: riders })),
    ] as const;
    // What was said to the one in front is read by then.
    void server
      .held('apart')
      .then(() => turns())
      .then(
        () => {
          server.release('apart');
        },
        () => undefined,
      );
    const [first, second] = await bounded(Promise.all(sends), 'the sends');
    server.release();
    await turns();
    await bounded(
      outcomeOf(mailer.send(Buffer.from('Subject: again\r\n\r\n'), { from: 'a@x.example', to: [nextRecipient] })),
      'the next send',
    );
    const [record] = server.connections;
    if (record === undefined) throw new Error('nobody connected');
    const kept = record.messages.some(
      ({ envelope, outcome }) => outcome === 'queued' && envelope.to.includes(nextRecipient),
    );
    if (!kept) await server.waitFor(() => record.ending !== 'open', 'the client closes');
    const connection = !kept ? 'C' : record.commands.some(({ verb }) => verb === 'RSET') ? 'R' : 'K';
    const faults: string[] = [];
    const parts = [
      { name: 'front', domain: '@front.example', settled: first },
      { name: 'rider', domain: '@rider.example', settled: second },
    ].map(({ name: who, domain, settled }) => {
      const { result, delivery, retry, letters } = settledParts(settled);
      const { has, queued } = serverHas(server, domain);
      if (queued > 1) faults.push(`${who}: queued ${String(queued)} times`);
      if (delivery === 'd' && queued === 0) faults.push(`${who}: a success that the server does not know of`);
      if ((delivery === 'n' || delivery === 'r') && queued > 0)
        faults.push(`${who}: ${result}, although it was queued`);
      const each = protocol === 'lmtp' && who === 'front' ? [letters] : [];
      return { cell: [result, delivery, retry, has, ...each].join('/'), success: result === 'ok' };
    });
    const [one, two] = parts;
    return {
      cell: cellOf(one?.cell ?? '', two?.cell ?? '', connection),
      faults,
      success: { front: one?.success ?? false, rider: two?.success ?? false },
      log: server.log,
    };
  } finally {
    mailer.close({ drain: false }).catch(() => undefined);
  }
}

export async function runRidingCell(place: RidingPlace): Promise<RidingSeen> {
  const answer = fault(place.fault, { times: /^(?:RCPT|delivery)-all/.test(place.step) ? 3 : 1 });
  return await runRiding(place, behaviourOf(place, answer));
}

// ---- replies that nobody asked for -----------------------------------------------------------------------------------

export interface RidingDesync extends Pick<Desync, 'arrival' | 'surplus' | 'count'> {
  readonly step: string;
  readonly reading: Reading;
}

/** As desync.ts has them, in a session where both messages are refused, and every other one as well. */
export function ridingDesyncs(): readonly RidingDesync[] {
  return [inFront, 'MAIL', 'RCPT-1', 'RCPT-2', 'RCPT-3', 'DATA', 'content', 'final'].flatMap((step) =>
    arrivals
      // Behind a content there is always more that the client has said, and while content arrives there is no reply.
      .filter((arrival) => (step === inFront ? arrival !== 'later' : step !== 'content' || arrival === 'together'))
      .flatMap((arrival) =>
        readings.flatMap((reading) =>
          surplusReplies.flatMap((surplus) => [1, 2, 3].map((count) => ({ step, arrival, reading, surplus, count }))),
        ),
      ),
  );
}

/**
 * What cannot be told apart. In front: a yes that is there first, and alone; what was really said is then taken for the answer to
 * the rider's MAIL. The rider: as a message that is alone.
 */
export function cannotBeTold({ step, arrival, surplus, count }: RidingDesync): 'front' | 'rider' | undefined {
  if (!surplus.startsWith('250')) return undefined;
  if (step === inFront && arrival === 'alone') return 'front';
  if (count > 1) return undefined;
  return (step === 'final' && arrival === 'alone') || (step === 'DATA' && arrival === 'later') ? 'rider' : undefined;
}

export async function runRidingDesync(one: RidingDesync): Promise<RidingSeen> {
  const { step, reading } = one;
  const place = { step, fault: 'surplus', reading } as const;
  const refusal = '554 5.7.1 refused';
  const atRefusal = step === inFront || step === 'final';
  const answer = once(answerAt(one, atRefusal ? refusal : ordinary));
  const on = behaviourOf(place, answer, refusal);
  return await runRiding(place, { final: refusal, ...on }, { final: refusal });
}
