/** The transporter as programs use it: callbacks, plugins, events, ends. */
import { once } from 'node:events';
import { PassThrough, Transform } from 'node:stream';
import {
  createTransport,
  NodemailerError,
  type MailMessage,
  type SmtpTransportOptions,
  type Transporter,
} from '../../src/nodemailer/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';

const MAIL = { from: 'ann@example.org', to: 'bob@example.org', subject: 'Hi', text: 'Hello' };

async function started(
  behave: Behaviour = {},
  options: SmtpTransportOptions = {},
): Promise<{ server: ScriptedServer; transport: Transporter }> {
  const server = await ScriptedServer.start({ behave });
  return { server, transport: createTransport({ url: server.url, ...options }) };
}

async function ended({ server, transport }: { server: ScriptedServer; transport: Transporter }): Promise<void> {
  await transport[Symbol.asyncDispose]();
  await server.close();
}

describe('sendMail', () => {
  it('calls back once with the result', async () => {
    const world = await started();
    const told = await new Promise<unknown[]>((resolve) => {
      const calls: unknown[] = [];
      world.transport.sendMail(MAIL, (error, info) => {
        calls.push(error, info.accepted);
        setImmediate(() => {
          resolve(calls);
        });
      });
    });
    expect(told).toEqual([null, ['bob@example.org']]);
    await ended(world);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a bad field', { ...MAIL, subject: 'a\nb' }],
    ['a signal that is none', { ...MAIL, signal: {} }],
  ])('gives an error for %s to the callback, and throws nothing', async (_what, data) => {
    const world = await started();
    const error = await new Promise((resolve) => {
      world.transport.sendMail(data as typeof MAIL, (failure) => {
        resolve(failure);
      });
    });
    expect(error).toBeInstanceOf(NodemailerError);
    expect(error).toMatchObject({ delivery: 'not-sent' });
    await ended(world);
  });

  it('leaves what it was given as it was, its headers too', async () => {
    const server = await ScriptedServer.start({ behave: {} });
    const transport = createTransport(
      { url: server.url },
      { replyTo: 'r@example.org', headers: { 'X-Default': 'd', 'X-Own': 'no' } },
    );
    const data = { ...MAIL, headers: { 'X-Own': 'o' } };
    const before = structuredClone(data);
    transport.use('compile', (mail, done) => {
      mail.data['subject'] = 'changed';
      done();
    });
    await transport.sendMail(data);
    expect(data).toEqual(before);
    const content = server.messages[0]?.content.toString() ?? '';
    for (const line of ['X-Default: d', 'X-Own: o', 'Reply-To: r@example.org', 'Subject: changed'])
      expect(content).toContain(line);
    await ended({ server, transport });
  });

  it('never takes a key that changes what an object inherits from', async () => {
    const data = JSON.parse(
      '{"from":"a@x.example","to":"b@x.example","__proto__":{"path":"/etc/passwd"},"text":"x"}',
    ) as typeof MAIL;
    const { message } = await createTransport({ jsonTransport: true }).sendMail(data);
    expect(JSON.parse(message)).not.toHaveProperty('path');
  });

  it('refuses more recipients than maxRecipients, which a message cannot raise', async () => {
    const world = await started({}, { maxRecipients: 1 });
    const error = await rejectionOf(world.transport.sendMail({ ...MAIL, cc: 'c@example.org', maxRecipients: 5 }));
    expect(error).toMatchObject({ code: 'EMAXRECIPIENTS' });
    await ended(world);
  });

  it('ends when the signal of the message fires, also while a plugin does not answer', async () => {
    const world = await started();
    world.transport.use('compile', () => undefined);
    const controller = new AbortController();
    const sending = rejectionOf(world.transport.sendMail({ ...MAIL, signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect(await sending).toMatchObject({ code: 'EABORT', name: 'AbortError', cause: { message: 'enough' } });
    await ended(world);
  });

  it('ends when the signal fires while the server does not answer', async () => {
    const world = await started({ on: { DATA: '(hold)' } });
    const controller = new AbortController();
    const sending = rejectionOf(world.transport.sendMail({ ...MAIL, signal: controller.signal }));
    await world.server.waitFor(() => world.server.log.includes('DATA'));
    controller.abort();
    expect(await sending).toMatchObject({ code: 'EABORT', delivery: 'not-sent' });
    await ended(world);
  });

  it('logs in as the message says, over a connection of its own', async () => {
    const accounts = { ann: 'secret', bob: 'other' };
    const world = await started(
      { accounts, extensions: ['PIPELINING', 'AUTH PLAIN'] },
      { auth: { user: 'ann', pass: 'secret' } },
    );
    await world.transport.sendMail(MAIL);
    await world.transport.sendMail({ ...MAIL, auth: { user: 'bob', pass: 'other' } });
    const logins = world.server.connections.flatMap(({ commands }) => commands.filter(({ verb }) => verb === 'AUTH'));
    const users = logins.map(
      ({ argument }) =>
        Buffer.from(argument.split(' ')[1] ?? '', 'base64')
          .toString()
          .split('\0')[1],
    );
    expect(users).toEqual(['ann', 'bob']);
    await ended(world);
  });
});

describe('plugins', () => {
  it('run in the order of their steps, then as they were added', async () => {
    const world = await started();
    const order: string[] = [];
    const note = (name: string) => (mail: MailMessage, done: () => void) => {
      order.push(`${name}:${String((mail.message as unknown) !== undefined)}`);
      done();
    };
    world.transport.use('stream', note('s1')).use('compile', note('c1')).use('compile', note('c2'));
    await world.transport.sendMail(MAIL);
    expect(order).toEqual(['c1:false', 'c2:false', 's1:true']);
    await ended(world);
  });

  it('end the send with their error, called back, thrown or rejected', async () => {
    const world = await started();
    const plugins = [
      (_mail: MailMessage, done: (error: Error) => void) => {
        done(new RangeError('called'));
      },
      () => {
        throw new RangeError('thrown');
      },
      async () => await Promise.reject(new RangeError('rejected')),
    ];
    for (const plugin of plugins) {
      const transport = createTransport(world.server.url).use('compile', plugin);
      expect(await rejectionOf(transport.sendMail(MAIL))).toBeInstanceOf(RangeError);
    }
    await ended(world);
  });

  it('refuse another step, and what is no function', () => {
    const transport = createTransport();
    expect(() => transport.use('send', () => undefined)).toThrow(NodemailerError);
    expect(() => transport.use('compile', 'x' as never)).toThrow(NodemailerError);
  });

  it('read content whatever form it has, with a promise or a callback, and leave it readable', async () => {
    const seen: unknown[] = [];
    const transport = createTransport({ streamTransport: true, buffer: true });
    transport.use('compile', async (mail, done) => {
      seen.push(await mail.resolveContent(mail.data, 'html'));
      mail.resolveContent(mail.data, 'text', (_error, value) => {
        seen.push(value);
        done();
      });
    });
    const html = new PassThrough();
    html.end('<p>Hello</p>');
    const { message } = await transport.sendMail({ ...MAIL, html });
    expect(seen.map(String)).toEqual(['<p>Hello</p>', 'Hello']);
    expect(message.toString()).toContain('<p>Hello</p>');
  });

  it('may not open what the transport keeps closed', async () => {
    const transport = createTransport({ jsonTransport: true }).use('compile', (mail, done) => {
      mail.resolveContent({ a: { path: '/etc/passwd' } }, 'a', (error) => {
        done(error);
      });
    });
    expect(await rejectionOf(transport.sendMail(MAIL))).toMatchObject({ code: 'EFILEACCESS' });
  });

  it('set fields of the composed message, and change its octets', async () => {
    const world = await started();
    world.transport.use('stream', (mail, done) => {
      mail.message
        .setHeader('X-Plugin', 'grün')
        .addHeader({ 'X-More': ['a', 'b'] })
        .setHeader('Subject', 'Größe');
      mail.message.transform(
        () =>
          new Transform({
            transform(chunk: Buffer, _encoding, next) {
              next(null, chunk.toString('latin1').replaceAll('Hello', 'Howdy'));
            },
          }),
      );
      expect(mail.message.getHeader('x-plugin')).toMatch(/^=\?utf-8\?/i);
      done();
    });
    const info = await world.transport.sendMail({ ...MAIL, bcc: 'eve@example.org' });
    expect(info.accepted).toEqual(['bob@example.org', 'eve@example.org']);
    const content = world.server.messages[0]?.content.toString() ?? '';
    expect(content).toMatch(/^X-More: a\r\nX-More: b\r$/m);
    expect(content).toContain('\r\n\r\nHowdy');
    expect(content).not.toMatch(/eve|\[object/);
    await ended(world);
  });

  it('change the envelope, and are told what is not offered', async () => {
    const world = await started();
    world.transport.use('stream', (mail, done) => {
      mail.message.setEnvelope({ from: 'bounce@example.org', to: ['carol@example.org'] });
      expect(() => mail.message.createChild()).toThrow(expect.objectContaining({ code: 'EMESSAGE' }) as Error);
      mail.message.build((error, octets) => {
        expect(octets?.toString()).toContain('Subject: Hi');
        done(error);
      });
    });
    await world.transport.sendMail(MAIL);
    expect(world.server.messages[0]?.envelope).toEqual({ from: 'bounce@example.org', to: ['carol@example.org'] });
    await ended(world);
  });
});

describe('a pool', () => {
  it('says when it can take more, and the documented loop sends all', async () => {
    const world = await started({}, { pool: true, maxConnections: 2 });
    const mails = Array.from({ length: 30 }, (_, index) => ({ ...MAIL, subject: `message ${String(index)}` }));
    const results: Promise<unknown>[] = [];
    await new Promise<void>((resolve) => {
      world.transport.on('idle', () => {
        while (world.transport.isIdle()) {
          const mail = mails.shift();
          if (mail === undefined) {
            resolve();
            return;
          }
          results.push(world.transport.sendMail(mail));
        }
      });
    });
    await Promise.all(results);
    expect(results).toHaveLength(30);
    expect(world.server.messages).toHaveLength(30);
    expect(world.server.connections.length).toBeLessThanOrEqual(2);
    await ended(world);
  });

  it('takes no more once it is closed, and lets what is under way end', async () => {
    const world = await started(
      { on: { final: '(hold)\n250 2.0.0 taken' } },
      { pool: true, maxConnections: 1, mailer: { overlap: 'none' } },
    );
    const first = world.transport.sendMail(MAIL);
    await world.server.held();
    const second = rejectionOf(world.transport.sendMail(MAIL));
    world.transport.close();
    expect(await second).toMatchObject({ code: 'ECONNECTION', delivery: 'not-sent' });
    expect(await rejectionOf(world.transport.sendMail(MAIL))).toMatchObject({ code: 'ECONNECTION' });
    world.server.release();
    expect((await first).accepted).toEqual(['bob@example.org']);
    await ended(world);
  });

  it('ends what is under way when it is closed by force', async () => {
    const world = await started({ on: { DATA: '(hold)' } }, { pool: true });
    const sending = rejectionOf(world.transport.sendMail(MAIL));
    await world.server.held();
    world.transport.close({ force: true });
    expect(await sending).toMatchObject({ code: 'EABORT', delivery: 'not-sent' });
    await ended(world);
  });
});

describe('a transport without a pool', () => {
  it('sends again after close()', async () => {
    const world = await started();
    const sending = world.transport.sendMail(MAIL);
    world.transport.close();
    expect((await sending).accepted).toEqual(['bob@example.org']);
    expect((await world.transport.sendMail(MAIL)).accepted).toEqual(['bob@example.org']);
    await ended(world);
  });
});

describe('verify', () => {
  it('connects, encrypts and logs in', async () => {
    const world = await started(
      { accounts: { ann: 'secret' }, extensions: ['AUTH PLAIN'] },
      { auth: { user: 'ann', pass: 'secret' } },
    );
    expect(await world.transport.verify()).toBe(true);
    expect(world.server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['EHLO', 'AUTH', 'QUIT']);
    await ended(world);
  });

  it('tells by callback what is wrong', async () => {
    const world = await started({ on: { greeting: '554 no' } });
    const error = await new Promise((resolve) => {
      world.transport.verify((failure) => {
        resolve(failure);
      });
    });
    expect(error).toMatchObject({ code: 'EPROTOCOL', responseCode: 554, permanent: true });
    await ended(world);
  });
});

it('emits idle once it is made, and keeps what is set', async () => {
  const transport = createTransport();
  await once(transport, 'idle');
  transport.set('key', 7);
  expect([transport.get('key'), transport.isIdle(), transport.transporter.name]).toEqual([7, true, 'SMTP']);
  expect(transport.getVersionString()).toMatch(/^posthaste \(\d+\.\d+\.\d+; SMTP\)$/);
});

it('logs the conversation without secrets', async () => {
  const lines: string[] = [];
  const logger = {
    debug: (entry: { tnx?: string }, format: string, ...args: unknown[]) =>
      lines.push([entry.tnx, format, ...args].join(' ')),
  };
  const world = await started(
    { accounts: { ann: 'secret' }, extensions: ['AUTH PLAIN'] },
    { auth: { user: 'ann', pass: 'secret' }, logger, debug: true },
  );
  await world.transport.sendMail(MAIL);
  const log = lines.join('\n');
  expect(log).toMatch(/^client %s MAIL FROM:<ann@example\.org>/m);
  expect(log).not.toContain(Buffer.from('\0ann\0secret').toString('base64'));
  await ended(world);
});
