/** Content by BDAT (RFC 3030): counted exactly, in front of nobody who did not take a recipient, RSET before every MAIL. */
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { prepareMessage } from '../../src/client/send-message.js';
import { contentOf } from '../../src/octets/content-of.js';
import { chunksOf, cutsArbitrary, octetsOfPieces } from '../support/octet-arbitraries.js';
import { jobOf } from '../support/session-mode.js';
import { job, messages, rig, type Rig, type Sent, start, turns, words } from './lane-harness.js';
import type { RecordingOptions } from './recording-server.js';

const CHUNKING = { extensions: ['PIPELINING', 'CHUNKING', '8BITMIME'] };

const envelope = (n: number): string => `RSET\r\nMAIL FROM:<s@x.test>\r\nRCPT TO:<r${String(n)}@x.test>\r\n`;
const text = (n: number): string => `Subject: ${String(n)}\r\n\r\ntext\r\n`;
const chunk = (n: number): string => `BDAT ${String(text(n).length)} LAST\r\n${text(n)}`;

async function bdatRig(
  options: RecordingOptions = {},
  chunking: 'safe' | { readonly window: number } = 'safe',
): Promise<Rig> {
  const made = await rig({ ...CHUNKING, ...options });
  made.feed.currentPolicy = { overlap: 'session', chunking };
  return made;
}

/** A message whose octets come as they are cut. */
function streamed(pieces: readonly Uint8Array[]): Sent {
  const made = jobOf({ from: 's@x.test', to: ['r1@x.test'] });
  const source = async function* (): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) {
      await Promise.resolve();
      yield piece;
    }
  };
  return { ...made, job: { ...made.job, shipment: { ...made.job.shipment, content: contentOf(source) } } };
}

describe('BDAT', () => {
  it('sends messages in one round trip each, once the server has taken a single octet', async () => {
    const { server, ...made } = await bdatRig();
    const sent = messages(3).map((send) => job(send));
    const quiet = made.feed.quiet();
    start(made, sent);
    expect(await words(sent)).toEqual(['accepted 250', 'accepted 250', 'accepted 250']);
    await quiet;
    expect(server.writes).toEqual([
      envelope(1),
      'BDAT 1\r\nS',
      `BDAT ${String(text(1).length - 1)} LAST\r\n${text(1).slice(1)}${envelope(2)}`,
      chunk(2) + envelope(3),
      `${chunk(3)}QUIT\r\n`,
    ]);
    expect(server.messages).toEqual([text(1), text(2), text(3)]);
    expect(server.answers).toBe(5);
  });

  it('has no more than 100 commands without an answer in a window, however wide it is', async () => {
    const { server, ...made } = await bdatRig({ holding: true }, { window: 1_000 });
    const sent = messages(80).map((send) => job(send));
    start(made, sent, false);
    for (let turn = 0; turn < 50; turn += 1) await turns();
    const commands = server.writes.join('').match(/^(?:RSET|MAIL|RCPT|BDAT) ?.*$/gm) ?? [];
    // A message has four, and is written whole.
    expect(commands.length).toBeGreaterThan(90);
    expect(commands.length).toBeLessThanOrEqual(104);
    server.release();
    expect(new Set(await words(sent))).toEqual(new Set(['accepted 250']));
    made.lane.destroy();
  });

  it('writes no more than a block of octets and a message at a time in a window', async () => {
    const { server, ...made } = await bdatRig({ holding: true }, { window: 1_000 });
    const message = `Subject: large\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(800)}`;
    const sent = messages(12).map((send) => job({ ...send, message }));
    start(made, sent, false);
    for (let turn = 0; turn < 50; turn += 1) await turns();
    expect(Math.max(...server.writes.map(({ length }) => length))).toBeLessThan(131_072 + 2 * message.length);
    server.release();
    expect(new Set(await words(sent))).toEqual(new Set(['accepted 250']));
    made.lane.destroy();
  });

  it('keeps DATA where the server does not offer it', async () => {
    const { server, ...made } = await bdatRig({ extensions: ['PIPELINING'] });
    const sent = messages(1).map((send) => job(send));
    start(made, sent, false);
    expect(await words(sent)).toEqual(['accepted 250']);
    expect(server.commands).not.toContain('RSET');
    expect(server.commands).toContain('DATA');
    made.lane.destroy();
  });

  it('works without PIPELINING, one command at a time', async () => {
    const { server, ...made } = await bdatRig({ extensions: ['CHUNKING'] });
    const sent = messages(2).map((send) => job(send));
    start(made, sent, false);
    expect(await words(sent)).toEqual(['accepted 250', 'accepted 250']);
    expect(server.messages).toEqual([text(1), text(2)]);
    expect(server.earlyTalk).toEqual([]);
    made.lane.destroy();
  });

  it('sends no octet of content where nobody was accepted, and goes on', async () => {
    for (const refusals of [{ RCPT: '550 no' }, { MAIL: '550 no' }] as const) {
      const { server, ...made } = await bdatRig();
      server.become({
        // A server that answers 503 and reads the chunk as commands.
        answer: (line, self) =>
          self.commands.filter((one) => one.startsWith('MAIL')).length === 1
            ? ({ ...refusals, BDAT: '503 no' } as Record<string, string>)[line.split(' ', 1)[0] ?? '']
            : undefined,
      });
      const sent = messages(2).map((send) => job(send));
      start(made, sent, false);
      const [first, second] = await words(sent);
      expect(first).toBe('RCPT' in refusals ? 'SMTPRecipientsRefused refused' : 'SMTPSenderRefused refused');
      expect(second).toBe('accepted 250');
      expect(server.messages).toEqual([text(2)]);
      made.lane.destroy();
    }
  });

  it.each([500, 501, 502, 503])(
    'says no more to a server that answers it with %d: the message goes another way',
    async (code) => {
      const { server, ...made } = await bdatRig();
      server.become({ answer: (line) => (line.startsWith('BDAT') ? `${String(code)} what?` : undefined) });
      const body = 'MAIL FROM:<evil@x.test>\r\nRCPT TO:<v@x.test>\r\nDATA\r\n';
      const sent = [
        job({ from: 's@x.test', to: ['r1@x.test'], message: body }),
        ...messages(1).map((send) => job(send)),
      ];
      start(made, sent, false);
      expect(await words(sent)).toEqual(['returned', 'returned']);
      expect(made.feed.anomalies).toMatchObject([{ kind: 'bdat-refused' }]);
      // All that it could take for a command is an octet without a line end.
      expect(server.commands).toEqual(['RSET', 'MAIL FROM:<s@x.test>', 'RCPT TO:<r1@x.test>', 'BDAT 1']);
      expect(server.writes.at(-1)).toBe('BDAT 1\r\nM');
      expect(server.destroyed).toBe(true);
    },
  );

  it('is the end of a message that can be read once: it cannot go another way', async () => {
    const { server, ...made } = await bdatRig();
    server.become({ answer: (line) => (line.startsWith('BDAT') ? '502 what?' : undefined) });
    const made1 = jobOf({ from: 's@x.test', to: ['r1@x.test'] });
    const source = (async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from(text(1)));
    })();
    const sent = { ...made1, job: { ...made1.job, shipment: { ...made1.job.shipment, content: contentOf(source) } } };
    start(made, [sent], false);
    expect(await words([sent])).toEqual(['SMTPDataError refused']);
    expect(made.feed.anomalies).toMatchObject([{ kind: 'bdat-refused' }]);
    expect(server.destroyed).toBe(true);
  });

  it('gives a rider back when a later chunk is refused so', async () => {
    const { server, ...made } = await bdatRig();
    let asked = 0;
    // The server is asked twice: what it says to the line, and what to the octets.
    server.become({ answer: (line) => (line.endsWith(' LAST') && ++asked % 2 === 0 ? '503 what?' : undefined) });
    const sent = messages(2).map((send) => job(send));
    start(made, sent, false);
    expect(await words(sent)).toEqual(['returned', 'returned']);
    expect(made.feed.anomalies).toMatchObject([{ kind: 'bdat-refused' }]);
  });

  it('cannot tell what became of a message whose octets were answered as commands', async () => {
    const { server, ...made } = await bdatRig();
    server.become({ answer: (line) => (line.endsWith(' LAST') ? '503 what?' : undefined) });
    const sent = messages(2).map((send) => job(send));
    start(made, sent, false);
    expect(await words(sent)).toEqual(['SMTPProtocolError unknown', 'returned']);
  });

  it('takes any other refusal for one of the message', async () => {
    const { server, ...made } = await bdatRig();
    server.become({ answer: (line) => (line === 'BDAT 1' ? '452 full' : undefined) });
    const sent = messages(1).map((send) => job(send));
    start(made, sent, false);
    expect(await words(sent)).toEqual(['SMTPDataError refused']);
    await turns();
    expect(made.lane.idle).toBe(true);
    expect(server.messages).toEqual([]);
    made.lane.destroy();
  });

  it('counts the answers of LMTP', async () => {
    const { server, ...made } = await bdatRig({ lmtp: true });
    const sent = [
      job({ from: 's@x.test', to: ['a@x.test', 'b@x.test', 'c@x.test'], message: text(1) }),
      job({ from: 's@x.test', to: ['d@x.test'], message: text(2) }),
    ];
    server.become({
      answer: (line) =>
        line.startsWith('BDAT') && line.endsWith('LAST') && server.messages.length === 0
          ? '250 ok\r\n452 full\r\n250 ok'
          : undefined,
    });
    start(made, sent, false);
    expect(await words(sent)).toEqual(['accepted 250, refused 452, accepted 250', 'accepted 250']);
    made.lane.destroy();
  });

  it('counts every chunk exactly, whatever the octets and however they come', async () => {
    await fc.assert(
      fc.asyncProperty(octetsOfPieces(), cutsArbitrary(), fc.boolean(), async (octets, cuts, big) => {
        const filler = big ? Buffer.from('0123456789abcde\r\n'.repeat(10_000)) : Buffer.alloc(0);
        const raw = Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), octets, filler]);
        const { server, ...made } = await bdatRig();
        const sent = [
          streamed(chunksOf(raw, cuts)),
          job({ from: 's@x.test', to: ['r1@x.test'], message: raw.toString('latin1') }),
        ];
        start(made, sent, false);
        expect(await words(sent)).toEqual(['accepted 250', 'accepted 250']);
        const [first, second] = server.messages;
        expect(first).toBe(second);
        // Nothing is doubled, and line ends are canonical.
        expect(first?.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        expect(first?.split('.').length).toBe(raw.toString('latin1').split('.').length);
        expect(server.commands.filter((line) => !/^(?:RSET|MAIL|RCPT|BDAT) ?/.test(line))).toEqual([]);
        made.lane.destroy();
      }),
      { numRuns: Math.max(40, fc.readConfigureGlobal().numRuns ?? 0) },
    );
  });

  it('sends a long stream in chunks, and the last one when the others were taken', async () => {
    const { server, ...made } = await bdatRig();
    server.become({ answer: (line, self) => void (self.holding ||= line.startsWith('BDAT 6')) });
    const line = Buffer.from(`${'x'.repeat(62)}\r\n`);
    const sent = [streamed([Buffer.from('Subject: x\r\n\r\n'), ...Array.from({ length: 3_000 }, () => line)])];
    start(made, sent, false);
    await turns(40);
    expect(server.commands.filter((one) => one.startsWith('BDAT'))).toHaveLength(3);
    expect(server.commands.filter((one) => one.endsWith('LAST'))).toHaveLength(0);
    server.become({ answer: () => undefined });
    server.release();
    expect(await words(sent)).toEqual(['accepted 250']);
    expect(server.messages[0]).toHaveLength(14 + 3_000 * 64);
    made.lane.destroy();
  });

  it('closes the connection in the middle of a chunk rather than let anything else count as its octets', async () => {
    const { server, ...made } = await bdatRig();
    const made1 = jobOf({ from: 's@x.test', to: ['r1@x.test'] });
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('Subject: x\r\n\r\n'));
      throw new Error('disk');
    };
    const broken = { ...made1, job: { ...made1.job, shipment: { ...made1.job.shipment, content: contentOf(source) } } };
    start(made, [broken], false);
    expect(await words([broken])).toEqual(['SMTPException not-sent']);
    expect(server.messages).toEqual([]);
    expect(server.destroyed).toBe(true);
  });
});

describe('BINARYMIME', () => {
  const BINARY = { extensions: ['PIPELINING', 'CHUNKING', '8BITMIME', 'BINARYMIME'] };
  const mailOptions = { BODY: 'BINARYMIME' };

  async function binaryJob(source: Uint8Array | (() => AsyncIterable<Uint8Array>)): Promise<Sent> {
    const made = jobOf({}, undefined, undefined, { mailOptions });
    const { shipment } = await prepareMessage(source, { mailOptions, from: 's@x.test', to: ['r1@x.test'] });
    return { ...made, job: { ...made.job, shipment } };
  }

  it('takes the body octet for octet, in memory and streamed, and the header block as any other', async () => {
    await fc.assert(
      fc.asyncProperty(octetsOfPieces(['\0', '\u00ff']), cutsArbitrary(), async (body, cuts) => {
        const head = 'From: s@x.test\nBcc: secret@x.test\nSubject: x\n\n';
        const raw = Buffer.concat([Buffer.from(head), body]);
        const { server, ...made } = await bdatRig(BINARY);
        const streamedRaw = async function* (): AsyncGenerator<Uint8Array> {
          for (const piece of chunksOf(raw, cuts)) {
            await Promise.resolve();
            if (piece.length > 0) yield piece;
          }
        };
        const sent = [await binaryJob(raw), await binaryJob(streamedRaw)];
        start(made, sent, false);
        expect(await words(sent)).toEqual(['accepted 250', 'accepted 250']);
        const expected = `From: s@x.test\r\nSubject: x\r\n\r\n${body.toString('latin1')}`;
        expect(server.messages).toEqual([expected, expected]);
        expect(server.commands.filter((line) => line.includes('BODY=BINARYMIME'))).toHaveLength(2);
        made.lane.destroy();
      }),
      { numRuns: Math.max(40, fc.readConfigureGlobal().numRuns ?? 0) },
    );
  });

  it('is refused in front of MAIL without both extensions, and where BDAT is off', async () => {
    for (const [extensions, chunking] of [
      [['PIPELINING', 'CHUNKING', '8BITMIME'], 'safe'],
      [['PIPELINING', 'BINARYMIME', '8BITMIME'], 'safe'],
      [BINARY.extensions, 'off'],
    ] as const) {
      const { server, ...made } = await bdatRig({ extensions });
      made.feed.currentPolicy = { overlap: 'session', chunking };
      const sent = [await binaryJob(Buffer.from('From: s@x.test\n\na\nb'))];
      start(made, sent, false);
      expect(await words(sent)).toEqual(['SMTPNotSupportedError not-sent']);
      expect(server.commands).toEqual([]);
      made.lane.destroy();
    }
  });

  it('is not signed', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const dkim = { domain: 'x.test', selector: 's', privateKey };
    const message = Buffer.from('From: s@x.test\r\n\r\nx');
    await expect(prepareMessage(message, { mailOptions, dkim, to: 'r@x.test' })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
    });
  });

  it('cannot be had by an option of the caller that names no such thing', async () => {
    const { shipment } = await prepareMessage(Buffer.from('From: s@x.test\n\n.\n'), {
      to: 'r@x.test',
      serializeOptions: { binaryBody: true, body: 'binary' } as object,
    });
    expect(Buffer.concat(shipment.content.segments ?? []).toString()).toBe('From: s@x.test\r\n\r\n.\r\n');
  });
});

describe('BDAT with a window', () => {
  it('has as many messages under way as it says, in one round trip', async () => {
    const { server, ...made } = await bdatRig({}, { window: 3 });
    const sent = messages(6).map((send) => job(send));
    start(made, sent);
    expect(await words(sent)).toEqual(Array.from({ length: 6 }, () => 'accepted 250'));
    expect(server.messages).toEqual([1, 2, 3, 4, 5, 6].map(text));
    expect(server.writes[0]).toBe(envelope(1));
    expect(server.writes[1]).toBe(chunk(1) + envelope(2) + chunk(2) + envelope(3) + chunk(3));
    expect(server.answers).toBeLessThanOrEqual(4);
  });

  it('waits for the answers of all in front of QUIT, however they come', async () => {
    const { server, ...made } = await bdatRig({}, { window: 5 });
    server.become({
      cut: (reply) =>
        reply
          .toString('latin1')
          .split(/(?<=\n)/)
          .map((line) => Buffer.from(line)),
    });
    const sent = messages(4).map((send) => job(send));
    start(made, sent);
    expect(await words(sent)).toEqual(Array.from({ length: 4 }, () => 'accepted 250'));
    expect(server.commands.at(-1)).toBe('QUIT');
  });

  it('never counts a message whose MAIL was refused: a server that takes its content all the same is out of step', async () => {
    const { server, ...made } = await bdatRig({}, { window: 3 });
    let mails = 0;
    server.become({
      answer: (line) => {
        if (!line.startsWith('MAIL')) return undefined;
        mails += 1;
        return mails === 2 ? '550 not from you' : undefined;
      },
    });
    const sent = messages(3).map((send) => job(send));
    start(made, sent, false);
    // The answers came in one read: the one in front may belong to something else as well.
    for (const word of await words(sent)) expect(word).toMatch(/^SMTP\w+ unknown$/);
  });

  it('reports as unknown all whose end was handed over when the connection ends', async () => {
    const { server, ...made } = await bdatRig({}, { window: 3 });
    server.become({ answer: (line, self) => (line.startsWith('BDAT') ? (self.push(null), '') : undefined) });
    const sent = messages(3).map((send) => job(send));
    start(made, sent, false);
    expect(await words(sent)).toEqual([
      'SMTPServerDisconnected unknown',
      'SMTPServerDisconnected unknown',
      'SMTPServerDisconnected unknown',
    ]);
  });

  it('asks first where something has to be known before the content goes', async () => {
    const { server, ...made } = await bdatRig({}, { window: 3 });
    const [first, second, third] = messages(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three');
    const seen: string[] = [];
    const beforeContent = (): Promise<void> => {
      seen.push(server.commands.at(-1) ?? '');
      return Promise.resolve();
    };
    const sent = [job(first), job(second, { beforeContent }), job(third)];
    start(made, sent, false);
    expect(await words(sent)).toEqual(['accepted 250', 'accepted 250', 'accepted 250']);
    expect(seen).toEqual(['RCPT TO:<r2@x.test>']);
    expect(server.messages).toEqual([1, 2, 3].map(text));
    made.lane.destroy();
  });
});
