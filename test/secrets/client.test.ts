/** A secret shows nowhere: not in debug lines, events, errors and their causes, nor in what inspection and JSON show. */
import { inspect } from 'node:util';
import { SMTP, type WireEvent } from '../../src/index.js';
import { ScriptedServer, type Answer } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { credentialsFor, expectNoSecret, MECHANISMS, NAMES, SECRET, USER } from './world.js';

interface Recorded {
  readonly text: string;
  readonly authLines: readonly string[];
  readonly error: unknown;
}

/** A whole session with the debug level at 2, and all that can be seen of it. */
async function record(name: string, secret: string, on: Readonly<Record<string, Answer>> = {}): Promise<Recorded> {
  await using server = await ScriptedServer.start({
    behave: { extensions: [`AUTH ${name}`], accounts: { [USER]: SECRET }, mechanisms: MECHANISMS, on },
  });
  const seen: string[] = [];
  const events: WireEvent[] = [];
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (chunk: string | Uint8Array) => {
    seen.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  let error: unknown;
  let smtp: SMTP | undefined;
  try {
    smtp = new SMTP({
      host: server.host,
      port: server.port,
      auth: credentialsFor(name, secret),
      onWire: (event) => events.push(event),
    });
    smtp.setDebuglevel(2);
    await smtp.connect();
    const credentials = credentialsFor(name, secret);
    if ('password' in credentials) {
      error = await smtp.login(USER, secret, { mechanisms: [name] }).catch((reason: unknown) => reason);
    } else {
      const connect = SMTP.connect({ ...server.address, auth: credentials, onWire: (event) => events.push(event) });
      error = await connect.then(
        (other) => {
          seen.push(inspect(other, { depth: 9, showHidden: true, getters: true }));
          other.close();
        },
        (reason: unknown) => reason,
      );
    }
    if (smtp.connected) await smtp.sendmail('a@x.test', 'b@x.test', 'Subject: x\n\n').catch(() => undefined);
  } finally {
    process.stderr.write = write;
  }
  seen.push(JSON.stringify(events), inspect(smtp, { depth: 9, showHidden: true, getters: true }), JSON.stringify(smtp));
  if (error instanceof Error) {
    seen.push(
      inspect(error, { depth: 9, showHidden: true, getters: true }),
      JSON.stringify(error),
      String(error.stack),
    );
  }
  smtp.close();
  const commands = server.connections.flatMap((connection) => connection.commands);
  const authLines = commands.filter(({ verb }) => verb === 'AUTH' || verb === '').map(({ line }) => line);
  return { text: seen.join('\n'), authLines, error };
}

describe('with setDebuglevel(2) and onWire', () => {
  it.each(NAMES)('a login by %s shows the conversation, and nothing of the secret', async (name) => {
    const { text, authLines, error } = await record(name, SECRET);
    expect(error instanceof Error).toBe(false);
    expectNoSecret(text, [SECRET]);
    expect(text).toContain(`AUTH ${name} (secret)`);
    expect(text).toContain('235');
    if (!name.includes('OAUTH')) expect(text).toMatch(/\d\d:\d\d:\d\d\.\d{3}Z C: EHLO/);
    // Nothing of what was sent in the exchange is shown: a proof or a digest is as good as a password to a guesser.
    for (const line of authLines) {
      const said = line.replace(/^AUTH \S+ ?/, '');
      if (said.length > 3) expect(text).not.toContain(said);
    }
  });

  it.each(NAMES)('a refused login by %s does neither', async (name) => {
    const { text, error } = await record(name, `${SECRET}-wrong`);
    expect(error).toMatchObject({ name: 'SMTPAuthenticationError' });
    expectNoSecret(text, [SECRET, `${SECRET}-wrong`]);
  });

  it.each(NAMES)('a login by %s that breaks off does neither', async (name) => {
    for (const answer of ['334 no base64!', '(close)', 'garbage', '421 bye', '334-a\n535 b']) {
      const { text } = await record(name, SECRET, {
        response: answer,
        ...(name.includes('CRAM') ? {} : { AUTH: answer }),
      });
      expectNoSecret(text, [SECRET]);
    }
  });
});

describe('a server that says the secret back', () => {
  it('has it blotted out of the error of a bearer token', async () => {
    const { text } = await record('XOAUTH2', `${SECRET}x`, {
      AUTH: `334 ${Buffer.from(`{"status":"400","token":"${SECRET}x"}`).toString('base64')}`,
    });
    expectNoSecret(text, [`${SECRET}x`]);
  });
});

describe('docmd and putcmd', () => {
  it('do not show an AUTH line, also not where it cannot be sent', async () => {
    await using server = await ScriptedServer.start({
      behave: { extensions: ['AUTH PLAIN'], accounts: { u: SECRET } },
    });
    const events: WireEvent[] = [];
    await using smtp = await SMTP.connect(server.url, { onWire: (event) => events.push(event) });
    const line = Buffer.from(`\0u\0${SECRET}`).toString('base64');
    const errors: unknown[] = [];
    for (const [command, args] of [
      [`AUTH PLAIN ${line}\r\n`, ''],
      [`AUTH\tPLAIN ${line}`, ''],
      [` AUTH PLAIN ${line}`, ''],
      [`\r\nauth plain ${line}`, ''],
      ['AUTH', `PLAIN ${line}\0`],
      ['AUTH', `PLAIN ${line.repeat(900)}`],
      ['AUTH', `PLAIN ${line}\u00e9`],
    ] as const) {
      errors.push(await rejectionOf(smtp.docmd(command, args)));
      errors.push(await rejectionOf(smtp.putcmd(command, args)));
    }
    await smtp.docmd('AUTH', `PLAIN ${line}`);
    const text = inspect([errors, events, smtp], { depth: 9, showHidden: true, maxArrayLength: null });
    expectNoSecret(text, [SECRET]);
    expect(events.map((event) => event.text)).toContain('AUTH PLAIN (secret)');
  });
});

describe('options and URLs', () => {
  it('with a secret show none', async () => {
    const smtp = new SMTP({ host: 'h.test', auth: { user: USER, password: SECRET } });
    const text = [inspect(smtp, { depth: 9, showHidden: true, getters: true }), JSON.stringify(smtp)].join();
    expectNoSecret(text, [SECRET]);
    const errors = await Promise.all(
      [
        SMTP.connect(`smtp://${USER}:${SECRET}@127.0.0.1:1`),
        SMTP.connect(`smtp://ann:${SECRET}@127.0.0.1:1`),
        SMTP.connect(`ann:${SECRET}@127.0.0.1:1`),
        SMTP.connect(`smtps://ann:${SECRET}@127.0.0.1:1`),
        SMTP.connect({ host: '127.0.0.1', port: 1, auth: { user: '', password: SECRET } }),
      ].map(rejectionOf),
    );
    expectNoSecret(inspect(errors, { depth: 9, showHidden: true }), [SECRET]);
  });

  it('that are no credentials are refused without showing them', async () => {
    await using server = await ScriptedServer.start({ behave: { extensions: ['AUTH PLAIN XOAUTH2'] } });
    for (const auth of [
      { user: USER, password: `${SECRET}\0` },
      { user: USER, password: `${SECRET}\ud800` },
      { user: USER, accessToken: `${SECRET} x` },
      { user: `${USER}\0`, password: SECRET },
    ]) {
      const error = await rejectionOf(SMTP.connect({ ...server.address, auth }));
      expectNoSecret(inspect(error, { depth: 9, showHidden: true }), [SECRET]);
    }
  });
});
