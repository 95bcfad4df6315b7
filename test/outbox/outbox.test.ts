import { Message, Mailer, SMTPAuthenticationError, SMTPTlsError } from '../../src/index.js';
import { LmdbStore } from '../../src/outbox/lmdb-store.js';
import type { OutboxEvent } from '../../src/outbox/events.js';
import { MemoryStore } from '../../src/outbox/memory-store.js';
import type { OutboxOptions } from '../../src/outbox/options.js';
import { openOutbox, Outbox } from '../../src/outbox/outbox.js';
import { OutboxError } from '../../src/outbox/outbox-error.js';
import type { OutboxStore } from '../../src/outbox/store.js';
import { FakeEnvironment, settled } from './fake-environment.js';
import { FakeMailer, replyOf } from './fake-mailer.js';
import { temporaryFolder } from './folder.js';

const LETTER = { from: 'ann@example.org', to: 'bob@example.net', subject: 'Order 17', text: 'On its way.' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface World extends AsyncDisposable {
  readonly environment: FakeEnvironment;
  readonly mailer: FakeMailer;
  readonly outbox: Outbox;
  readonly events: OutboxEvent[];
  /** What nobody waited for went wrong. */
  readonly reported: unknown[];
}

async function world(options: Partial<OutboxOptions> = {}, environment = new FakeEnvironment()): Promise<World> {
  const mailer = new FakeMailer();
  const reported: unknown[] = [];
  const onError = (error: unknown): void => {
    reported.push(error);
  };
  // Long, so that days pass quickly, and so that what happens in time happens because somebody was woken.
  const slow = { pollMs: HOUR, leaseMs: 30 * DAY };
  const outbox = await openOutbox({ mailer, store: new MemoryStore(), onError, ...slow, ...options }, environment);
  const events: OutboxEvent[] = [];
  void (async () => {
    for await (const event of outbox.events()) events.push(event);
  })();
  return {
    environment,
    mailer,
    outbox,
    events,
    reported,
    [Symbol.asyncDispose]: async () => {
      await outbox.close();
    },
  };
}

const typesOf = (events: readonly OutboxEvent[]): readonly string[] => events.map(({ type }) => type);

describe('a key', () => {
  it('stands for one entry until it is over and its retention is too', async () => {
    await using w = await world({ retentionMs: DAY });
    const first = await w.outbox.enqueue(LETTER, { key: 'k' });
    await w.outbox.start();
    await w.environment.pass(0);
    expect(await w.outbox.counts()).toMatchObject({ sent: 1 });
    await w.environment.pass(DAY - MINUTE);
    expect((await w.outbox.enqueue(LETTER, { key: 'k' })).id).toBe(first.id);
    await w.environment.pass(2 * MINUTE);
    const second = await w.outbox.enqueue({ ...LETTER, text: 'Another one.' }, { key: 'k' });
    expect(second.id).not.toBe(first.id);
  });

  it('is not given up by time while its entry is held', async () => {
    await using w = await world({ retentionMs: DAY });
    w.mailer.fate = () => 'lost';
    const { id } = await w.outbox.enqueue(LETTER, { key: 'k' });
    await w.outbox.start();
    await w.environment.pass(40 * DAY);
    expect(await w.outbox.enqueue(LETTER, { key: 'k' })).toMatchObject({ id, state: 'unknown' });
  });

  it('stands for the fields that were given, not for the Date, Message-ID and boundaries that were made of them', async () => {
    await using w = await world();
    const fields = { ...LETTER, html: '<p>On its way.</p>', attachments: [{ content: 'a', filename: 'a.txt' }] };
    const first = await w.outbox.enqueue(fields, { key: 'k' });
    await w.environment.pass(HOUR);
    expect(await w.outbox.enqueue(fields, { key: 'k' })).toEqual(first);
    const other = { ...fields, attachments: [{ content: 'b', filename: 'a.txt' }] };
    await expect(w.outbox.enqueue(other, { key: 'k' })).rejects.toMatchObject({ code: 'ERR_OUTBOX_KEY_CONFLICT' });
    const dated = { ...fields, date: new Date(0) };
    await expect(w.outbox.enqueue(dated, { key: 'k' })).rejects.toMatchObject({ code: 'ERR_OUTBOX_KEY_CONFLICT' });
    const asked = w.outbox.enqueue(fields, { key: 'k', requireAllRecipients: true });
    await expect(asked).rejects.toMatchObject({ code: 'ERR_OUTBOX_KEY_CONFLICT' });
  });

  it('stands for the octets of what was composed before', async () => {
    await using w = await world();
    const message = Message.compose(LETTER);
    const first = await w.outbox.enqueue(message, { key: 'k' });
    expect((await w.outbox.enqueue(await message.toBytes(), { key: 'k', to: 'bob@example.net' })).id).toBe(first.id);
    await expect(w.outbox.enqueue(Message.compose(LETTER), { key: 'k' })).rejects.toMatchObject({
      code: 'ERR_OUTBOX_KEY_CONFLICT',
    });
  });
});

describe('time', () => {
  it('nothing is sent before its notBefore', async () => {
    await using w = await world();
    await w.outbox.enqueue(LETTER, { notBefore: w.environment.now() + HOUR });
    await w.outbox.start();
    await w.outbox.drain();
    await w.environment.pass(HOUR - 1);
    expect(w.mailer.attempts).toBe(0);
    await w.environment.pass(1);
    expect(w.mailer.attempts).toBe(1);
  });

  it('attempts come back after a minute, twice as long each time, four hours at most, a fifth either way', async () => {
    for (const [random, factor] of [
      [0, 0.8],
      [0.999999, 1.2],
      [0.5, 1],
    ] as const) {
      // prettier-ignore
      const environment = new FakeEnvironment();
      environment.random = () => random;
      await using w = await world({}, environment);
      w.mailer.fate = () => '451 4.3.0 later';
      await w.outbox.enqueue(LETTER);
      await w.outbox.start();
      await w.environment.pass(DAY);
      const waits = w.events.flatMap((event) =>
        event.type === 'deferred' ? [(event.entry.nextAttemptAtMs ?? 0) - (event.entry.attemptedAtMs ?? 0)] : [],
      );
      const minutes = waits.map((ms) => Math.round(ms / factor / MINUTE));
      expect(minutes.slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240]);
      expect(minutes.at(-1)).toBe(240);
    }
  });

  it('it is over when the next attempt would come behind expires, with the last reply', async () => {
    await using w = await world({ expiresAfterMs: 10 * MINUTE });
    w.mailer.fate = (_address, attempt) => `45${String(attempt)} 4.3.0 later` as `${number} later`;
    await w.outbox.enqueue(LETTER);
    await w.outbox.start();
    await w.environment.pass(DAY);
    // At 0, 1, 3 and 7 minutes; the next would be at 15.
    expect(w.mailer.attempts).toBe(4);
    expect(typesOf(w.events)).toEqual(['queued', 'deferred', 'deferred', 'deferred', 'failed']);
    const last = w.events.at(-1);
    expect(last?.type === 'failed' ? last.entry.recipients : undefined).toMatchObject([
      { status: 'refused', reply: { code: 454 } },
    ]);
  });

  it('what expires before anybody has tried it fails without an attempt', async () => {
    await using w = await world();
    await w.outbox.enqueue(LETTER, { expires: w.environment.now() + HOUR });
    await w.environment.pass(2 * HOUR);
    await w.outbox.start();
    await w.environment.pass(0);
    expect(w.mailer.attempts).toBe(0);
    const [entry] = await entriesOf(w.outbox);
    expect(entry).toMatchObject({ state: 'failed', attempts: 0, failure: { code: 'ERR_OUTBOX_EXPIRED' } });
  });

  it('a clock that jumps back delays what is due, and sends nothing twice', async () => {
    await using w = await world();
    w.mailer.fate = (_address, attempt) => (attempt === 1 ? '451 4.3.0 later' : '250 2.0.0 ok');
    await w.outbox.enqueue(LETTER);
    await w.outbox.start();
    await w.environment.pass(0);
    w.environment.wallMs -= 3 * HOUR;
    await w.environment.pass(HOUR);
    expect(w.mailer.attempts).toBe(1);
    await w.outbox.enqueue({ ...LETTER, subject: 'meanwhile' });
    await w.environment.pass(0);
    expect(w.mailer.attempts).toBe(2);
    await w.environment.pass(2 * HOUR + MINUTE);
    expect(w.mailer.attempts).toBe(3);
    await w.environment.pass(DAY);
    expect(w.mailer.attempts).toBe(3);
    expect(await w.outbox.counts()).toMatchObject({ sent: 2, deferred: 0 });
  });

  it('a clock that jumps does not make an owner dead or alive', async () => {
    const store = new MemoryStore();
    await using w = await world({ store, leaseMs: 30_000, pollMs: 1_000 });
    await store.beat({ id: 'other', beat: 7, host: 'another host', pid: 1 });
    await w.outbox.start();
    await w.environment.pass(5_000);
    w.environment.wallMs += DAY;
    await w.environment.pass(20_000);
    expect(await store.owners()).toHaveLength(2);
    w.environment.wallMs -= 2 * DAY;
    await w.environment.pass(10_000);
    expect(await store.owners()).toHaveLength(1);
  });

  it('an outbox that has nothing to do looks once in a pollMs, and beats three times in a lease', async () => {
    const store = new MemoryStore();
    let claims = 0;
    let beats = 0;
    const counted = withMethods(store, {
      claim: async (options) => {
        claims += 1;
        return await store.claim(options);
      },
      beat: async (owner) => {
        beats += 1;
        await store.beat(owner);
      },
    });
    await using w = await world({ store: counted, pollMs: 1_000, leaseMs: 30_000 });
    await w.outbox.start();
    await w.environment.pass(60_000);
    expect(claims).toBeLessThanOrEqual(62);
    expect(beats).toBeLessThanOrEqual(7);
  });

  it('what another process has enqueued is found within a pollMs', async () => {
    const store = new MemoryStore();
    await using w = await world({ store, pollMs: 500 });
    await using other = await world({ store }, w.environment);
    await w.outbox.start();
    await settled();
    await other.outbox.enqueue(LETTER);
    await w.environment.pass(499);
    expect(w.mailer.attempts).toBe(0);
    await w.environment.pass(1);
    expect(w.mailer.attempts).toBe(1);
  });
});

describe('what is wrong with the server, and not with the message,', () => {
  const refused = { mechanism: 'PLAIN', reply: replyOf('535 5.7.8 no') };
  it.each([
    ['a login that is refused', new SMTPAuthenticationError('no', refused)],
    ['a certificate that does not pass', new SMTPTlsError('expired', { reason: 'CERT_HAS_EXPIRED' })],
    ['a mailer that throws what it should not', new TypeError('x is not a function')],
  ])('is waited for: %s', async (_name, error) => {
    await using w = await world();
    w.mailer.fate = (_address, attempt) => (attempt < 3 ? error : '250 2.0.0 ok');
    await w.outbox.enqueue(LETTER);
    await w.outbox.start();
    await w.environment.pass(HOUR);
    expect(typesOf(w.events)).toEqual(['queued', 'deferred', 'deferred', 'sent']);
  });
});

describe('the ways to begin and to end', () => {
  it('starts not without a mailer, not twice, and again after a stop', async () => {
    await using bare = await openOutbox({ store: new MemoryStore() }, new FakeEnvironment());
    await expect(bare.start()).rejects.toMatchObject({ code: 'ERR_OUTBOX_NO_MAILER' });
    await using w = await world();
    await w.outbox.start();
    await expect(w.outbox.start()).rejects.toMatchObject({ code: 'ERR_OUTBOX_STATE' });
    await w.outbox.stop();
    await w.outbox.start();
    await w.outbox.enqueue(LETTER);
    await w.environment.pass(0);
    expect(await w.outbox.counts()).toMatchObject({ sent: 1 });
  });

  it('stops when what is in hand is settled, begins nothing more, and leaves no timer and no owner', async () => {
    const store = new MemoryStore();
    await using w = await world({ store });
    const answers: (() => void)[] = [];
    w.mailer.afterContent = async () => {
      await new Promise<void>((resolve) => answers.push(resolve));
    };
    const messages = Array.from({ length: 3 }, (_, index) => ({ message: { ...LETTER, subject: String(index) } }));
    await w.outbox.enqueueAll(messages);
    await w.outbox.start({ concurrency: 2 });
    await settled();
    const signal = AbortSignal.abort(new Error('in a hurry'));
    await expect(w.outbox.stop({ signal })).rejects.toMatchObject({ name: 'AbortError' });
    let isStopped = false;
    const stop = w.outbox.stop().then(() => {
      isStopped = true;
    });
    await settled();
    answers[0]?.();
    await settled();
    expect(isStopped).toBe(false);
    expect(await store.owners()).toHaveLength(1);
    answers[1]?.();
    await stop;
    expect(answers).toHaveLength(2);
    expect(await w.outbox.counts()).toMatchObject({ sent: 2, queued: 1, sending: 0 });
    expect(await store.owners()).toEqual([]);
    expect(w.environment.timerCount).toBe(0);
  });

  it('drains what is due, waits for nothing later, and says when nobody sends', async () => {
    await using w = await world();
    await expect(w.outbox.drain()).rejects.toMatchObject({ code: 'ERR_OUTBOX_NOT_STARTED' });
    w.mailer.fate = (address) => (address.startsWith('bob') ? '250 2.0.0 ok' : '451 4.3.0 later');
    await w.outbox.enqueue(LETTER);
    await w.outbox.enqueue({ ...LETTER, to: 'carl@example.net' });
    await w.outbox.enqueue(LETTER, { notBefore: w.environment.now() + HOUR });
    await w.outbox.start();
    await w.outbox.drain();
    expect(await w.outbox.counts()).toMatchObject({ sent: 1, deferred: 1, queued: 1, sending: 0 });
    await expect(w.outbox.drain({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('refuses everything when it is closed, ends the events, and leaves a store alone that it was given', async () => {
    const store = await LmdbStore.open(temporaryFolder());
    const outbox = await Outbox.open({ store });
    const events = outbox.events();
    await outbox.close();
    await outbox.close();
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await expect(outbox.enqueue(LETTER)).rejects.toMatchObject({ code: 'ERR_OUTBOX_CLOSED' });
    await expect(outbox.get('x')).rejects.toMatchObject({ code: 'ERR_OUTBOX_CLOSED' });
    await expect(outbox.start()).rejects.toMatchObject({ code: 'ERR_OUTBOX_CLOSED' });
    expect(await store.get('x')).toBeUndefined();
    await store.close();
  });

  it('opens a folder, and closes it with itself', async () => {
    const path = temporaryFolder();
    {
      await using outbox = await Outbox.open({ store: path });
      await outbox.enqueue(LETTER, { key: 'k' });
    }
    await using again = await Outbox.open({ store: path });
    expect(await again.getByKey('k')).toMatchObject({ state: 'queued' });
  });

  it("refuses 'hold' with a mailer that sends again by itself what may have been delivered", async () => {
    const store = new MemoryStore();
    await using mailer = new Mailer('smtp://localhost', { retry: { attempts: 2, onUnknown: 'retry' } });
    await expect(Outbox.open({ mailer, store })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await using outbox = await Outbox.open({ mailer, store, onUnknown: 'retry' });
    expect(await outbox.counts()).toMatchObject({ queued: 0 });
  });

  it.each([
    { onUnknown: 'never' as 'hold' },
    { leaseMs: 0 },
    { retentionMs: NaN },
    { mailer: {} as never },
    { backoffMs: 5 as never },
  ])('refuses what it does not understand: %j', async (options) => {
    await expect(Outbox.open({ store: new MemoryStore(), ...options })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
    });
  });
});

describe('enqueue', () => {
  it('gives up waiting when its signal fires, and takes nothing in when it had', async () => {
    const store = new MemoryStore();
    const slow = withMethods(store, { add: async () => await new Promise(() => undefined) });
    await using w = await world({ store: slow });
    const controller = new AbortController();
    const enqueued = w.outbox.enqueue(LETTER, { signal: controller.signal });
    controller.abort(new Error('too late'));
    await expect(enqueued).rejects.toMatchObject({
      name: 'AbortError',
      code: 'ERR_ABORTED',
      cause: new Error('too late'),
    });
    await expect(w.outbox.enqueue(LETTER, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    await expect(w.outbox.enqueueAll([{ message: LETTER }], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('takes no larger content than it was told', async () => {
    await using w = await world({ maxMessageBytes: 1_000 });
    await expect(w.outbox.enqueue({ ...LETTER, text: 'x\n'.repeat(1_000) })).rejects.toMatchObject({
      code: 'ERR_MESSAGE_TOO_LARGE',
      limitBytes: 1_000,
    });
  });

  it('fixes the octets: what the caller changes afterwards changes nothing, and every attempt is the same', async () => {
    await using w = await world();
    const bytes = Buffer.from('From: ann@example.org\r\nTo: bob@example.net\r\nBcc: eve@example.net\r\n\r\nhello\r\n');
    await w.outbox.enqueue(bytes);
    bytes.fill(0x20);
    w.mailer.fate = (_address, attempt) => (attempt < 3 ? '451 4.3.0 later' : '250 2.0.0 ok');
    await w.outbox.start();
    await w.environment.pass(HOUR);
    expect(w.mailer.sent.map(({ content }) => content)).toEqual(
      Array.from({ length: 3 }, () => 'From: ann@example.org\r\nTo: bob@example.net\r\n\r\nhello\r\n'),
    );
    expect(w.mailer.sent[0]?.to).toEqual(['bob@example.net', 'eve@example.net']);
  });
});

describe('a store that fails', () => {
  const failure = new OutboxError('no', { code: 'ERR_OUTBOX_FULL' });

  it('rejects enqueue, and everything goes on when it is well again', async () => {
    const store = new MemoryStore();
    let isWell = false;
    const sick = withMethods(store, {
      add: async (...args) => {
        if (!isWell) throw failure;
        return await store.add(...args);
      },
    });
    await using w = await world({ store: sick });
    await w.outbox.start();
    await expect(w.outbox.enqueue(LETTER)).rejects.toBe(failure);
    isWell = true;
    await w.outbox.enqueue(LETTER);
    await w.environment.pass(0);
    expect(await w.outbox.counts()).toMatchObject({ sent: 1 });
  });

  it('while the queue is read is reported, and asked again later and later', async () => {
    const store = new MemoryStore();
    let failuresLeft = 5;
    const sick = withMethods(store, {
      claim: async (options) => {
        failuresLeft -= 1;
        if (failuresLeft >= 0) throw failure;
        return await store.claim(options);
      },
    });
    await using w = await world({ store: sick, pollMs: 1_000 });
    await w.outbox.enqueue(LETTER);
    await w.outbox.start();
    await w.environment.pass(30_000);
    expect(w.reported).toEqual(Array.from({ length: 5 }, () => failure));
    await w.environment.pass(1_000);
    expect(await w.outbox.counts()).toMatchObject({ sent: 1 });
  });

  it('when an answer is to be written down is asked until it is: what was accepted is not sent again', async () => {
    const store = new MemoryStore();
    let failuresLeft = 4;
    const sick = withMethods(store, {
      update: async (record, version) => {
        if (record.state === 'sent') failuresLeft -= 1;
        if (record.state === 'sent' && failuresLeft >= 0) throw failure;
        return await store.update(record, version);
      },
    });
    await using w = await world({ store: sick, pollMs: 1_000 });
    await w.outbox.enqueue(LETTER);
    await w.outbox.start();
    await w.environment.pass(MINUTE);
    expect(w.reported).toHaveLength(4);
    expect(w.mailer.sent).toHaveLength(1);
    expect(await w.outbox.counts()).toMatchObject({ sent: 1 });
  });

  it('when it is to be written that a message is about to leave keeps it from leaving', async () => {
    const store = new MemoryStore();
    let failuresLeft = 1;
    const sick = withMethods(store, {
      update: async (record, version) => {
        if (record.state === 'sending') failuresLeft -= 1;
        if (record.state === 'sending' && failuresLeft >= 0) throw failure;
        return await store.update(record, version);
      },
    });
    await using w = await world({ store: sick });
    await w.outbox.enqueue(LETTER);
    await w.outbox.start();
    await w.environment.pass(0);
    expect(w.mailer.sent).toHaveLength(0);
    expect(typesOf(w.events)).toEqual(['queued', 'deferred']);
    await w.environment.pass(HOUR);
    expect(w.mailer.sent).toHaveLength(1);
    expect(typesOf(w.events)).toEqual(['queued', 'deferred', 'sent']);
  });

  it('when it says that a claim failed which stands all the same leaves nothing behind', async () => {
    const store = new MemoryStore();
    let failuresLeft = 2;
    const sick = withMethods(store, {
      claim: async (options) => {
        const picked = await store.claim(options);
        failuresLeft -= 1;
        if (failuresLeft >= 0) throw failure;
        return picked;
      },
    });
    await using w = await world({ store: sick, pollMs: 1_000 });
    await w.outbox.enqueue(LETTER);
    await w.outbox.start();
    await w.environment.pass(MINUTE);
    expect(await w.outbox.counts()).toMatchObject({ sent: 1, sending: 0 });
    expect(w.mailer.sent).toHaveLength(1);
  });

  it('when a content is to be read makes the entry wait', async () => {
    const store = new MemoryStore();
    let failuresLeft = 1;
    const sick = withMethods(store, {
      content: async (id) => {
        failuresLeft -= 1;
        if (failuresLeft >= 0) throw failure;
        return await store.content(id);
      },
    });
    await using w = await world({ store: sick });
    await w.outbox.enqueue(LETTER);
    await w.outbox.start();
    await w.environment.pass(0);
    expect(await w.outbox.counts()).toMatchObject({ deferred: 1, sending: 0 });
    await w.environment.pass(HOUR);
    expect(await w.outbox.counts()).toMatchObject({ sent: 1 });
  });

  it('is not what a backoffMs is that throws or gives no time: that is reported, and a minute is waited', async () => {
    for (const backoffMs of [() => NaN, () => -1, () => 'soon' as never]) {
      await using w = await world({ backoffMs });
      w.mailer.fate = (_address, attempt) => (attempt === 1 ? '451 4.3.0 later' : '250 2.0.0 ok');
      await w.outbox.enqueue(LETTER);
      await w.outbox.start();
      await w.environment.pass(MINUTE);
      expect(w.reported).toHaveLength(1);
      expect(await w.outbox.counts()).toMatchObject({ sent: 1 });
    }
  });

  it('does not hold up a stop for ever', async () => {
    const store = new MemoryStore();
    const sick = withMethods(store, {
      update: async (record, version) => {
        if (record.state === 'sent') throw failure;
        return await store.update(record, version);
      },
    });
    await using w = await world({ store: sick });
    await w.outbox.enqueue(LETTER);
    await w.outbox.start();
    await settled();
    await w.outbox.stop();
    expect(await w.outbox.counts()).toMatchObject({ sending: 1 });
    expect(w.reported.length).toBeGreaterThan(0);
  });
});

describe('an entry whose content is not what was enqueued', () => {
  it.each([
    ['another', () => Promise.resolve(Buffer.from('From: eve@example.org\r\n\r\n'))],
    ['none', () => Promise.resolve(undefined)],
  ])('(%s) is quarantined and reported, and the others go on', async (_name, content) => {
    const store = new MemoryStore();
    let damagedId = '';
    const tampered = withMethods(store, {
      content: async (id) => await (id === damagedId ? content() : store.content(id)),
    });
    await using w = await world({ store: tampered });
    ({ id: damagedId } = await w.outbox.enqueue(LETTER, { priority: 1 }));
    await w.outbox.enqueue({ ...LETTER, to: 'carl@example.net' });
    await w.outbox.start();
    await w.environment.pass(0);
    expect(w.mailer.sent.map(({ to }) => to)).toEqual([['carl@example.net']]);
    expect(w.events).toContainEqual({
      type: 'quarantined',
      id: damagedId,
      reason: expect.stringContaining('content') as string,
    });
    expect(await w.outbox.get(damagedId)).toMatchObject({
      state: 'quarantined',
      failure: { code: 'ERR_OUTBOX_CORRUPT' },
    });
    await expect(w.outbox.retryNow(damagedId)).rejects.toMatchObject({ code: 'ERR_OUTBOX_STATE', retryable: false });
    expect(await w.outbox.purge()).toBe(1);
    expect(await w.outbox.purge({ states: ['quarantined'] })).toBe(1);
  });
});

describe('concurrency', () => {
  it('is how many are in hand at most, and at best', async () => {
    await using w = await world();
    let inHand = 0;
    let most = 0;
    const answers: (() => void)[] = [];
    w.mailer.afterContent = async () => {
      inHand += 1;
      most = Math.max(most, inHand);
      await new Promise<void>((resolve) => answers.push(resolve));
      inHand -= 1;
    };
    await w.outbox.enqueueAll(
      Array.from({ length: 20 }, (_, index) => ({ message: { ...LETTER, subject: String(index) } })),
    );
    await w.outbox.start({ concurrency: 3 });
    for (let round = 0; round < 40; round += 1) {
      await settled();
      answers.shift()?.();
    }
    await settled();
    expect(most).toBe(3);
    expect(await w.outbox.counts()).toMatchObject({ sent: 20 });
  });

  it.each([0, -1, 1.5, NaN])('%p is refused', async (concurrency) => {
    await using w = await world();
    await expect(w.outbox.start({ concurrency })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });
});

/** The store with some of its methods replaced. */
function withMethods(store: OutboxStore, methods: Partial<OutboxStore>): OutboxStore {
  return new Proxy(store, {
    get(target, name): unknown {
      const own: unknown = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function entriesOf(outbox: Outbox): Promise<readonly unknown[]> {
  const entries: unknown[] = [];
  for await (const entry of outbox.list()) entries.push(entry);
  return entries;
}
