// Many messages at once over one connection. Whatever the mode, each must end as it does when one is sent after the other, and
// what was accepted must lie in the right mailboxes, once each, octet for octet.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPosthasteError, messageFromFile, type SendResult, SMTPException } from '../../../src/index.js';
import { byteDifference } from '../byte-difference.js';
import { content, megabyte } from '../contents.js';
import { startCountingProxy } from '../counting-proxy.js';
import { ALICE, BOB, CAROL, FULL, REFUSED_SENDER, SENDER, UNKNOWN } from '../mailboxes.js';
import { isMailerMode, type Mode, WINDOW } from '../modes.js';
import type { BurstMessage } from '../senders.js';
import type { InteropServer } from '../servers/server.js';
import { withFolder } from '../temporary-folder.js';
import type { Trial } from '../trial.js';
import { needsRefusals } from './content-scenarios.js';
import { needsLmtp } from './lmtp-scenarios.js';
import { type Inability, type Scenario } from './scenario.js';

const BURST = 30;

/** A message of a burst, and what arrives of it. */
interface Planned extends BurstMessage {
  readonly bytes: Buffer;
}

function planned(index: number, to: readonly string[], body?: Buffer, from = SENDER): Planned {
  const name = `burst ${String(index)}`;
  const bytes = body ?? content(name, `${'.'.repeat(index % 4)}\r\n${name}\r\n.\r\n..${'x'.repeat(index)}\r\n`);
  return { from, to, bytes, message: bytes };
}

/** Who gets the message of that number when nobody is refused. */
function someOf(index: number): string[] {
  return [[ALICE], [BOB, CAROL], [CAROL, ALICE, BOB]][index % 3] ?? [];
}

/** What became of a message, in words that are the same in every mode. */
function fateOf(settled: PromiseSettledResult<SendResult>): string {
  if (settled.status === 'fulfilled') {
    return settled.value.recipients
      .map(({ address, status, stage, reply }) => {
        return `${address} ${status} ${stage} ${String(reply?.code)}`;
      })
      .join(', ');
  }
  const error: unknown = settled.reason;
  if (!isPosthasteError(error)) return String(error);
  const recipients = error instanceof SMTPException ? error.recipients : [];
  const fates = recipients.map(({ address, status, reply }) => `${address} ${status} ${String(reply?.code)}`);
  return [error.name, error.code, error.delivery, String(error.retryable), ...fates].join(' ');
}

/** Fates of each burst on each server in the mode that ran first, which sends one command at a time. */
const serialFates = new Map<string, readonly string[]>();

async function runBurst(trial: Trial, name: string, burst: readonly Planned[], sender = trial.sender) {
  const before = trial.wire.length;
  const settled = await sender.sendBurst(burst);
  const fates = settled.map(fateOf);
  const key = `${trial.server.name}: ${name}`;
  if (trial.mode === 'serial') serialFates.set(key, fates);
  const reference = serialFates.get(key) ?? fates;
  expect(fates.slice(0, reference.length)).toEqual(reference);
  const expected = burst.flatMap((message, index) => {
    const its = settled[index];
    const accepted = its?.status === 'fulfilled' ? its.value.accepted : [];
    return accepted.map((recipient) => ({ recipient, ...message }));
  });
  const arrivals = [...(await trial.received())];
  for (const { recipient, from, bytes } of expected) {
    const found = arrivals.findIndex(
      (arrival) =>
        arrival.recipient === recipient &&
        arrival.envelopeFrom === from &&
        byteDifference(arrival.bytes, bytes) === undefined,
    );
    expect([recipient, bytes.toString('latin1', 0, 300), found]).not.toContain(-1);
    arrivals.splice(found, 1);
  }
  expect(arrivals).toEqual([]);
  return { settled, verbs: verbsOf(trial, before) };
}

function verbsOf({ wire }: Trial, from: number): string[] {
  return wire.slice(from).flatMap(({ direction, text }) => {
    if (direction === 'sent') return [text.split(' ')[0] ?? ''];
    return direction === 'received' ? [text.slice(0, 3)] : [];
  });
}

function statusesOf(settled: readonly PromiseSettledResult<SendResult>[]): string[] {
  return settled.map((its) => (its.status === 'fulfilled' ? 'sent' : (its.reason as Error).name));
}

/** How many round trips n messages with one or more recipients may cost when the connection is up. */
function expectTrips(trial: Trial, trips: number, commands: number): void {
  const pipelines = trial.client.hasExtn('pipelining');
  const serial = commands + BURST;
  const within: Record<Mode, readonly [number, number]> = {
    serial: [serial, serial],
    none: [serial, serial],
    pipelined: [2 * BURST, 2 * BURST],
    message: [2 * BURST, 2 * BURST],
    session: [BURST + 1, BURST + 3],
    safe: [BURST + 1, BURST + 3],
    // LMTP answers a content so many times as recipients were taken, so those answers are waited for.
    window: trial.server.plain.protocol === 'lmtp' ? [BURST + 1, BURST + 3] : [BURST / WINDOW, BURST],
  };
  const [least, most] = pipelines ? within[trial.mode] : within.serial;
  expect(trips).toBeGreaterThanOrEqual(least);
  expect(trips).toBeLessThanOrEqual(most);
}

export function needsRefusedSenders({ name }: InteropServer): Inability | undefined {
  if (name !== 'smtp-sink' && name !== 'Dovecot LMTP') return undefined;
  return {
    reason: 'takes every sender',
    prove: async ({ client }) => {
      expect((await client.mail(REFUSED_SENDER)).code).toBe(250);
    },
  };
}

export const BURST_SCENARIOS: readonly Scenario[] = [
  {
    name: `burst of ${String(BURST)}: all accepted; its round trips are in the second table`,
    run: async (trial) => {
      const proxy = await startCountingProxy(trial.server.plain.address);
      try {
        const sender = await trial.through({ ...trial.server.plain, address: proxy.address }, { tls: 'never' });
        await runBurst(trial, 'first', [planned(0, [ALICE])], sender);
        const before = proxy.roundTrips();
        const burst = Array.from({ length: BURST }, (_, index) => planned(index, someOf(index)));
        const { settled, verbs } = await runBurst(trial, 'all accepted', burst, sender);
        expect(new Set(statusesOf(settled))).toEqual(new Set(['sent']));
        const trips = proxy.roundTrips() - before;
        trial.report(trips);
        expect(proxy.connections()).toBe(1);
        const recipients = burst.reduce((sum, { to }) => sum + to.length, 0);
        expectTrips(trial, trips, BURST + recipients + BURST);
        const chunks = trial.mode === 'safe' || trial.mode === 'window';
        expect(verbs.filter((verb) => verb === 'DATA')).toHaveLength(chunks ? 0 : BURST);
        expect(verbs.filter((verb) => verb === 'BDAT')).toHaveLength(chunks ? BURST : 0);
      } finally {
        await proxy.close();
      }
    },
  },
  {
    name: 'burst: messages of 1 MB among small ones',
    run: async (trial) => {
      const burst = Array.from({ length: 10 }, (_, index) =>
        planned(index, someOf(index), index % 4 === 1 ? megabyte(`large ${String(index)}`) : undefined),
      );
      const { settled } = await runBurst(trial, 'large', burst);
      expect(new Set(statusesOf(settled))).toEqual(new Set(['sent']));
    },
  },
  {
    name: 'burst: files and streams among contents in memory',
    run: async (trial) => {
      await withFolder(async (folder) => {
        const burst: Planned[] = [];
        for (let index = 0; index < 9; index += 1) {
          const plan = planned(index, someOf(index), index === 4 ? megabyte('a large file') : undefined);
          const path = join(folder, `${String(index)}.eml`);
          const stream = async function* () {
            for (let at = 0; at < plan.bytes.length; at += 70_001) {
              yield await Promise.resolve(plan.bytes.subarray(at, at + 70_001));
            }
          };
          await writeFile(path, plan.bytes);
          const message = [plan.bytes, await messageFromFile(path), stream][index % 3] ?? plan.bytes;
          burst.push({ ...plan, message });
        }
        const { settled } = await runBurst(trial, 'files', burst);
        expect(new Set(statusesOf(settled))).toEqual(new Set(['sent']));
      });
    },
  },
  {
    name: 'burst: some with a refused recipient, some with none but refused ones',
    inability: needsRefusals,
    run: async (trial) => {
      const refused = new Set([0, 6, 7, 12, 19]);
      const burst = Array.from({ length: 20 }, (_, index) =>
        planned(index, refused.has(index) ? [UNKNOWN] : index % 5 === 3 ? [ALICE, UNKNOWN, BOB] : someOf(index)),
      );
      const { settled } = await runBurst(trial, 'refused recipients', burst);
      expect(statusesOf(settled)).toEqual(
        burst.map((_, index) => (refused.has(index) ? 'SMTPRecipientsRefused' : 'sent')),
      );
    },
  },
  {
    name: 'burst: senders refused at MAIL, one alone and two in a row, at the beginning and at the end',
    inability: needsRefusedSenders,
    run: async (trial) => {
      const refused = new Set([0, 5, 9, 10, 15]);
      const burst = Array.from({ length: 16 }, (_, index) =>
        planned(index, someOf(index), undefined, refused.has(index) ? REFUSED_SENDER : SENDER),
      );
      const { settled } = await runBurst(trial, 'refused senders', burst);
      expect(statusesOf(settled)).toEqual(burst.map((_, index) => (refused.has(index) ? 'SMTPSenderRefused' : 'sent')));
    },
  },
  {
    name: 'burst: recipients refused after the content',
    inability: needsLmtp,
    run: async (trial) => {
      const full = (index: number): string[] =>
        index % 4 === 1 ? [FULL] : index % 4 === 3 ? [ALICE, FULL, BOB] : someOf(index);
      const burst = Array.from({ length: 12 }, (_, index) => planned(index, full(index)));
      const { settled } = await runBurst(trial, 'refused after the content', burst);
      expect(statusesOf(settled)).toEqual(
        burst.map((_, index) => (index % 4 === 1 ? 'SMTPRecipientsRefused' : 'sent')),
      );
    },
  },
  {
    name: 'burst: one message is only to go to all of its recipients, one has a hook in front of its content',
    inability: needsRefusals,
    run: async (trial) => {
      const called: number[] = [];
      const burst = Array.from({ length: 10 }, (_, index): Planned => {
        if (index === 3) return { ...planned(index, [ALICE, UNKNOWN]), options: { requireAllRecipients: true } };
        if (index === 6) return { ...planned(index, [ALICE, BOB]), options: { requireAllRecipients: true } };
        if (index % 2 === 1) return planned(index, someOf(index));
        const beforeContent = (): Promise<void> => {
          called.push(index);
          return index === 8 ? Promise.reject(new Error('the journal is full')) : Promise.resolve();
        };
        return { ...planned(index, someOf(index)), options: { beforeContent } };
      });
      // A connection whose DATA was accepted cannot be used without content: a client would have to connect again.
      const upTo = isMailerMode(trial.mode) ? 10 : 8;
      const { settled } = await runBurst(trial, 'hooks', burst.slice(0, upTo));
      const ends = statusesOf(settled);
      expect(ends.filter((end) => end !== 'sent')).toHaveLength(upTo === 10 ? 2 : 1);
      expect(ends[3]).toBe('SMTPRecipientsRefused');
      expect(called).toEqual([0, 2, 4, 8].slice(0, upTo === 10 ? 4 : 3));
    },
  },
];
