/** What a lane makes of a server that breaks, at every octet; and that overlap changes no result. */
import fc from 'fast-check';
import { chunksOf, cutsArbitrary } from '../support/octet-arbitraries.js';
import { job, messages, rig, type Sent, start, words } from './lane-harness.js';

const sentTo = (n: number): readonly Sent[] => messages(n).map((send) => job(send));

/** All octets of two messages, from the first MAIL on, and behind which of them their ends are. */
async function handedFor(): Promise<{ octets: number; ends: readonly number[] }> {
  const { server, ...made } = await rig();
  const sent = sentTo(2);
  start(made, sent, false);
  await words(sent);
  made.lane.destroy();
  const text = server.writes.join('');
  const first = text.indexOf('\r\n.\r\n') + 5;
  return { octets: text.length, ends: [first, text.indexOf('\r\n.\r\n', first) + 5] };
}

describe('a server that closes', () => {
  it('behind any octet: what was handed over to its end is unknown at worst, and what was not is not sent', async () => {
    const { octets, ends } = await handedFor();
    const seen = new Set<string>();
    for (let k = 1; k < octets; k += 1) {
      const { server, ...made } = await rig();
      server.become({ dropAfter: k });
      const sent = sentTo(2);
      start(made, sent, false);
      const results = await words(sent);
      const handed = server.writes.join('');
      for (const [index, result] of results.entries()) {
        const end = ends[index] ?? 0;
        const taken = k >= end;
        const over = handed.length >= end;
        const allowed = taken
          ? ['accepted 250']
          : over
            ? ['SMTPServerDisconnected unknown']
            : ['SMTPServerDisconnected not-sent', 'returned'];
        if (!allowed.includes(result))
          throw new Error(`message ${String(index)} behind ${String(k)} octets: ${result}`);
        seen.add(result);
      }
      expect(server.messages).toHaveLength(results.filter((result) => result === 'accepted 250').length);
    }
    expect(seen.size).toBe(4);
  });
});

describe('replies that come in pieces', () => {
  it('cut at every octet give the same results', async () => {
    for (let at = 1; at < 60; at += 1) {
      const { server, ...made } = await rig({ cut: (reply) => [reply.subarray(0, at), reply.subarray(at)] });
      const sent = sentTo(3);
      start(made, sent);
      expect(await words(sent)).toEqual(['accepted 250', 'accepted 250', 'accepted 250']);
      expect(server.messages).toHaveLength(3);
    }
  });
});

interface Fate {
  readonly mail: number;
  readonly rcpt: readonly number[];
  readonly data: number;
  readonly final: readonly number[];
}

const codeOf = (yes: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(yes) }, { weight: 1, arbitrary: fc.constantFrom(450, 452, 550, 503) });

const fateArbitrary: fc.Arbitrary<Fate> = fc
  .record({
    mail: codeOf(250),
    rcpt: fc.array(codeOf(250), { minLength: 1, maxLength: 4 }),
    data: codeOf(354),
    final: fc.array(codeOf(250), { minLength: 4, maxLength: 4 }),
  })
  // 503 to MAIL is asked again where it was piped: the one difference that overlap is to make.
  .map((fate) => ({ ...fate, mail: fate.mail === 503 ? 501 : fate.mail }));

/** An orderly server that treats the n-th transaction by the n-th fate. */
function judge(fates: readonly Fate[], lmtp: boolean): (line: string) => string | undefined {
  let transaction = -1;
  let mailTaken = false;
  let asked = 0;
  let accepted = 0;
  return (line) => {
    const fate = fates[transaction];
    const verb = line.split(' ', 1)[0];
    if (verb === 'MAIL') {
      transaction += 1;
      asked = accepted = 0;
      const code = fates[transaction]?.mail ?? 250;
      mailTaken = code === 250;
      return `${String(code)} mail`;
    }
    if (fate === undefined) return undefined;
    if (verb === 'RCPT') {
      if (!mailTaken) return '503 MAIL first';
      const code = fate.rcpt[asked] ?? 250;
      asked += 1;
      if (code === 250) accepted += 1;
      return `${String(code)} rcpt`;
    }
    if (verb === 'DATA') return accepted === 0 ? '503 no recipients' : `${String(fate.data)} data`;
    if (verb !== '.') return undefined;
    const count = lmtp ? accepted : 1;
    return fate.final
      .slice(0, count)
      .map((code) => `${String(code)} final`)
      .join('\r\n');
  };
}

async function play(
  fates: readonly Fate[],
  lmtp: boolean,
  overlap: 'none' | 'message' | 'session',
  cut?: (reply: Buffer) => readonly Buffer[],
): Promise<readonly string[]> {
  const { server, ...made } = await rig({ lmtp, ...(cut === undefined ? {} : { cut }) });
  server.become({ answer: judge(fates, lmtp) });
  made.feed.currentPolicy = { overlap, chunking: 'off' };
  const sent = fates.map(({ rcpt }, index) =>
    job({
      from: 's@x.test',
      to: rcpt.map((_, at) => `r${String(at)}@x.test`),
      message: `Subject: ${String(index)}\r\n\r\n.dot\r\n`,
    }),
  );
  start(made, sent);
  const results = await words(sent);
  expect(server.earlyTalk).toEqual([]);
  expect(made.feed.anomalies).toEqual([]);
  return [...results, `${String(server.messages.length)} messages`];
}

describe('overlap', () => {
  it('changes no result, whatever an orderly server says and however its replies are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fateArbitrary, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        cutsArbitrary(),
        async (fates, lmtp, cuts) => {
          const cut = (reply: Buffer): readonly Buffer[] => chunksOf(reply, cuts).map((piece) => Buffer.from(piece));
          const serial = await play(fates, lmtp, 'none');
          expect(await play(fates, lmtp, 'message')).toEqual(serial);
          expect(await play(fates, lmtp, 'session', cut)).toEqual(serial);
        },
      ),
      { numRuns: Math.max(60, fc.readConfigureGlobal().numRuns ?? 0) },
    );
  });
});
