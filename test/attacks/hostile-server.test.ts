/** Servers that flood, mix, hurry and lie. The whole table of faults is in test/faults; here is one attack of each class. */
import { SMTPProtocolError } from '../../src/index.js';
import { type Answer, fault, type StepKey } from '../../src/testing/index.js';
import { body, refusalOf, World } from './world.js';

const send = ({ client }: World): Promise<unknown> => client.sendmail('a@x.test', 'b@y.test', body);

describe('an endless reply', () => {
  it.each(['endless-reply', 'endless-line'] as const)(
    '%s: is cut off after some kilobytes, at every step',
    async (name) => {
      for (const step of ['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'final', 'RSET', 'QUIT'] satisfies StepKey[]) {
        const before = process.memoryUsage().rss;
        const work = async (): Promise<void> => {
          await using world = await World.start({ on: { [step]: fault(name) } });
          await send(world);
          await (step === 'RSET' ? world.client.rset() : world.client.quit());
        };
        await expect(work()).rejects.toBeInstanceOf(SMTPProtocolError);
        expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
      }
    },
  );

  it('that drips is ended by the time-out for the whole reply, not for each octet', async () => {
    await using world = await World.start(
      { on: { MAIL: ['(chunk 1 every 30ms)', `250 ${'x'.repeat(500)}`] } },
      { timeoutMs: { mail: 120 } },
    );
    await expect(send(world)).rejects.toMatchObject({ name: 'SMTPTimeoutError', stage: 'mail', delivery: 'not-sent' });
  });
});

it('an unsolicited reply before the final one is no answer to the message', async () => {
  for (const answer of [
    ['(surplus 250 ok)', '554 no'],
    ['250 ok', '(surplus 554 no)'],
  ] satisfies Answer[]) {
    await using world = await World.start({ on: { final: answer } });
    await expect(send(world)).rejects.toMatchObject({
      name: 'SMTPProtocolError',
      delivery: 'unknown',
      retryable: false,
    });
    expect(world.client.connected).toBe(false);
  }
});

it.each(['mixed-2xx-5xx', 'mixed-5xx-2xx'] as const)(
  'two codes in one reply (%s) are neither yes nor no',
  async (name) => {
    await using world = await World.start({ on: { final: fault(name) } });
    await expect(send(world)).rejects.toMatchObject({ name: 'SMTPProtocolError', delivery: 'unknown' });
  },
);

it('only 354 opens the content', async () => {
  for (const answer of ['250 ok', '200 ok', '220 ok', '334 go', '355 go', '300 go']) {
    await using world = await World.start({ on: { DATA: answer } });
    await expect(send(world)).rejects.toMatchObject({ name: 'SMTPProtocolError', delivery: 'not-sent' });
    expect(world.commands.at(-1)).toBe('DATA');
    expect(world.server.messages).toEqual([]);
  }
});

it('EHLO is read by its lines: a name in the greeting line, or a part of a word, offers nothing', async () => {
  const ehlo = '250-mx-pipelining.test DSN SIZE 5 STARTTLS\n250-XDSN\n250-X-SMTPUTF8\n250 8BITMIMEX';
  await using world = await World.start({ on: { EHLO: ehlo } });
  await world.client.ehlo();
  for (const keyword of ['dsn', 'size', 'starttls', 'smtputf8', '8bitmime', 'pipelining']) {
    expect([keyword, world.client.hasExtn(keyword)]).toEqual([keyword, false]);
  }
  await refusalOf(() => world.client.sendmail('a@x.test', 'b@y.test', body, { dsn: { ret: 'full' } }));
});

it('an address that is not ASCII does not go to a server without SMTPUTF8', async () => {
  await using world = await World.start({ extensions: ['8BITMIME'] });
  for (const [from, to] of [
    ['j\u00f6rg@x.test', 'b@y.test'],
    ['a@x.test', 'j\u00f6rg@y.test'],
  ] as const) {
    expect((await refusalOf(() => world.client.sendmail(from, to, body))).name).toBe('SMTPNotSupportedError');
  }
  expect(world.commands).toEqual([]);
  await world.client.sendmail('a@x.test', 'b@m\u00fcller.test', body);
  expect(world.commands).toContain('RCPT TO:<b@xn--mller-kva.test>');
});

it('controls in a reply do not reach a terminal: an error shows them as escapes', async () => {
  await using world = await World.start({ on: { MAIL: '550 \\x1b[2J\\x07gone\\x9b' } });
  const error = await send(world).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  // eslint-disable-next-line no-control-regex -- finding controls is the purpose
  expect((error as Error).message).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
});
