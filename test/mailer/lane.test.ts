import { jest } from '@jest/globals';
import { SMTPAbortedError, SMTPTimeoutError } from '../../src/index.js';
import { contentOf } from '../../src/octets/content-of.js';
import { jobOf } from '../support/session-mode.js';
import { job, laneTo, messages, rig, start, turns, words } from './lane-harness.js';
import { RecordingServer } from './recording-server.js';

const envelope = (n: number): string => `MAIL FROM:<s@x.test>\r\nRCPT TO:<r${String(n)}@x.test>\r\nDATA\r\n`;
const content = (n: number): string => `Subject: ${String(n)}\r\n\r\ntext\r\n.\r\n`;

/** A server that keeps to the first word of a line. */
const answering =
  (replies: Readonly<Record<string, string>>) =>
  (line: string): string | undefined =>
    replies[line.split(' ', 1)[0] ?? ''];

describe('overlap', () => {
  it('sends three queued messages in four round trips, each content with the next envelope in one write', async () => {
    const { server, ...made } = await rig();
    const sent = messages(3).map((send) => job(send));
    const quiet = made.feed.quiet();
    start(made, sent);
    expect(await words(sent)).toEqual(['accepted 250', 'accepted 250', 'accepted 250']);
    await quiet;
    expect(server.writes).toEqual([
      envelope(1),
      content(1) + envelope(2),
      content(2) + envelope(3),
      `${content(3)}QUIT\r\n`,
    ]);
    expect(server.answers).toBe(4);
    expect(server.earlyTalk).toEqual([]);
    expect(made.lane.usable).toBe(false);
    expect(made.lane.messages).toBe(3);
  });

  it('takes one round trip more for each message where the policy says so, and one for each command without pipelining', async () => {
    for (const [overlap, roundTrips] of [
      ['message', 6],
      ['none', 12],
    ] as const) {
      const { server, ...made } = await rig();
      made.feed.currentPolicy = { overlap, chunking: 'off' };
      const sent = messages(3).map((send) => job(send));
      start(made, sent, false);
      expect(await words(sent)).toEqual(['accepted 250', 'accepted 250', 'accepted 250']);
      expect(server.answers).toBe(roundTrips);
    }
  });

  it('lets a message that is queued later ride behind a content that is not answered yet', async () => {
    const { server, ...made } = await rig();
    const [first, second] = messages(2).map((send) => job(send));
    if (first === undefined || second === undefined) throw new Error('two');
    server.become({ answer: (line, self) => void (self.holding ||= line === '.') });
    start(made, [first], false);
    await turns();
    expect(server.writes).toEqual([envelope(1), content(1)]);
    made.feed.jobs.push(second.job);
    made.lane.wake();
    made.lane.wake();
    expect(server.writes.slice(2)).toEqual([envelope(2)]);
    server.become({ answer: () => undefined });
    server.release();
    expect(await words([first, second])).toEqual(['accepted 250', 'accepted 250']);
    expect(server.writes.slice(3)).toEqual([content(2)]);
    await turns();
    expect(made.lane.idle).toBe(true);
    made.lane.destroy();
  });

  it('writes one behind the other, also when the feed wakes it while it is asked', async () => {
    const { server, ...made } = await rig();
    const sent = messages(4).map((send) => job(send));
    const next = made.feed.next.bind(made.feed);
    made.feed.next = (lane, riding) => {
      made.lane.wake();
      const given = next(lane, riding);
      made.lane.wake();
      return given;
    };
    start(made, sent);
    expect(await words(sent)).toEqual(sent.map(() => 'accepted 250'));
    expect(server.writes).toEqual([
      envelope(1),
      content(1) + envelope(2),
      content(2) + envelope(3),
      content(3) + envelope(4),
      `${content(4)}QUIT\r\n`,
    ]);
  });

  it('writes nobody behind a content whose answer may have come already', async () => {
    const { server, ...made } = await rig();
    const [first, second] = messages(2).map((send) => job(send));
    if (first === undefined || second === undefined) throw new Error('two');
    server.become({ answer: (line, self) => void (self.holding ||= line === '.') });
    start(made, [first], false);
    await turns();
    server.push('250 2.0.0 queued\r\n');
    made.feed.jobs.push(second.job);
    // In the same turn: the reply was read, and nobody has looked at it yet.
    await Promise.resolve();
    expect(await words([first])).toEqual(['accepted 250']);
    made.lane.destroy();
  });

  it('does not let an iterable that can be read once ride or carry', async () => {
    const { server, ...made } = await rig();
    async function* once(): AsyncGenerator<Uint8Array> {
      await Promise.resolve();
      yield Buffer.from('Subject: once\r\n\r\n');
    }
    const [first, last] = messages(2).map((send) => job(send));
    if (first === undefined || last === undefined) throw new Error('two');
    const middle = jobOf({ from: 's@x.test', to: ['once@x.test'] });
    const oneShot = {
      ...middle,
      job: { ...middle.job, shipment: { ...middle.job.shipment, content: contentOf(once()) } },
    };
    start(made, [first, oneShot, last], false);
    expect(await words([first, oneShot, last])).toEqual(['accepted 250', 'accepted 250', 'accepted 250']);
    expect(server.writes.map((write) => write.split('\r\n', 1)[0])).toEqual([
      'MAIL FROM:<s@x.test>',
      'Subject: 1',
      'MAIL FROM:<s@x.test>',
      'Subject: once',
      '.',
      'MAIL FROM:<s@x.test>',
      'Subject: 2',
    ]);
    expect(server.writes[1]).toBe(content(1));
    made.lane.destroy();
  });

  it('keeps DATA back until all recipients are accepted where all are required', async () => {
    const { server, ...made } = await rig();
    const [first, second] = messages(2);
    if (first === undefined || second === undefined) throw new Error('two');
    const sent = [job(first), job(second, { requireAllRecipients: true })];
    start(made, sent, false);
    expect(await words(sent)).toEqual(['accepted 250', 'accepted 250']);
    expect(server.writes).toEqual([
      envelope(1),
      content(1) + envelope(2).replace('DATA\r\n', ''),
      'DATA\r\n',
      content(2),
    ]);
    made.lane.destroy();
  });

  it('calls beforeContent of a rider behind its 354, and what it throws harms nobody else', async () => {
    const { server, ...made } = await rig();
    const [first, second] = messages(2);
    if (first === undefined || second === undefined) throw new Error('two');
    const seen: string[] = [];
    const beforeContent = (): Promise<void> => {
      seen.push(server.commands.at(-1) ?? '', String(server.messages.length));
      return Promise.reject(new Error('not now'));
    };
    const sent = [job(first), job(second, { beforeContent })];
    start(made, sent, false);
    expect(await words(sent)).toEqual(['accepted 250', 'SMTPException not-sent']);
    expect(seen).toEqual(['DATA', '1']);
    expect(server.messages).toHaveLength(1);
    expect(server.destroyed).toBe(true);
  });

  it('takes no more messages than the server announces for one connection', async () => {
    const { server, ...made } = await rig({ extensions: ['PIPELINING', 'LIMITS MAILMAX=2'] });
    const sent = messages(3).map((send) => job(send));
    start(made, sent, false);
    expect(await words(sent)).toEqual(['accepted 250', 'accepted 250', 'returned']);
    expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(2);
    expect(server.commands.at(-1)).toBe('QUIT');
  });

  it('writes of a long list behind a content no more than a group, and the rest when it is its turn', async () => {
    const { server, ...made } = await rig();
    const to = Array.from({ length: 1_000 }, (_, index) => `recipient-${String(index)}@example.org`);
    const sent = [job(messages(1)[0] ?? {}), job({ from: 's@x.test', to, message: 'Subject: many\r\n\r\n' })];
    start(made, sent, false);
    await words(sent);
    const [, behind = '', ...rest] = server.writes;
    const commands = behind.slice(content(1).length).split('\r\n').length - 1;
    expect(commands).toBeGreaterThan(50);
    expect(commands).toBeLessThanOrEqual(100);
    for (const write of rest.slice(0, -1)) {
      expect(write.length).toBeLessThanOrEqual(16_384);
      expect(write.split('\r\n').length - 1).toBeLessThanOrEqual(100);
    }
    expect(server.commands.filter((line) => line.startsWith('RCPT'))).toHaveLength(1_001);
    made.lane.destroy();
  });
});

describe('a rider that ends before its turn', () => {
  it('is aborted at once, and the connection ends behind the answer to the content in front', async () => {
    const { server, ...made } = await rig();
    server.become({ answer: (line, self) => void (self.holding ||= line === '.') });
    const abort = new AbortController();
    const [first, second, third] = messages(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three');
    const sent = [job(first), job(second, { signal: abort.signal }), job(third)];
    start(made, sent, false);
    await turns();
    expect(server.writes).toEqual([envelope(1), content(1) + envelope(2)]);
    abort.abort(new Error('enough'));
    const { outcome } = (await sent[1]?.settled) ?? {};
    expect(outcome).toBeInstanceOf(SMTPAbortedError);
    expect(outcome).toMatchObject({ delivery: 'not-sent', stage: 'mail', name: 'AbortError' });
    expect(server.destroyed).toBe(false);
    server.release();
    expect(await words(sent)).toEqual(['accepted 250', 'AbortError not-sent', 'returned']);
    expect(server.destroyed).toBe(true);
    expect(server.messages).toHaveLength(1);
    expect(server.writes).toHaveLength(2);
  });

  it('is aborted between the answer in front and its content', async () => {
    const abort = new AbortController();
    const { server, ...made } = await rig();
    const [first, second] = messages(2);
    if (first === undefined || second === undefined) throw new Error('two');
    const sent = [job(first), job(second, { signal: abort.signal })];
    const { job: inner } = sent[0] ?? {};
    if (inner === undefined) throw new Error('one');
    const aborting = {
      ...inner,
      shipped: (...args: Parameters<typeof inner.shipped>) => {
        abort.abort();
        inner.shipped(...args);
      },
    };
    made.feed.jobs.push(...sent.slice(1).map((one) => one.job));
    made.lane.run(aborting);
    expect(await words(sent)).toEqual(['accepted 250', 'AbortError not-sent']);
    expect(server.messages).toHaveLength(1);
    expect(server.destroyed).toBe(true);
  });

  it('runs out of time, and the message in front is not harmed', async () => {
    const { server, ...made } = await rig();
    server.become({ answer: (line, self) => void (self.holding ||= line === '.') });
    const [first, second] = messages(2);
    if (first === undefined || second === undefined) throw new Error('two');
    const sent = [job(first), job(second, { deadlineInMs: 30 })];
    start(made, sent, false);
    const { outcome } = (await sent[1]?.settled) ?? {};
    expect(outcome).toBeInstanceOf(SMTPTimeoutError);
    expect(outcome).toMatchObject({ delivery: 'not-sent', retryable: true, timeoutMs: 30 });
    server.release();
    expect(await words(sent)).toEqual(['accepted 250', 'SMTPTimeoutError not-sent']);
    expect(server.messages).toHaveLength(1);
    expect(server.destroyed).toBe(true);
  });

  it('runs out of time also when it came late, and nothing else happens on the connection', async () => {
    const { server, ...made } = await rig();
    server.become({ answer: (line, self) => void (self.holding ||= line === '.') });
    const [first, second] = messages(2);
    if (first === undefined || second === undefined) throw new Error('two');
    const sent = [job(first), job(second, { deadlineInMs: 30 })] as const;
    start(made, [sent[0]], false);
    await turns();
    made.feed.jobs.push(sent[1].job);
    made.lane.wake();
    expect(server.writes).toHaveLength(3);
    expect((await sent[1].settled).outcome).toBeInstanceOf(SMTPTimeoutError);
    server.release();
    expect(await words(sent)).toEqual(['accepted 250', 'SMTPTimeoutError not-sent']);
  });

  it('still has the answers counted that it is owed: one too many is found', async () => {
    const { server, ...made } = await rig();
    server.become({ answer: (line, self) => void (self.holding ||= line === '.') });
    const abort = new AbortController();
    const [first, second] = messages(2);
    if (first === undefined || second === undefined) throw new Error('two');
    const sent = [job(first), job(second, { signal: abort.signal })];
    start(made, sent, false);
    await turns();
    abort.abort();
    await turns(2);
    server.say('250 one too many');
    server.release();
    expect(await words(sent)).toEqual(['SMTPProtocolError unknown', 'AbortError not-sent']);
  });

  it('goes back when the message in front is aborted behind its end, which then is unknown', async () => {
    const { server, ...made } = await rig();
    server.become({ answer: (line, self) => void (self.holding ||= line === '.') });
    const abort = new AbortController();
    const [first, second] = messages(2);
    if (first === undefined || second === undefined) throw new Error('two');
    const sent = [job(first, { signal: abort.signal }), job(second)];
    start(made, sent, false);
    await turns();
    abort.abort();
    expect(await words(sent)).toEqual(['AbortError unknown', 'returned']);
    expect(server.destroyed).toBe(true);
  });
});

describe('a final reply that takes long', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('turns its rider back after five seconds, lets nobody else ride, and still counts', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const { server, ...made } = await rig();
    server.become({ answer: (line, self) => void (self.holding ||= line === '.') });
    const sent = messages(3).map((send) => job(send));
    start(made, sent, false);
    await turns();
    jest.advanceTimersByTime(4_999);
    await turns();
    expect(sent[1]?.times()).toBe(0);
    jest.advanceTimersByTime(2);
    await turns();
    expect(sent[1]?.times()).toBe(1);
    expect(made.feed.anomalies).toMatchObject([{ kind: 'slow-final' }]);
    made.lane.wake();
    await turns();
    expect(server.writes).toEqual([envelope(1), content(1) + envelope(2)]);
    jest.advanceTimersByTime(60_000);
    server.release();
    expect(await words(sent)).toEqual(['accepted 250', 'returned', 'returned']);
    expect(server.destroyed).toBe(true);
    expect(server.messages).toHaveLength(1);
  });

  it('takes nobody late', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const { server, ...made } = await rig();
    server.become({ answer: (line, self) => void (self.holding ||= line === '.') });
    const [first, second] = messages(2).map((send) => job(send));
    if (first === undefined || second === undefined) throw new Error('two');
    start(made, [first], false);
    await turns();
    jest.advanceTimersByTime(5_001);
    made.feed.jobs.push(second.job);
    made.lane.wake();
    expect(server.writes).toHaveLength(2);
    server.become({ answer: () => undefined });
    server.release();
    expect(await words([first, second])).toEqual(['accepted 250', 'accepted 250']);
    made.lane.destroy();
  });
});

describe('a connection at its end', () => {
  it('gives a job back that found it dead, or that it died under without a word', async () => {
    const { server, ...made } = await rig();
    const [first, second] = messages(2).map((send) => job(send));
    if (first === undefined || second === undefined) throw new Error('two');
    start(made, [first], false);
    await words([first]);
    await turns();
    server.become({ answer: () => (server.push(null), '') });
    made.lane.run(second.job);
    expect(await words([second])).toEqual(['returned']);
    expect(made.lane.usable).toBe(false);
    const late = job(messages(1)[0] ?? {});
    made.lane.run(late.job);
    expect(await words([late])).toEqual(['returned']);
  });

  it('reports what a new connection does to its first message', async () => {
    const { server, ...made } = await rig();
    server.become({ answer: () => (server.push(null), '') });
    const first = job(messages(1)[0] ?? {});
    start(made, [first], false);
    expect(await words([first])).toEqual(['SMTPServerDisconnected not-sent']);
  });

  it('tells the feed when an idle one ends, or says anything', async () => {
    for (const event of ['end', 'word'] as const) {
      const { server, lane, feed } = await rig();
      const closed = feed.quiet();
      if (event === 'end') server.push(null);
      else server.say('421 idle too long');
      await closed;
      expect(lane.usable).toBe(false);
      expect(lane.idle).toBe(false);
      expect(server.destroyed).toBe(true);
    }
  });

  it.each([
    ['221 bye', 'accepted 250'],
    ['421 bye', 'accepted 250'],
    ['502 what?', 'accepted 250'],
    ['250 2.0.0 the true answer', 'SMTPProtocolError unknown'],
    ['554 the true answer', 'SMTPProtocolError unknown'],
  ])('takes the answer to a content for what it is when QUIT behind it is answered with %s', async (said, word) => {
    const { server, ...made } = await rig({ answer: (line) => (line === 'QUIT' ? said : undefined) });
    const sent = messages(1).map((send) => job(send));
    start(made, sent);
    expect(await words(sent)).toEqual([word]);
    expect(server.writes.at(-1)).toMatch(/QUIT\r\n$/);
  });

  it('says QUIT when it is idle, and behind what is under way', async () => {
    for (const busy of [false, true]) {
      const { server, ...made } = await rig();
      const sent = busy ? messages(1).map((send) => job(send)) : [];
      start(made, sent, false);
      await made.lane.quit();
      await made.lane.quit();
      expect(await words(sent)).toEqual(sent.map(() => 'accepted 250'));
      expect(server.commands.at(-1)).toBe('QUIT');
      expect(server.destroyed).toBe(true);
      expect(made.lane.usable).toBe(false);
    }
  });

  it('is destroyed under its jobs, and each of them hears of it', async () => {
    const { server, ...made } = await rig();
    server.become({ answer: (line, self) => void (self.holding ||= line === '.') });
    const sent = messages(2).map((send) => job(send));
    start(made, sent, false);
    await turns();
    made.lane.destroy();
    expect(await words(sent)).toEqual(['SMTPServerDisconnected unknown', 'returned']);
    made.lane.destroy();
  });

  it('tells a job what it cannot do in front of MAIL, and goes on', async () => {
    const { server, ...made } = await rig({ extensions: ['PIPELINING', 'SIZE 10'] });
    const small = { from: 's@x.test', to: ['r1@x.test'], message: 'a: b\r\n\r\n' };
    const sent = [job(small), job(messages(1)[0] ?? {}), job(small)];
    start(made, sent, false);
    expect(await words(sent)).toEqual(['accepted 250', 'MessageTooLargeError not-sent', 'accepted 250']);
    expect(server.messages).toHaveLength(2);
    made.lane.destroy();
  });

  it('throws what the client throws when it cannot be opened', async () => {
    const server = new RecordingServer({ answer: answering({ EHLO: '554 no' }) });
    await expect(laneTo(server)).rejects.toMatchObject({ name: 'SMTPHeloError' });
    expect(server.destroyed).toBe(true);
  });

  it('holds no process that has nothing to do', async () => {
    const calls: string[] = [];
    const server = Object.assign(new RecordingServer(), {
      ref: () => void calls.push('ref'),
      unref: () => void calls.push('unref'),
    });
    const made = await laneTo(server);
    expect(calls).toEqual(['unref']);
    const one = job(messages(1)[0] ?? {});
    start(made, [one], false);
    expect(calls).toEqual(['unref', 'ref']);
    await words([one]);
    await turns();
    expect(calls).toEqual(['unref', 'ref', 'unref']);
    made.lane.destroy();
  });

  it('holds the process while it says QUIT: somebody may wait for its place', async () => {
    const calls: string[] = [];
    const server = Object.assign(new RecordingServer(), {
      ref: () => void calls.push('ref'),
      unref: () => void calls.push('unref'),
    });
    const made = await laneTo(server);
    const goodbye = made.lane.quit();
    expect(calls).toEqual(['unref', 'ref']);
    await goodbye;
    expect(server.commands).toContain('QUIT');
  });
});
