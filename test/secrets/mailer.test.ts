/** A secret shows nowhere in what a Mailer throws, tells, publishes or looks like. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { format, inspect } from 'node:util';
import { Mailer, type MailerOptions } from '../../src/index.js';
import { ScriptedServer, type Answer } from '../../src/testing/index.js';
import { credentialsFor, expectNoSecret, MECHANISMS, NAMES, SECRET, USER } from './world.js';

const message = { from: USER, to: 'b@x.test', subject: 's', text: 't' };
const wide = { depth: 12, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null } as const;

const channels = ['send', 'connect'].flatMap((name) =>
  ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((event) => `tracing:posthaste:${name}:${event}`),
);

/** Runs `work` and gives all that was published, warned of and written to standard error meanwhile, as text. */
async function overheard(work: (seen: string[]) => Promise<void>): Promise<string> {
  const seen: string[] = [];
  const hear = (published: unknown, name: string | symbol): void => {
    seen.push(String(name), inspect(published, wide), JSON.stringify(published));
  };
  const warned = (warning: Error): void => {
    seen.push(inspect(warning, wide));
  };
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (chunk: string | Uint8Array) => {
    seen.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  process.on('warning', warned);
  for (const name of [...channels, 'posthaste:anomaly']) subscribe(name, hear);
  try {
    await work(seen);
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    for (const name of [...channels, 'posthaste:anomaly']) unsubscribe(name, hear);
    process.off('warning', warned);
    process.stderr.write = write;
  }
  return seen.join('\n');
}

function shown(value: unknown): string {
  const error = value instanceof Error ? `${value.message} ${String(value.stack)}` : '';
  return [inspect(value, wide), JSON.stringify(value), format('%o %O %j %s', value, value, value, value), error].join(
    '\n',
  );
}

interface Sent {
  readonly text: string;
  readonly authLines: readonly string[];
  readonly names: readonly string[];
}

/** Two sends, one by `send` and one by `sendAll`, with everything that can be seen of them. */
async function sendBoth(
  options: MailerOptions,
  on: Readonly<Record<string, Answer>>,
  mechanism: string,
): Promise<Sent> {
  await using server = await ScriptedServer.start({
    behave: {
      extensions: ['PIPELINING', `AUTH ${mechanism}`],
      accounts: { [USER]: SECRET },
      mechanisms: MECHANISMS,
      on,
    },
  });
  const names: string[] = [];
  const text = await overheard(async (seen) => {
    const mailer = new Mailer({
      ...server.address,
      maxConnections: 1,
      timeoutMs: 5_000,
      ...options,
      onWire: (event) => seen.push(JSON.stringify(event)),
    });
    const told = async (work: Promise<unknown>): Promise<void> => {
      const settled = await work.catch((error: unknown) => error);
      if (settled instanceof Error) names.push(settled.name);
      seen.push(shown(settled));
    };
    await told(mailer.send(message));
    for await (const outcome of mailer.sendAll([message])) {
      seen.push(shown(outcome));
    }
    await told(mailer.verify());
    seen.push(shown(mailer));
    await mailer.close({ drain: false });
    seen.push(shown(mailer));
  });
  const commands = server.connections.flatMap((connection) => connection.commands);
  return {
    text,
    names,
    authLines: commands.filter(({ verb }) => verb === 'AUTH' || verb === '').map(({ line }) => line),
  };
}

describe.each(NAMES)('a Mailer that logs in by %s', (name) => {
  it('shows the conversation and nothing of the secret, nor of what was sent in the exchange', async () => {
    const { text, authLines, names } = await sendBoth({ auth: credentialsFor(name) }, {}, name);
    expect(names).toEqual([]);
    expectNoSecret(text, [SECRET]);
    expect(text).toContain(`AUTH ${name} (secret)`);
    expect(text).toContain('tracing:posthaste:connect:asyncEnd');
    for (const line of authLines) {
      const said = line.replace(/^AUTH \S+ ?/, '');
      if (said.length > 3) expect(text).not.toContain(said);
    }
  });

  it('does not when it is refused, or when the exchange breaks off', async () => {
    const wrong = `${SECRET}-wrong`;
    const { text, names } = await sendBoth({ auth: credentialsFor(name, wrong) }, {}, name);
    expect(names).toContain('SMTPAuthenticationError');
    expectNoSecret(text, [SECRET, wrong]);
    for (const answer of ['334 no base64!', '(close)', 'garbage', '421 bye', '334-a\n535 b']) {
      const broken = await sendBoth({ auth: credentialsFor(name) }, { AUTH: answer, response: answer }, name);
      expect(broken.names.length).toBeGreaterThan(0);
      expectNoSecret(broken.text, [SECRET]);
    }
  });
});

it('a function that gives the secret, or that fails to, shows none', async () => {
  const secrets: readonly (() => string | Promise<string>)[] = [
    () => SECRET,
    () => Promise.resolve(`${SECRET}\0`),
    () => `${SECRET}-wrong`,
  ];
  for (const password of secrets) {
    const { text } = await sendBoth({ auth: { user: USER, password, mechanisms: ['PLAIN'] } }, {}, 'PLAIN');
    expectNoSecret(text, [SECRET]);
  }
});

describe('a URL with a secret', () => {
  const around = (url: (secret: string) => string): unknown => {
    try {
      return new Mailer(url(SECRET));
    } catch (error) {
      return error;
    }
  };

  it.each([
    (secret: string) => `smtp://ann:${secret}@h.test`,
    (secret: string) => `smtps://ann:${secret}@h.test?maxQueue=x`,
    (secret: string) => `smtp://ann:${secret}@h.test?colour=red`,
    (secret: string) => `smtp://ann:${secret}@h.test:99999999`,
    (secret: string) => `smtp://ann:${secret}@[h.test`,
    (secret: string) => `smtp://ann:${secret}@h.test/path`,
    (secret: string) => `http://ann:${secret}@h.test`,
    (secret: string) => `ann:${secret}@h.test`,
    (secret: string) => `failover:(smtp://ann:${secret}@h.test,smtp://ann:${secret}@i.test?rate=1)`,
    (secret: string) => `failover:(smtp://ann:${secret}@h.test`,
    (secret: string) => `roundrobin:smtp://ann:${secret}@h.test`,
    (secret: string) => `smtp://ann:%00${secret}@h.test`,
    (secret: string) => `smtp://ann:${secret}%zz@h.test`,
    (secret: string) => `smtp://ann:${secret}@h.test?tls=${'x'.repeat(5)}`,
  ])('shows none, as a Mailer or as an error (%#)', (url) => {
    expectNoSecret(shown(around(url)), [SECRET]);
  });

  it('shows none when the server cannot be reached, is not trusted, or offers no login', async () => {
    await using server = await ScriptedServer.start({ behave: { extensions: [] } });
    for (const url of [
      `smtp://ann:${SECRET}@127.0.0.1:1`,
      `smtp://ann:${SECRET}@127.0.0.1:${String(server.port)}`,
      `smtps://ann:${SECRET}@127.0.0.1:${String(server.port)}`,
      `failover:(smtp://ann:${SECRET}@127.0.0.1:1,smtp://ann:${SECRET}@127.0.0.1:1)`,
    ]) {
      const text = await overheard(async (seen) => {
        const mailer = new Mailer(url);
        const error: unknown = await mailer.send(message).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(Error);
        seen.push(shown(error), shown(await mailer.verify().catch((reason: unknown) => reason)), shown(mailer));
        await mailer.close();
      });
      expectNoSecret(text, [SECRET]);
    }
  });

  it('as an option of the wrong shape shows none', () => {
    for (const auth of [
      SECRET,
      { user: USER, password: { secret: SECRET } },
      { user: USER, pass: SECRET },
      [USER, SECRET],
    ]) {
      let error: unknown;
      try {
        error = new Mailer({ host: 'h.test', auth } as unknown as MailerOptions);
      } catch (reason) {
        error = reason;
      }
      expectNoSecret(shown(error), [SECRET]);
    }
  });
});
