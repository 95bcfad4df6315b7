/**
 * What an outbox does, wherever it keeps its entries. One suite: an outbox on another store, or on a queue of another kind, runs it with a small
 * harness and says which promises it does not make.
 */
import { Mailer, type MailerOptions, type Sendable } from '../../src/index.js';
import type {
  EnqueueItem,
  EnqueueOptions,
  OutboxCounts,
  OutboxEntry,
  OutboxEvent,
  OutboxEvents,
  OutboxMailer,
  OutboxState,
  PurgeOptions,
} from '../../src/outbox/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

/** What every outbox can do. */
export interface OutboxUnderTest {
  enqueue(message: Sendable, options?: EnqueueOptions): Promise<OutboxEntry>;
  enqueueAll(items: Iterable<EnqueueItem>): Promise<readonly OutboxEntry[]>;
  get(id: string): Promise<OutboxEntry | undefined>;
  getByKey(key: string): Promise<OutboxEntry | undefined>;
  list(options?: { state?: OutboxState; limit?: number }): AsyncIterable<OutboxEntry>;
  counts(): Promise<OutboxCounts>;
  content(id: string): Promise<Uint8Array | undefined>;
  cancel(id: string): Promise<OutboxEntry>;
  retryNow(id: string): Promise<OutboxEntry>;
  purge(options?: PurgeOptions): Promise<number>;
  events(): OutboxEvents;
}

export interface UnderTestOptions {
  readonly mailer: OutboxMailer;
  readonly onUnknown?: 'hold' | 'retry';
  readonly backoffMs?: (attempt: number) => number;
}

/** One process, as it were: it can enqueue, and send. */
export interface Running extends AsyncDisposable {
  readonly outbox: OutboxUnderTest;
  start(concurrency?: number): Promise<void>;
  /** Finishes what is in hand. */
  stop(): Promise<void>;
}

/** A store, or a queue, which several may open at a time. Gone when it is disposed of. */
export interface Place extends AsyncDisposable {
  open(options: UnderTestOptions): Promise<Running>;
}

export interface OutboxHarness {
  readonly name: string;
  /** Which promises it makes beside those that all make. */
  readonly keeps: {
    /** What was enqueued is there when everything was closed and is opened again. */
    readonly entriesBeyondClose: boolean;
    /** `list()` is in the order of enqueueing. */
    readonly orderOfEnqueueing: boolean;
  };
  place(): Promise<Place>;
}

const LETTER = { from: 'ann@example.org', to: 'bob@example.org', subject: 'Order 17', text: 'It is on its way.' };
const NO_COUNTS = {
  queued: 0,
  sending: 0,
  deferred: 0,
  sent: 0,
  partial: 0,
  failed: 0,
  unknown: 0,
  cancelled: 0,
  quarantined: 0,
};

/** A server, a mailer, a place and an outbox on it. */
interface World extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly place: Place;
  readonly running: Running;
  readonly outbox: OutboxUnderTest;
  readonly events: OutboxEvents;
  readonly mailer: Mailer;
}

export function describeOutbox({ name, keeps, place }: OutboxHarness): void {
  async function world(
    on: Behaviour['on'] = {},
    options: Omit<UnderTestOptions, 'mailer'> & { readonly mailerOptions?: MailerOptions } = {},
  ): Promise<World> {
    const { mailerOptions, ...rest } = options;
    const opened: AsyncDisposable[] = [];
    const closeAll = async (): Promise<void> => {
      for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
    };
    try {
      const server = await ScriptedServer.start({ behave: { on } });
      opened.push(server);
      const mailer = new Mailer(server.url, mailerOptions);
      opened.push(mailer);
      const where = await place();
      opened.push(where);
      const running = await where.open({ mailer, backoffMs: () => 0, ...rest });
      opened.push(running);
      const { outbox } = running;
      return {
        server,
        mailer,
        place: where,
        running,
        outbox,
        events: outbox.events(),
        [Symbol.asyncDispose]: closeAll,
      };
    } catch (error) {
      await closeAll();
      throw error;
    }
  }

  describe(`an outbox on ${name}`, () => {
    describe('takes a message in', () => {
      it('with its envelope, its content and its key fixed', async () => {
        await using w = await world();
        const letter = { ...LETTER, bcc: 'eve@example.org' };
        const entry = await w.outbox.enqueue(letter, { key: 'order-17' });
        expect(entry).toMatchObject({
          key: 'order-17',
          state: 'queued',
          priority: 0,
          envelope: { from: 'ann@example.org', to: ['bob@example.org', 'eve@example.org'] },
          subject: 'Order 17',
          recipients: [
            { address: 'bob@example.org', status: 'pending' },
            { address: 'eve@example.org', status: 'pending' },
          ],
          attempts: 0,
        });
        expect(entry.messageId).toMatch(/^<.+>$/);
        const content = Buffer.from((await w.outbox.content(entry.id)) ?? []);
        expect(content.toString()).toContain('It is on its way.');
        expect(content.toString()).not.toContain('eve@');
        expect(content).toHaveLength(entry.sizeBytes);
        expect(await w.outbox.get(entry.id)).toEqual(entry);
        expect(await w.outbox.getByKey('order-17')).toEqual(entry);
        expect(await w.outbox.counts()).toEqual({ ...NO_COUNTS, queued: 1 });
      });

      it('once under one key, and not another one under the same', async () => {
        await using w = await world();
        const first = await w.outbox.enqueue(LETTER, { key: 'order-17' });
        // A request that is repeated makes a new Date and a new Message-ID.
        expect(await w.outbox.enqueue({ ...LETTER }, { key: 'order-17' })).toEqual(first);
        for (const other of [
          { ...LETTER, text: 'Not yet.' },
          { ...LETTER, to: 'eve@example.org' },
        ]) {
          expect(await rejectionOf(w.outbox.enqueue(other, { key: 'order-17' }))).toMatchObject({
            name: 'OutboxError',
            code: 'ERR_OUTBOX_KEY_CONFLICT',
          });
        }
        expect(await w.outbox.counts()).toEqual({ ...NO_COUNTS, queued: 1 });
      });

      it('and refuses what is wrong with it at once', async () => {
        await using w = await world();
        expect(await rejectionOf(w.outbox.enqueue({ from: 'ann@example.org', text: 'x' }))).toMatchObject({
          code: 'ERR_MISSING_RECIPIENTS',
        });
        for (const options of [{ priority: 101 }, { key: '' }, { expires: Date.now() - 1 }, { notBefore: NaN }]) {
          expect(await rejectionOf(w.outbox.enqueue(LETTER, options))).toMatchObject({ code: 'ERR_INVALID_OPTION' });
        }
        expect(await w.outbox.counts()).toEqual(NO_COUNTS);
      });

      it('many at a time, in order', async () => {
        await using w = await world();
        const keys = ['a', 'b', 'c', 'b'];
        const entries = await w.outbox.enqueueAll(keys.map((key) => ({ message: { ...LETTER, subject: key }, key })));
        expect(entries.map(({ subject }) => subject)).toEqual(keys);
        expect(entries[3]).toEqual(entries[1]);
        expect(await w.outbox.counts()).toEqual({ ...NO_COUNTS, queued: 3 });
        const listed = await all(w.outbox.list({ state: 'queued' }));
        const subjects = listed.map(({ subject }) => subject);
        expect(keeps.orderOfEnqueueing ? subjects : subjects.sort()).toEqual(['a', 'b', 'c']);
        expect(await all(w.outbox.list({ limit: 2 }))).toHaveLength(2);
        expect(await all(w.outbox.list({ state: 'sent' }))).toEqual([]);
      });

      it('and gives nothing for an id that it does not know', async () => {
        await using w = await world();
        expect(await w.outbox.get('nobody')).toBeUndefined();
        expect(await w.outbox.content('nobody')).toBeUndefined();
        expect(await rejectionOf(w.outbox.cancel('nobody'))).toMatchObject({ code: 'ERR_OUTBOX_NO_ENTRY' });
        expect(await rejectionOf(w.outbox.retryNow('nobody'))).toMatchObject({ code: 'ERR_OUTBOX_NO_ENTRY' });
      });

      if (keeps.entriesBeyondClose) {
        it('and still has it when everything was closed', async () => {
          await using w = await world();
          const entry = await w.outbox.enqueue(LETTER, { key: 'order-17' });
          await w.running[Symbol.asyncDispose]();
          await using again = await w.place.open({ mailer: w.mailer });
          expect(await again.outbox.getByKey('order-17')).toEqual(entry);
        });
      }
    });

    describe('sends', () => {
      it('what was fixed, to the octet, and says what the server said', async () => {
        await using w = await world({ final: '250 2.0.0 Ok: queued as 4F2' });
        const letter = { ...LETTER, bcc: 'eve@example.org', attachments: [{ content: 'data', filename: 'a.txt' }] };
        const { id } = await w.outbox.enqueue(letter);
        const content = await w.outbox.content(id);
        await w.running.start();
        const sent = await until(w.events, 'sent');
        expect(sent).toMatchObject({ id, state: 'sent', attempts: 1 });
        expect(sent.recipients).toMatchObject([
          { address: 'bob@example.org', status: 'accepted' },
          { address: 'eve@example.org', status: 'accepted' },
        ]);
        expect(sent.recipients[0]?.reply).toMatchObject({ code: 250 });
        expect(sent.nextAttemptAtMs).toBeUndefined();
        expect(w.server.messages).toHaveLength(1);
        expect(w.server.messages[0]?.content).toEqual(Buffer.from(content ?? []));
        expect(w.server.messages[0]?.envelope.to).toEqual(['bob@example.org', 'eve@example.org']);
        await w.running.stop();
        expect(await w.outbox.get(id)).toEqual(sent);
        expect(await w.outbox.counts()).toEqual({ ...NO_COUNTS, sent: 1 });
      });

      it('with the parameters that were asked for', async () => {
        await using w = await world();
        await w.running.start();
        const mailOptions = { BODY: '8BITMIME' };
        await w.outbox.enqueue(LETTER, { mailOptions, dsn: { notify: ['failure'], envid: 'order-17' } });
        await until(w.events, 'sent');
        const [message] = w.server.messages;
        expect(message?.parameters).toEqual(expect.arrayContaining(['BODY=8BITMIME', 'ENVID=order-17']));
        expect(message?.recipients[0]?.parameters).toContain('NOTIFY=FAILURE');
      });

      it('those of higher priority first', async () => {
        await using w = await world();
        const priorities = [0, -100, 100, 1, 0];
        await w.outbox.enqueueAll(
          priorities.map((priority, index) => ({
            message: { ...LETTER, subject: `${String(priority)}/${String(index)}` },
            priority,
          })),
        );
        await w.running.start(1);
        await untilCounts(w.outbox, { ...NO_COUNTS, sent: priorities.length });
        const subjects = w.server.messages.map(({ content }) => /^Subject: (.*)\r$/m.exec(content.toString())?.[1]);
        expect(subjects.map((subject) => subject?.split('/')[0])).toEqual(['100', '1', '0', '0', '-100']);
      });

      it('each once, when two do it', async () => {
        await using w = await world();
        await using other = await w.place.open({ mailer: w.mailer });
        const count = 30;
        await w.outbox.enqueueAll(
          Array.from({ length: count }, (_, index) => ({ message: { ...LETTER, subject: String(index) } })),
        );
        await Promise.all([w.running.start(3), other.start(3)]);
        await untilCounts(w.outbox, { ...NO_COUNTS, sent: count });
        expect(new Set(w.server.messages.map(({ content }) => String(content))).size).toBe(count);
        expect(w.server.messages).toHaveLength(count);
      });
    });

    describe('goes on', () => {
      it('never, behind a refusal for good', async () => {
        await using w = await world({ RCPT: '550 5.1.1 no such user' });
        const { id } = await w.outbox.enqueue(LETTER);
        await w.running.start();
        const failed = await until(w.events, 'failed');
        expect(failed).toMatchObject({
          id,
          attempts: 1,
          recipients: [{ status: 'refused', reply: { code: 550, enhancedCode: '5.1.1' } }],
          failure: { code: 'ERR_RECIPIENTS_REFUSED', delivery: 'refused', reply: { code: 550 } },
        });
        expect(failed.finishedAtMs).toBeGreaterThanOrEqual(failed.enqueuedAtMs);
        expect(await w.outbox.counts()).toEqual({ ...NO_COUNTS, failed: 1 });
      });

      it('behind a refusal for now, with the same octets', async () => {
        await using w = await world({ final: answers('451 4.3.0 later', '452 4.3.1 no room', '250 2.0.0 ok') });
        const { id } = await w.outbox.enqueue({ ...LETTER, html: '<p>It is on its way.</p>' });
        await w.running.start();
        const first = await until(w.events, 'deferred');
        expect(first).toMatchObject({ id, attempts: 1, failure: { code: 'ERR_DATA', reply: { code: 451 } } });
        expect(first.nextAttemptAtMs).toBeGreaterThanOrEqual(first.attemptedAtMs ?? Infinity);
        expect(await until(w.events, 'deferred')).toMatchObject({ id, attempts: 2, failure: { reply: { code: 452 } } });
        const sent = await until(w.events, 'sent');
        expect(sent).toMatchObject({ id, attempts: 3, recipients: [{ status: 'accepted' }] });
        expect(sent.failure).toBeUndefined();
        expect(w.server.messages.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'queued']);
        expect(new Set(w.server.messages.map(({ content }) => content.toString('latin1'))).size).toBe(1);
      });

      it('after as long as it was told to wait', async () => {
        const asked: number[] = [];
        const backoffMs = (attempt: number): number => {
          asked.push(attempt);
          return 60_000;
        };
        await using w = await world({ MAIL: '451 4.3.0 later' }, { backoffMs });
        await w.outbox.enqueue(LETTER);
        await w.running.start();
        const { attemptedAtMs = 0, nextAttemptAtMs } = await until(w.events, 'deferred');
        expect(nextAttemptAtMs).toBe(attemptedAtMs + 60_000);
        expect(asked).toEqual([1]);
        await w.running.stop();
        expect(await w.outbox.counts()).toEqual({ ...NO_COUNTS, deferred: 1 });
      });

      it('for those only who have not got it', async () => {
        const on = {
          'RCPT:<bob@example.org>': answers('450 4.2.0 later', '250 2.1.5 ok'),
          'RCPT:<eve@example.org>': '550 5.1.1 no',
        };
        await using w = await world(on);
        await w.outbox.enqueue({ ...LETTER, to: ['ann@example.org', 'bob@example.org', 'eve@example.org'] });
        await w.running.start();
        const deferred = await until(w.events, 'deferred');
        expect(deferred.recipients.map(({ status }) => status)).toEqual(['accepted', 'pending', 'refused']);
        expect(deferred.recipients[1]?.reply).toMatchObject({ code: 450 });
        const partial = await until(w.events, 'partial');
        expect(partial.recipients.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'refused']);
        expect(partial.recipients[2]?.reply).toMatchObject({ code: 550 });
        const asked = w.server.messages.map(({ recipients }) => recipients.map(({ address }) => address));
        expect(asked).toEqual([['ann@example.org', 'bob@example.org', 'eve@example.org'], ['bob@example.org']]);
        expect(await w.outbox.counts()).toEqual({ ...NO_COUNTS, partial: 1 });
      });

      it('where the server could not be reached, or refused the login', async () => {
        await using w = await world({ greeting: answers('554 5.3.2 no service', '220 mx.example') });
        await w.outbox.enqueue(LETTER);
        await w.running.start();
        expect(await until(w.events, 'deferred')).toMatchObject({
          failure: { code: 'ERR_CONNECT', delivery: 'not-sent' },
        });
        expect(await until(w.events, 'sent')).toMatchObject({ attempts: 2 });
      });

      it('until the message expires, and fails with the last reply', async () => {
        // The wait would end behind the moment at which it expires.
        await using w = await world({ MAIL: '451 4.3.0 later' }, { backoffMs: () => 3_600_000 });
        const { id } = await w.outbox.enqueue(LETTER, { expires: Date.now() + 1_800_000 });
        await w.running.start();
        expect(await until(w.events, 'failed')).toMatchObject({
          id,
          attempts: 1,
          recipients: [{ status: 'refused' }],
          failure: { reply: { code: 451, text: '4.3.0 later' } },
        });
      });
    });

    describe('does not know whether a message arrived', () => {
      it('and holds it, at most once', async () => {
        await using w = await world({ final: '(close)' }, { onUnknown: 'hold' });
        const { id } = await w.outbox.enqueue(LETTER);
        await w.running.start();
        const unknown = await until(w.events, 'unknown');
        expect(unknown).toMatchObject({
          id,
          attempts: 1,
          recipients: [{ status: 'unknown' }],
          failure: { delivery: 'unknown' },
        });
        expect(unknown.finishedAtMs).toBeUndefined();
        expect(await w.outbox.purge()).toBe(0);
        expect(await w.outbox.counts()).toEqual({ ...NO_COUNTS, unknown: 1 });
        await w.running.stop();
        expect(w.server.messages).toHaveLength(1);
      });

      it('and sends it again when somebody says so', async () => {
        await using w = await world({ final: answers('(close)', '250 2.0.0 ok') });
        const { id } = await w.outbox.enqueue(LETTER);
        await w.running.start();
        await until(w.events, 'unknown');
        const again = await w.outbox.retryNow(id);
        expect(again).toMatchObject({ id, recipients: [{ status: 'pending' }] });
        expect(await until(w.events, 'sent')).toMatchObject({ id, attempts: 2, recipients: [{ status: 'accepted' }] });
      });

      it('and gives it up when somebody says so', async () => {
        await using w = await world({ final: '(close)' });
        const { id } = await w.outbox.enqueue(LETTER);
        await w.running.start();
        await until(w.events, 'unknown');
        expect(await w.outbox.cancel(id)).toMatchObject({
          id,
          state: 'cancelled',
          recipients: [{ status: 'unknown' }],
        });
        expect(await until(w.events, 'cancelled')).toMatchObject({ id });
        expect(w.server.messages).toHaveLength(1);
      });

      it('and sends it again, at least once', async () => {
        await using w = await world({ final: answers('(close)', '250 2.0.0 ok') }, { onUnknown: 'retry' });
        await w.outbox.enqueue(LETTER);
        await w.running.start();
        expect(await until(w.events, 'deferred')).toMatchObject({ failure: { delivery: 'unknown' } });
        expect(await until(w.events, 'sent')).toMatchObject({ attempts: 2, recipients: [{ status: 'accepted' }] });
        expect(w.server.messages.map(({ outcome }) => outcome)).toEqual(['unanswered', 'queued']);
      });

      it('of some, and goes on with the others', async () => {
        const on = {
          'RCPT:<eve@example.org>': answers('450 4.2.0 later', '250 2.1.5 ok'),
          final: answers('(close)', '250 2.0.0 ok'),
        };
        await using w = await world(on);
        await w.outbox.enqueue({ ...LETTER, to: ['bob@example.org', 'eve@example.org'] });
        await w.running.start();
        const unknown = await until(w.events, 'unknown');
        expect(unknown.recipients.map(({ status }) => status)).toEqual(['unknown', 'accepted']);
        expect(w.server.messages.map(({ envelope }) => envelope.to)).toEqual([
          ['bob@example.org'],
          ['eve@example.org'],
        ]);
      });
    });

    describe('is told', () => {
      it('to give an entry up, which is then not sent', async () => {
        await using w = await world();
        const { id } = await w.outbox.enqueue(LETTER);
        const other = await w.outbox.enqueue({ ...LETTER, subject: 'Order 18' });
        expect(await w.outbox.cancel(id)).toMatchObject({ id, state: 'cancelled' });
        expect(await rejectionOf(w.outbox.cancel(id))).toMatchObject({ code: 'ERR_OUTBOX_STATE' });
        await w.running.start();
        expect(await until(w.events, 'sent')).toMatchObject({ id: other.id });
        await untilCounts(w.outbox, { ...NO_COUNTS, sent: 1, cancelled: 1 });
        expect(w.server.messages).toHaveLength(1);
        expect(await w.outbox.get(id)).toMatchObject({ state: 'cancelled', attempts: 0 });
        expect(await rejectionOf(w.outbox.cancel(other.id))).toMatchObject({ code: 'ERR_OUTBOX_STATE' });
        expect(await rejectionOf(w.outbox.retryNow(other.id))).toMatchObject({ code: 'ERR_OUTBOX_STATE' });
      });

      it('to send one later, or now after all', async () => {
        await using w = await world();
        const later = await w.outbox.enqueue(LETTER, { notBefore: Date.now() + 3_600_000 });
        const now = await w.outbox.enqueue({ ...LETTER, subject: 'Order 18' });
        await w.running.start();
        expect(await until(w.events, 'sent')).toMatchObject({ id: now.id });
        expect(await w.outbox.get(later.id)).toMatchObject({ state: 'queued', attempts: 0 });
        await w.outbox.retryNow(later.id);
        expect(await until(w.events, 'sent')).toMatchObject({ id: later.id, attempts: 1 });
      });

      it('to send one again that failed', async () => {
        await using w = await world({ 'RCPT:<bob@example.org>': answers('550 5.1.1 no', '250 2.1.5 ok') });
        const { id } = await w.outbox.enqueue({ ...LETTER, to: ['bob@example.org', 'eve@example.org'] });
        await w.running.start();
        await until(w.events, 'partial');
        await w.outbox.retryNow(id);
        expect(await until(w.events, 'sent')).toMatchObject({ id, attempts: 2 });
        expect(w.server.messages.map(({ envelope }) => envelope.to)).toEqual([
          ['eve@example.org'],
          ['bob@example.org'],
        ]);
      });

      it('to forget what is over, and takes its key again', async () => {
        await using w = await world();
        const { id } = await w.outbox.enqueue(LETTER, { key: 'order-17' });
        await w.running.start();
        await until(w.events, 'sent');
        await w.running.stop();
        expect(await w.outbox.purge({ olderThanMs: 3_600_000 })).toBe(0);
        expect(await w.outbox.purge({ states: ['failed'] })).toBe(0);
        expect(await w.outbox.purge()).toBe(1);
        expect(await w.outbox.get(id)).toBeUndefined();
        expect(await w.outbox.counts()).toEqual(NO_COUNTS);
        expect(await w.outbox.enqueue({ ...LETTER, text: 'Another one.' }, { key: 'order-17' })).toMatchObject({
          state: 'queued',
        });
      });
    });

    it('tells of each step, with the entry as it was then', async () => {
      await using w = await world({ MAIL: answers('451 4.3.0 later', '250 2.1.0 ok') });
      const { id } = await w.outbox.enqueue(LETTER);
      await w.running.start();
      const seen: OutboxEvent[] = [];
      while (seen.at(-1)?.type !== 'sent') seen.push(await next(w.events));
      expect(seen.map(({ type }) => type)).toEqual(['queued', 'deferred', 'sent']);
      expect(
        seen.map((event) => ('entry' in event ? [event.entry.id, event.entry.state, event.entry.attempts] : event)),
      ).toEqual([
        [id, 'queued', 0],
        [id, 'deferred', 1],
        [id, 'sent', 2],
      ]);
      expect(w.events.dropped).toBe(0);
    });
  });
}

/** One answer behind the other, over all connections; the last one stays. */
function answers(...texts: readonly string[]): () => string {
  let asked = 0;
  return () => {
    const text = texts[Math.min(asked, texts.length - 1)];
    asked += 1;
    if (text === undefined) throw new Error('no answer was given');
    return text;
  };
}

async function next(events: OutboxEvents): Promise<OutboxEvent> {
  const result = await events.next();
  if (result.done === true) throw new Error('the events ended');
  return result.value;
}

/** The entry of the next event of that type. */
async function until(events: OutboxEvents, type: OutboxEvent['type']): Promise<OutboxEntry> {
  for (;;) {
    const event = await next(events);
    if (event.type === type && 'entry' in event) return event.entry;
  }
}

const LOOKS = 2_000;

/** Where no single event says that everything is over. */
async function untilCounts(outbox: OutboxUnderTest, wanted: OutboxCounts): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    if (JSON.stringify(await outbox.counts()) === JSON.stringify(wanted)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await outbox.counts()).toEqual(wanted);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
