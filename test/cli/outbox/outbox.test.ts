/** `posthaste outbox DIR`, on a store of LMDB that another outbox has open: what it prints, and what it does. */
import { readdirSync } from 'node:fs';
import type { EntryJson, OverviewJson } from '../../../src/outbox-view/index.js';
import { busyOutbox } from '../../outbox-view/busy-outbox.js';
import { entry, reply } from '../../outbox-view/fake-outbox.js';
import { Folder, posthaste } from '../cli-world.js';
import { StoredOutbox } from './stored-outbox.js';

it('prints what is there, for people and for programs', async () => {
  await using stored = await StoredOutbox.with(busyOutbox(Date.now()));
  const { code, out, err } = await posthaste(['outbox', stored.path]);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^\S+: 914 messages, \w{3} \d\d:\d\d\n\nIn the queue +4 queued, 2 sending, 4 deferred\n/);
  expect(out).toMatch(/^! 1 message may have arrived or not/m);
  expect(out).toMatch(/^Queue depth: 10 now, at most \d+ at \w{3} \d\d:\d\d\n {2}[.▁-█]{72}\n {2}24 hours ago +now$/m);
  expect(out).toMatch(/^ {2}in \d+ s +e\d+ +ann@slow\.example +attempt 2 +451 4\.7\.1 Greylisted/m);
  expect(out).toMatch(/^ {2}gmail\.example +\d+ +\d+ +9 +5 +[.▁-█]{24}$/m);
  expect(out).not.toMatch(/ $/m);
  const asJson = await posthaste(['outbox', stored.path, '--json', '--window', '6h']);
  const overview = JSON.parse(asJson.out) as OverviewJson;
  expect([asJson.code, overview.window.name, overview.counts.deferred, overview.entries]).toEqual([0, '6h', 4, 914]);
});

it('an empty one is a few lines', async () => {
  await using stored = await StoredOutbox.with([]);
  const { out } = await posthaste(['outbox', stored.path]);
  expect(out).toMatch(/^\S+: 0 messages, .*\n\nIn the queue .*\nTo decide .*\nOver .*\n$/);
});

it('what servers and senders have written cannot steer the terminal', async () => {
  const evil = '\u001b[2J\u202eevil\nsecond line';
  const failure = { code: 'ERR_X', message: evil, delivery: 'not-sent' } as const;
  const one = entry({
    id: 'e1',
    state: 'failed',
    subject: evil,
    attemptedAtMs: Date.now(),
    failure,
    to: [`${evil}@x.example`],
  });
  await using stored = await StoredOutbox.with([one, entry({ id: 'e2', subject: evil, to: [evil] })]);
  for (const words of [[], ['list'], ['show', 'e1', 'e2'], ['retry', 'e1', evil]]) {
    const { out, err } = await posthaste(['outbox', stored.path, ...words]);
    // eslint-disable-next-line no-control-regex -- finding controls is the purpose
    expect(`${out}${err}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  }
});

describe('list, show, retry, cancel and purge', () => {
  let stored: StoredOutbox;
  const nowMs = Date.now();
  beforeEach(async () => {
    stored = await StoredOutbox.with([
      entry({
        id: 'e1',
        state: 'deferred',
        nextAttemptAtMs: nowMs + 3_600_000,
        to: ['ann@x.example'],
        subject: 'First',
      }),
      entry({ id: 'e2', state: 'sending' }),
      entry({
        id: 'e3',
        key: 'order-3',
        state: 'failed',
        finishedAtMs: nowMs - 3_600_000,
        attemptedAtMs: nowMs - 3_600_000,
        recipients: [{ address: 'bob@example.org', status: 'refused', reply: reply(550, '5.1.1 no such user') }],
      }),
      entry({ id: 'e4', state: 'deferred', nextAttemptAtMs: nowMs + 3_600_000 }),
      entry({ id: 'e5', state: 'sent', finishedAtMs: nowMs - 1_000 }),
    ]);
  });
  afterEach(async () => {
    await stored[Symbol.asyncDispose]();
  });
  const outbox = async (...words: string[]): ReturnType<typeof posthaste> =>
    await posthaste(['outbox', stored.path, ...words]);

  it('lists all, those of a state, and not more than it was asked for', async () => {
    const { code, out } = await outbox('list');
    expect([code, out.split('\n').map((line) => line.slice(0, 2))]).toEqual([0, ['e1', 'e2', 'e3', 'e4', 'e5', '']]);
    expect(out).toMatch(/^e1 {2}deferred {5}in \d+ min +ann@x\.example {2}"First"$/m);
    const some = await outbox('list', '--state', 'failed', '--state', 'sent', '--json');
    expect(
      some.out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as EntryJson).id),
    ).toEqual(['e3', 'e5']);
    expect((await outbox('list', '--limit', '2')).out.trim().split('\n')).toHaveLength(2);
  });

  it('shows everything about one, and says which are not there', async () => {
    const { code, out, err } = await outbox('show', 'e3', 'gone');
    expect(code).toBe(66);
    expect(out).toMatch(/^e3\n {2}State +failed: nobody was accepted, and it is over\n/);
    expect(out).toMatch(/^ {2}Key +order-3$/m);
    expect(out).toMatch(/^ {4}refused +bob@example\.org {2}550 5\.1\.1 no such user$/m);
    expect(err).toMatch(/^posthaste: gone: there is no such message\. .*\n$/);
    expect(JSON.parse((await outbox('show', 'e3', '--json')).out)).toMatchObject({ id: 'e3', key: 'order-3' });
  });

  it('retries and cancels by id, and goes on behind one that it cannot', async () => {
    const { code, out, err } = await outbox('retry', 'gone', 'e5', 'e3');
    expect([code, out]).toEqual([66, 'e3: is due now\n']);
    expect(err).toMatch(/^posthaste: gone: .*\nposthaste: e5: .* it is sent\.\n$/);
    expect(await stored.stateOf('e3')).toBe('deferred');
    expect(await outbox('cancel', 'e1')).toMatchObject({ code: 0, out: 'e1: cancelled\n' });
    expect(await stored.stateOf('e1')).toBe('cancelled');
  });

  it('retries and cancels all of a state, each once', async () => {
    const { code, out } = await outbox('cancel', '--state', 'deferred', '--json');
    expect([
      code,
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as EntryJson).state),
    ]).toEqual([0, ['cancelled', 'cancelled']]);
    expect((await outbox('retry', '--state', 'cancelled')).out).toBe('e1: is due now\ne4: is due now\n');
  });

  it('what a state does not allow is 69, as JSON too', async () => {
    const { code, out } = await outbox('cancel', 'e5', '--json');
    expect([code, JSON.parse(out)]).toEqual([
      69,
      { id: 'e5', exitCode: 69, error: expect.objectContaining({ code: 'ERR_OUTBOX_STATE' }) as unknown },
    ]);
  });

  it('purges what is over for long enough, and nothing else', async () => {
    expect(await outbox('purge', '--older-than', '30m')).toMatchObject({ code: 0, out: '1 message was deleted.\n' });
    expect(await outbox('purge', '--older-than', '0s', '--json')).toMatchObject({ code: 0, out: '{"deleted":1}\n' });
    expect((await outbox('list')).out.split('\n').map((line) => line.slice(0, 2))).toEqual(['e1', 'e2', 'e4', '']);
  });

  it('an interruption ends it between two messages', async () => {
    const finish = new AbortController();
    finish.abort('SIGINT');
    for (const words of [['list'], ['cancel', '--state', 'deferred'], []]) {
      expect((await posthaste(['outbox', stored.path, ...words], { finish: finish.signal })).code).toBe(130);
    }
    expect(await stored.stateOf('e1')).toBe('deferred');
  });
});

it('looking at an outbox that is not there is a line and 66, and makes none', async () => {
  using folder = new Folder();
  for (const words of [[], ['list'], ['purge', '--older-than', '0s'], ['--serve', '--port', '0']]) {
    const { code, out, err } = await posthaste(['outbox', folder.path, ...words]);
    expect([code, out]).toEqual([66, '']);
    expect(err).toMatch(/^posthaste: there is no outbox in .*: there is no store in this folder\. Name .*\n$/);
  }
  expect(readdirSync(folder.path)).toEqual([]);
});
