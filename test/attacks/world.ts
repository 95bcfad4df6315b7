/** A client and a Mailer at a server in memory, and what the attacks look at afterwards. */
import {
  isPosthasteError,
  Mailer,
  type MessageFields,
  type Sendable,
  type SendAllOptions,
  SMTP,
  type SMTPOptions,
} from '../../src/index.js';
import { type Behaviour, ScriptedServer, type ScriptedServerOptions } from '../../src/testing/index.js';
import { eml, Folder, posthaste } from '../cli/cli-world.js';

export const body = 'From: a@x.test\r\nTo: b@y.test\r\nSubject: s\r\n\r\ntext\r\n';
const raw = Buffer.from(body);

export class World implements AsyncDisposable {
  readonly server: ScriptedServer;
  readonly client: SMTP;
  /** Connects when it first has something to send. */
  readonly mailer: Mailer;

  private constructor(server: ScriptedServer, client: SMTP, mailer: Mailer) {
    this.server = server;
    this.client = client;
    this.mailer = mailer;
  }

  static async start(
    behave: Behaviour = {},
    options: SMTPOptions = {},
    serverOptions: ScriptedServerOptions = {},
  ): Promise<World> {
    const server = await ScriptedServer.start({ behave }, { listen: false, violations: 'record', ...serverOptions });
    const given = { host: 'localhost', connector: server.connector, localHostname: 'me.test', ...options };
    const client = new SMTP(given);
    await client.connect();
    return new World(server, client, new Mailer(given));
  }

  /** The lines that the server took for commands, without the greeting of the client. */
  get commands(): string[] {
    return this.server.connections.flatMap(({ commands }) => commands.map(({ line }) => line)).slice(1);
  }

  /** What becomes of the messages of a Mailer's loop; throws what the first one failed with. */
  async sendAll(messages: readonly Sendable[], options: SendAllOptions = {}): Promise<void> {
    for await (const outcome of this.mailer.sendAll(messages, options)) if (!outcome.ok) throw outcome.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.mailer.close({ drain: false });
    await this.server.close();
  }
}

/** What a call that must be refused is refused with; fails when it is not, or not by an error of the package before the wire. */
export async function refusalOf(work: () => unknown): Promise<Error & { readonly code: string }> {
  try {
    await work();
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    expect(error.delivery).toBe('not-sent');
    return error;
  }
  throw new Error('it was not refused');
}

/** A way for an address to come in, from whoever the caller has it from. */
export interface AddressWay {
  readonly name: string;
  readonly send: (world: World, address: string) => unknown;
}

export const senderWays: readonly AddressWay[] = [
  { name: 'sendmail, from', send: ({ client }, address) => client.sendmail(address, 'b@y.test', body) },
  { name: 'sendMessage, from', send: ({ client }, from) => client.sendMessage(Buffer.from(body), { from }) },
  { name: 'Mailer.send, from', send: ({ mailer }, from) => mailer.send(raw, { from, to: 'b@y.test' }) },
  { name: 'mail()', send: ({ client }, address) => client.mail(address) },
];

export const recipientWays: readonly AddressWay[] = [
  { name: 'sendmail, to', send: ({ client }, address) => client.sendmail('a@x.test', address, body) },
  { name: 'sendmail, one of several', send: ({ client }, to) => client.sendmail('a@x.test', ['b@y.test', to], body) },
  { name: 'sendMessage, to', send: ({ client }, to) => client.sendMessage(Buffer.from(body), { to: [to] }) },
  { name: 'Mailer.send, to', send: ({ mailer }, to) => mailer.send(raw, { from: 'a@x.test', to }) },
  {
    name: 'Mailer.send, one of several',
    send: ({ mailer }, to) => mailer.send(raw, { from: 'a@x.test', to: ['b@y.test', to] }),
  },
  {
    name: 'rcpt()',
    send: async ({ client }, address) => {
      await client.mail('a@x.test');
      await client.rcpt(address);
    },
  },
];

/** The fields of a composed message. */
export const fieldWays: readonly AddressWay[] = (['from', 'sender', 'to', 'cc', 'bcc', 'replyTo'] as const).flatMap(
  (field) => {
    const fields = (address: string): MessageFields => ({
      from: 'a@x.test',
      to: 'b@y.test',
      text: 't',
      [field]: { address },
    });
    return [
      { name: `field ${field}`, send: ({ client }, address) => client.sendMessage(fields(address)) },
      { name: `Mailer, field ${field}`, send: ({ mailer }, address) => mailer.send(fields(address)) },
    ] satisfies AddressWay[];
  },
);

/** The command line against a server on a port; rejects with what it says when it does not end with 0. */
export async function commandLine(
  server: ScriptedServer,
  words: readonly string[],
  stdin: string = eml(),
): Promise<string> {
  const { code, out, err } = await posthaste(['send', '--url', server.url, ...words], { stdin });
  if (code !== 0) throw new Error(`exit ${String(code)}: ${err}${out}`);
  return out + err;
}

export { eml, Folder, posthaste };
