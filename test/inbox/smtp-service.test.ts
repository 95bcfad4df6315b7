import { SMTP, SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected } from '../../src/index.js';
import type { Arrival } from '../../src/inbox/inbox-message.js';
import { resolveInboxOptions, type InboxOptions } from '../../src/inbox/options.js';
import { MAX_RECIPIENTS, SMTP_LIMITS, SmtpService, type SmtpLimits } from '../../src/inbox/smtp-service.js';
import { createTestCertificate } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { RawSocket } from './raw-socket.js';

const MESSAGE = 'From: ann@example.org\r\nTo: bob@example.org\r\n\r\nHello\r\n.dot\r\n';

class Service implements AsyncDisposable {
  readonly arrivals: Arrival[] = [];
  readonly #service: SmtpService;

  private constructor(service: SmtpService, arrivals: Arrival[]) {
    this.#service = service;
    this.arrivals = arrivals;
  }

  static async start(
    options: InboxOptions = {},
    accept?: (arrival: Arrival) => Promise<number>,
    limits: Partial<SmtpLimits> = {},
  ): Promise<Service> {
    const arrivals: Arrival[] = [];
    const keep = (arrival: Arrival): Promise<number> => Promise.resolve(arrivals.push(arrival));
    return new Service(
      await SmtpService.start(resolveInboxOptions(options), accept ?? keep, { ...SMTP_LIMITS, ...limits }),
      arrivals,
    );
  }

  get certificate(): string | undefined {
    return this.#service.certificate;
  }

  get url(): string {
    return `smtp://127.0.0.1:${String(this.#service.port)}`;
  }

  close(): Promise<void> {
    return this.#service.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

it('the content arrives octet for octet, with the envelope and the client', async () => {
  await using service = await Service.start();
  await using smtp = await SMTP.connect(service.url);
  await smtp.sendmail('ann@example.org', ['bob@example.org', 'cid@example.org'], MESSAGE);
  const [arrival] = service.arrivals;
  expect(arrival?.raw.toString()).toBe(MESSAGE);
  expect(arrival).toMatchObject({
    from: 'ann@example.org',
    asked: [
      { address: 'bob@example.org', reply: undefined },
      { address: 'cid@example.org', reply: undefined },
    ],
    outcome: 'accepted',
    client: { address: '127.0.0.1', user: undefined, mailParameters: [`SIZE=${String(MESSAGE.length)}`] },
  });
});

it('the null sender and several messages on one connection are told apart', async () => {
  await using service = await Service.start();
  await using smtp = await SMTP.connect(service.url);
  await smtp.sendmail('', ['bob@example.org'], MESSAGE);
  await smtp.sendmail('ann@example.org', ['cid@example.org'], MESSAGE);
  expect(service.arrivals.map(({ from, asked, transcript }) => [from, asked.length, transcript.ordinal])).toEqual([
    ['', 1, 1],
    ['ann@example.org', 1, 2],
  ]);
  expect(service.arrivals[1]?.transcript.lines.map(({ text }) => text.split(' ')[0])).toEqual(
    expect.arrayContaining(['MAIL', 'RCPT', 'DATA', '250', '354']),
  );
});

it('addresses ask for refusals', async () => {
  await using service = await Service.start();
  await using smtp = await SMTP.connect(service.url);
  const send = (from: string, ...to: string[]): Promise<unknown> => smtp.sendmail(from, to, MESSAGE);
  expect(await send('ann@example.org', 'bob@example.org', 'fail-553@x.org', 'defer-451@x.org')).toMatchObject({
    accepted: ['bob@example.org'],
    refused: new Map([
      ['fail-553@x.org', expect.objectContaining({ code: 553 })],
      ['defer-451@x.org', expect.objectContaining({ code: 451 })],
    ]),
  });
  expect(service.arrivals[0]?.asked.map(({ reply }) => reply?.code)).toEqual([undefined, 553, 451]);
  expect(await rejectionOf(send('ann@example.org', 'fail-550@x.org'))).toBeInstanceOf(SMTPRecipientsRefused);
  expect(await rejectionOf(send('defer-450@example.org', 'bob@example.org'))).toMatchObject({ reply: { code: 450 } });
  const refused = await rejectionOf(send('ann@example.org', 'fail-data-554@x.org'));
  expect(refused).toBeInstanceOf(SMTPDataError);
  expect(refused).toMatchObject({ reply: { code: 554 }, delivery: 'refused' });
  expect(service.arrivals).toHaveLength(1);
});

it('drop-data cuts the connection behind the content, so that nobody can know', async () => {
  await using service = await Service.start();
  await using smtp = await SMTP.connect(service.url);
  const error = await rejectionOf(smtp.sendmail('ann@example.org', ['drop-data@x.org'], MESSAGE));
  expect(error).toBeInstanceOf(SMTPServerDisconnected);
  expect(error).toMatchObject({ delivery: 'unknown' });
  expect(service.arrivals.map(({ outcome }) => outcome)).toEqual(['dropped']);
});

it('a delay shows as the time of the answer', async () => {
  await using service = await Service.start();
  await using smtp = await SMTP.connect(service.url);
  await smtp.sendmail('ann@example.org', ['delay-30@x.org'], MESSAGE);
  const lines = service.arrivals[0]?.transcript.lines ?? [];
  const rcpt = lines.findIndex(({ text }) => text.startsWith('RCPT'));
  expect((lines[rcpt + 1]?.atMs ?? 0) - (lines[rcpt]?.atMs ?? 0)).toBeGreaterThanOrEqual(25);
});

it('any login is accepted, its name is told, and no password is in the transcript', async () => {
  await using service = await Service.start();
  for (const mechanism of ['PLAIN', 'LOGIN']) {
    await using smtp = await SMTP.connect(service.url);
    await smtp.login('ann', 'sesame-1843', { mechanisms: [mechanism] });
    await smtp.sendmail('ann@example.org', ['bob@example.org'], MESSAGE);
  }
  expect(service.arrivals.map(({ client }) => client.user)).toEqual(['ann', 'ann']);
  const said = JSON.stringify(service.arrivals.map(({ transcript }) => transcript));
  for (const secret of [
    'sesame-1843',
    Buffer.from('sesame-1843').toString('base64'),
    Buffer.from('\0ann\0sesame-1843').toString('base64'),
  ]) {
    expect(said).not.toContain(secret);
  }
  expect(said).toContain('AUTH');
});

it('a message that is too large is refused: in front of its content by SIZE, and behind it without', async () => {
  await using service = await Service.start({ maxMessageOctets: 2000 });
  await using smtp = await SMTP.connect(service.url);
  const large = `Subject: x\r\n\r\n${'x'.repeat(70)}\r\n`.repeat(60);
  expect(await rejectionOf(smtp.sendmail('a@b.org', ['c@d.org'], large))).toMatchObject({
    code: 'ERR_MESSAGE_TOO_LARGE',
  });
  using raw = await RawSocket.to(service.url);
  await raw.until('220 ');
  await raw.ask('EHLO c\r\n', 'SIZE 2000\r\n');
  await raw.ask('MAIL FROM:<a@b.org>\r\nRCPT TO:<c@d.org>\r\nDATA\r\n', '354');
  expect(await raw.ask(`${large}\r\n.\r\n`, '\r\n')).toMatch(/^552 /);
  expect(service.arrivals).toEqual([]);
});

it('a message that cannot be kept is not accepted', async () => {
  await using service = await Service.start({}, () => Promise.reject(new Error('the disk is on fire\r\n250 ok')));
  await using smtp = await SMTP.connect(service.url);
  const error = await rejectionOf(smtp.sendmail('a@b.org', ['c@d.org'], MESSAGE));
  expect(error).toMatchObject({ reply: { code: 451 } });
});

it('a line end that is no CRLF ends no content: nothing can be smuggled in', async () => {
  await using service = await Service.start();
  using raw = await RawSocket.to(service.url);
  await raw.until('220 ');
  await raw.ask('EHLO c\r\n', 'SIZE');
  await raw.ask('MAIL FROM:<a@b.org>\r\nRCPT TO:<c@d.org>\r\nDATA\r\n', '354');
  await raw.ask('Subject: one\r\n\r\nx\n.\nMAIL FROM:<evil@b.org>\r\nRCPT TO:<c@d.org>\r\n.\r\n', '250 ');
  expect(service.arrivals.map(({ from }) => from)).toEqual(['a@b.org']);
});

it('more recipients than a named limit are told to come again', async () => {
  await using service = await Service.start();
  using raw = await RawSocket.to(service.url);
  await raw.until('220 ');
  await raw.ask('EHLO c\r\n', 'SIZE');
  const rcpts = Array.from({ length: MAX_RECIPIENTS + 1 }, (_, index) => `RCPT TO:<u${String(index)}@x.org>\r\n`).join(
    '',
  );
  expect(await raw.ask(`MAIL FROM:<a@b.org>\r\n${rcpts}NOOP\r\n`, '452 ')).toContain('452 ');
});

it('who speaks first, or HTTP, is cut off', async () => {
  await using service = await Service.start();
  using web = await RawSocket.to(service.url);
  await web.until('220 ');
  web.say('POST / HTTP/1.1\r\nHost: x\r\n\r\nMAIL FROM:<a@b.org>\r\n');
  expect(await web.closed()).toMatch(/421 .*HTTP/);
  expect(service.arrivals).toEqual([]);
});

it('closing cuts a client that is in the middle of its content', async () => {
  const service = await Service.start();
  using raw = await RawSocket.to(service.url);
  await raw.until('220 ');
  await raw.ask('EHLO c\r\n', 'SIZE');
  await raw.ask('MAIL FROM:<a@b.org>\r\nRCPT TO:<c@d.org>\r\nDATA\r\n', '354');
  raw.say('Subject: half');
  await service.close();
  await raw.closed();
  expect(service.arrivals).toEqual([]);
});

describe('a client takes no more than its share', () => {
  it('of the connections: one too many is told to come again, and may when another one has left', async () => {
    await using service = await Service.start({}, undefined, { maxClients: 2 });
    const first = await RawSocket.to(service.url);
    using second = await RawSocket.to(service.url);
    await Promise.all([first.until('220 '), second.until('220 ')]);
    using third = await RawSocket.to(service.url);
    expect(await third.closed()).toMatch(/^421 /);
    first.say('QUIT\r\n');
    await first.closed();
    await using smtp = await SMTP.connect(service.url);
    await smtp.sendmail('a@b.org', ['c@d.org'], MESSAGE);
    expect(service.arrivals).toHaveLength(1);
  });

  it('of the time in which it says nothing, in front of a command and within its content', async () => {
    // The greeting comes after a tenth of a second.
    await using service = await Service.start({}, undefined, { idleMs: 1_000 });
    using silent = await RawSocket.to(service.url);
    expect(await silent.closed()).toMatch(/^220 .*\r\n421 /);
    using half = await RawSocket.to(service.url);
    await half.until('220 ');
    half.say('EHLO c\r\nMAIL FROM:<a@b.org>\r\nRCPT TO:<c@d.org>\r\nDATA\r\n');
    await half.until('354');
    half.say('Subject: half');
    await half.closed();
    expect(service.arrivals).toEqual([]);
  });

  it('of the time in all: one that drips is cut off', async () => {
    await using service = await Service.start({}, undefined, { sessionMs: 1_000 });
    using drip = await RawSocket.to(service.url);
    await drip.until('220 ');
    const dripping = setInterval(() => {
      drip.say('NOOP\r\n');
    }, 5);
    const received = await drip.closed();
    clearInterval(dripping);
    expect(received).toMatch(/^220 .*\r\n250 /);
    expect(received).not.toContain('421');
  });
});

describe('tls', () => {
  it('encrypts by STARTTLS with a certificate of its own, for every name of the inbox', async () => {
    await using service = await Service.start({ tls: true, allowedHosts: ['inbox.test'] });
    for (const servername of ['localhost', '127.0.0.1', 'inbox.test']) {
      const tls = { mode: 'required', ca: service.certificate ?? '', servername } as const;
      await using smtp = await SMTP.connect(service.url, { tls, auth: { user: 'ann', password: 'sesame-1843' } });
      expect(smtp.tls?.authorized).toBe(true);
      await smtp.sendmail('ann@example.org', ['bob@example.org'], MESSAGE);
    }
    expect(service.arrivals.map(({ raw }) => raw.toString())).toEqual([MESSAGE, MESSAGE, MESSAGE]);
    const [{ client, transcript } = { client: undefined, transcript: undefined }] = service.arrivals;
    expect(client).toMatchObject({ user: 'ann', tls: { protocol: expect.stringMatching(/^TLSv1/) as string } });
    const lines = [...(transcript?.opening ?? []), ...(transcript?.lines ?? [])];
    expect(lines.map(({ text }) => text.split(' ')[0])).toEqual(expect.arrayContaining(['STARTTLS', 'AUTH', 'DATA']));
    // Packets are counted behind STARTTLS too.
    const packets = lines.flatMap(({ packet }) => packet ?? []);
    expect(new Set(packets).size).toBeGreaterThan(4);
    expect(JSON.stringify(lines)).not.toContain('sesame-1843');
  });

  it('takes a certificate of the caller, and cuts a client that does not trust it without harm', async () => {
    const given = createTestCertificate();
    await using service = await Service.start({ tls: given });
    expect(service.certificate).toBe(given.cert);
    expect(await rejectionOf(SMTP.connect(service.url, { tls: 'required' }))).toMatchObject({ code: 'ERR_TLS' });
    await using smtp = await SMTP.connect(service.url, { tls: { ca: given.cert } });
    const error = await rejectionOf(smtp.sendmail('ann@example.org', ['drop-data@x.org'], MESSAGE));
    expect(error).toMatchObject({ delivery: 'unknown' });
    await using plain = await SMTP.connect(service.url, { tls: 'never' });
    await plain.sendmail('ann@example.org', ['bob@example.org'], MESSAGE);
    expect(service.arrivals.map(({ client }) => client.tls === undefined)).toEqual([false, true]);
  });

  it('is not offered by default', async () => {
    await using service = await Service.start();
    await using smtp = await SMTP.connect(service.url);
    expect([smtp.hasExtn('starttls'), service.certificate]).toEqual([false, undefined]);
  });

  it('closing cuts a client that is encrypted', async () => {
    const service = await Service.start({ tls: true });
    await using smtp = await SMTP.connect(service.url, { tls: { ca: service.certificate ?? '' } });
    await service.close();
    expect(await rejectionOf(smtp.noop())).toBeInstanceOf(SMTPServerDisconnected);
  });
});
