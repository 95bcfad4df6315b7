/**
 * Random lives of a mailer: sends, aborts, dials and connections that fail in every way, and a close somewhere. Whatever happens, every
 * send is settled exactly once, and what it says about each recipient is what the servers did.
 */
import fc from 'fast-check';
import { SMTPAuthenticationError, SMTPDialError, SMTPException } from '../../src/errors.js';
import { TokenBucket } from '../../src/mailer/rate.js';
import type { RecipientResult } from '../../src/types.js';
import { DispatcherWorld, type Sent, type WorldOptions } from './dispatcher-world.js';
import { settled } from './fake-clock.js';
import { lostAt, reply, type FakeLane, type Fate } from './fake-lanes.js';

type Ending =
  | 'deliver'
  | 'mixed'
  | 'overflow'
  | 'refuse-sender'
  | 'die'
  | 'lose'
  | 'unknown'
  | 'unknown-delivered'
  | 'silent'
  | '421';

type Step =
  | {
      readonly kind: 'send';
      readonly recipients: number;
      readonly abortable: boolean;
      readonly deadlineMs: number | undefined;
      readonly replayable: boolean;
    }
  | { readonly kind: 'abort' | 'cancel'; readonly which: number }
  | { readonly kind: 'dial'; readonly server: number; readonly how: 'accept' | 'refuse' | 'refuse-for-good' }
  | { readonly kind: 'lane'; readonly which: number; readonly ending: Ending; readonly fates: readonly Fate[] }
  | { readonly kind: 'ride'; readonly which: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'close'; readonly drain: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      recipients: fc.integer({ min: 1, max: 5 }),
      abortable: fc.boolean(),
      deadlineMs: fc.option(fc.integer({ min: 1, max: 3_000 }), { nil: undefined, freq: 5 }),
      replayable: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('abort' as const, 'cancel' as const), which: fc.nat(30) }),
  },
  {
    weight: 15,
    arbitrary: fc.record({
      kind: fc.constant('dial' as const),
      server: fc.nat(2),
      how: fc.constantFrom('accept' as const, 'accept' as const, 'refuse' as const, 'refuse-for-good' as const),
    }),
  },
  {
    weight: 30,
    arbitrary: fc.record({
      kind: fc.constant('lane' as const),
      which: fc.nat(10),
      ending: fc.constantFrom<Ending>(
        'deliver',
        'deliver',
        'mixed',
        'overflow',
        'refuse-sender',
        'die',
        'lose',
        'unknown',
        'unknown-delivered',
        'silent',
        '421',
      ),
      fates: fc.array(fc.constantFrom<Fate>('accepted', 450, 550), { minLength: 1, maxLength: 5 }),
    }),
  },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('ride' as const), which: fc.nat(10) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(4_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), drain: fc.boolean() }) },
);

const worlds: fc.Arbitrary<WorldOptions & { readonly rate: boolean }> = fc.record({
  servers: fc.integer({ min: 1, max: 3 }),
  strategy: fc.constantFrom('failover' as const, 'roundrobin' as const),
  retry: fc.record({
    attempts: fc.integer({ min: 1, max: 3 }),
    backoffMs: fc.constant((attempt: number) => attempt * 700),
    onUnknown: fc.constantFrom('never' as const, 'never' as const, 'retry' as const),
  }),
  maxQueue: fc.constantFrom(1, 3, 1_000),
  pool: fc.record({
    maxConnections: fc.integer({ min: 1, max: 3 }),
    maxMessagesPerConnection: fc.integer({ min: 1, max: 5 }),
    maxConnectionAgeMs: fc.constantFrom(2_000, Infinity),
  }),
  limits: fc.constantFrom('', '', 'RCPTMAX=2 MAILMAX=3'),
  rate: fc.boolean(),
});

function pick<T>(items: readonly T[], which: number): T | undefined {
  return items[which % Math.max(1, items.length)];
}

/** What the servers did with each recipient, whose address is unique. */
class Truth {
  readonly delivered = new Map<string, number>();
  readonly unknown = new Set<string>();

  deliver(address: string): void {
    this.delivered.set(address, (this.delivered.get(address) ?? 0) + 1);
  }
}

function end(lane: FakeLane, ending: Ending, fates: readonly Fate[], truth: Truth): void {
  const to = [...lane.to];
  const accept = (all: readonly Fate[]): void => {
    for (const [index, address] of to.entries()) if ((all[index] ?? all.at(-1)) === 'accepted') truth.deliver(address);
  };
  switch (ending) {
    case 'deliver':
      accept(['accepted']);
      lane.finish();
      return;
    case 'mixed':
      accept(fates);
      lane.finish(fates);
      return;
    case 'overflow': {
      const overflow = to.map((_, index): Fate => (index === 0 ? 'accepted' : 452));
      accept(overflow);
      lane.finish(overflow);
      return;
    }
    case 'refuse-sender':
      lane.finish(['not-sent'], { kind: 'sender-refused', reply: reply(451) });
      return;
    case '421':
      lane.die(['not-sent'], { kind: 'sender-refused', reply: reply(421) });
      return;
    case 'die':
      lane.die();
      return;
    case 'lose':
      lane.die(['not-sent'], lostAt('mail'));
      return;
    case 'unknown-delivered':
      accept(['accepted']);
      for (const address of to) truth.unknown.add(address);
      lane.die(['unknown'], lostAt('final'));
      return;
    case 'unknown':
      for (const address of to) truth.unknown.add(address);
      lane.die(['unknown'], lostAt('final'));
      return;
    case 'silent':
      return;
  }
}

/** What the caller was told about each recipient. */
function told(sent: Sent): readonly RecipientResult['status'][] {
  if (sent.result !== undefined) return sent.result.recipients.map(({ status }) => status);
  const { error } = sent;
  const recipients = error instanceof SMTPException ? error.recipients : [];
  return recipients.length > 0 ? recipients.map(({ status }) => status) : sent.to.map(() => 'not-sent');
}

function check(sent: Sent, truth: Truth, unknownToo: boolean): void {
  expect(sent.settlements).toBe(1);
  if (sent.result === undefined) expect(sent.error).toMatchObject({ code: expect.stringMatching(/^ERR_/) as string });
  const statuses = told(sent);
  expect(statuses).toHaveLength(sent.to.length);
  for (const [index, address] of sent.to.entries()) {
    const copies = truth.delivered.get(address) ?? 0;
    const status = statuses[index];
    const context = { address, status, copies };
    if (status === 'accepted') expect({ ...context, copies: Math.min(copies, 1) }).toEqual({ ...context, copies: 1 });
    else if (status !== 'unknown') expect(context).toEqual({ ...context, copies: 0 });
    if (status === 'unknown') expect(truth.unknown.has(address)).toBe(true);
    // Twice only where the caller asked for it, and only what was unknown once.
    if (copies > 1) expect([unknownToo, truth.unknown.has(address)]).toEqual([true, true]);
  }
}

async function live(options: WorldOptions & { readonly rate: boolean }, steps: readonly Step[]): Promise<void> {
  const bucket = options.rate ? new TokenBucket({ messages: 2, perMs: 1_000 }) : undefined;
  const world = new DispatcherWorld({ ...options, pool: { ...options.pool, bucket } });
  const truth = new Truth();
  const sends: Sent[] = [];
  const controllers: AbortController[] = [];
  const lanes = (): readonly FakeLane[] => world.servers.flatMap(({ open }) => open).filter(({ idle }) => !idle);
  const most = options.pool?.maxConnections ?? 1;
  let closed = false;
  for (const one of steps) {
    switch (one.kind) {
      case 'send': {
        if (closed) break;
        const controller = new AbortController();
        controllers.push(controller);
        const to = Array.from({ length: one.recipients }, (_, index) => `r${String(sends.length)}-${String(index)}@x`);
        const settings = {
          replayable: one.replayable,
          ...(one.abortable ? { signal: controller.signal } : {}),
          ...(one.deadlineMs === undefined ? {} : { deadlineMs: one.deadlineMs }),
        };
        sends.push(await world.send(to, settings));
        break;
      }
      case 'abort':
        pick(controllers, one.which)?.abort(new Error('enough'));
        break;
      case 'cancel':
        pick(sends, one.which)?.submitted.cancel();
        break;
      case 'dial': {
        const server = pick(
          world.servers.filter(({ dialing }) => dialing > 0),
          one.server,
        );
        if (server === undefined) break;
        if (one.how === 'accept') server.accept();
        else if (one.how === 'refuse') server.refuse(new SMTPDialError('no', { retryable: true }));
        else server.refuse(new SMTPAuthenticationError('no', { reply: reply(535), mechanism: 'PLAIN' }));
        break;
      }
      case 'lane': {
        if (one.ending === 'silent') {
          const idle = world.servers.flatMap(({ open }) => open).filter((lane) => lane.idle);
          pick(idle, one.which)?.dieSilently();
        } else {
          const lane = pick(lanes(), one.which);
          if (lane !== undefined) end(lane, one.ending, one.fates, truth);
        }
        break;
      }
      case 'ride':
        pick(lanes(), one.which)?.ride();
        break;
      case 'pass':
        await world.clock.pass(one.ms);
        break;
      case 'close':
        closed = true;
        void world.dispatcher.close(one.drain);
        break;
    }
    await settled();
    for (const server of world.servers) expect(server.open.length + server.dialing).toBeLessThanOrEqual(most);
  }
  const ending = { closed: false };
  const closing = world.dispatcher.close(true).then(() => {
    ending.closed = true;
  });
  // From here on all goes well.
  for (let rounds = 0; rounds < 500 && !ending.closed; rounds += 1) {
    for (const server of world.servers) while (server.dialing > 0) server.accept();
    await settled();
    for (const lane of lanes()) end(lane, 'deliver', [], truth);
    await world.clock.pass(500);
  }
  expect(ending.closed).toBe(true);
  await closing;
  for (const sent of sends) check(sent, truth, options.retry?.onUnknown === 'retry');
  expect(world.clock.armed).toBe(0);
  expect(world.servers.flatMap(({ open }) => open)).toEqual([]);
}

describe('whatever happens to a mailer', () => {
  it('every send is settled once, nothing is delivered twice unless it was unknown, and nothing is left behind', async () => {
    await fc.assert(fc.asyncProperty(worlds, fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), live));
  }, 120_000);
});
