/**
 * Sends nothing, and behaves as if: the real client talks to a server in memory. The envelope, the bytes, the results and
 * the errors are therefore those of the real client, not an imitation of them.
 */
import {
  type Bytes,
  type CallOptions,
  type Envelope,
  LMTP,
  type Sendable,
  type SendMessageOptions,
  type SendResult,
  SMTP,
  type SMTPOptions,
} from '../index.js';
import type { Answer, Behaviour, StepKey } from './behaviour.js';
import { ScriptedServer } from './scripted-server.js';

/** A send that came to a result. */
export interface SentMessage {
  /** All recipients that were asked for; `result` tells which were accepted. */
  readonly envelope: Envelope;
  /** What the server got: canonical line ends, no Bcc, no dots added. */
  readonly bytes: Buffer;
  readonly result: SendResult;
}

/** A send that threw. */
export interface UnsentMessage {
  /** What the caller was given. */
  readonly error: unknown;
  /** What the server got of the message: empty when it was refused before its content. */
  readonly bytes: Buffer;
}

/** How the server in memory behaves, and the client in front of it. */
export interface StubTransportOptions {
  /** The recipients to refuse, each with the reply to it: `{ 'b@example.org': '550 5.1.1 no such user' }`. */
  readonly refuse?: Readonly<Record<string, string>>;
  /** Anything else that the server shall do. A function is asked for each send, counted from 1. */
  readonly behave?: Behaviour | ((send: number) => Behaviour);
  /** Default `smtp`. */
  readonly protocol?: 'smtp' | 'lmtp';
  /** Options of the client, such as time-outs or a login. */
  readonly client?: Omit<SMTPOptions, 'host' | 'port' | 'path' | 'connector'>;
}

/** Takes the place of an `SMTP` in the tests of code that sends. Every send has a connection of its own, in memory. */
export class StubTransport implements AsyncDisposable {
  readonly #options: StubTransportOptions;
  readonly #sent: SentMessage[] = [];
  readonly #unsent: UnsentMessage[] = [];
  #sends = 0;

  constructor(options: StubTransportOptions = {}) {
    this.#options = options;
  }

  /** The messages that at least one recipient was accepted for, in the order of their settlement. */
  get sent(): readonly SentMessage[] {
    return this.#sent;
  }

  /** The sends that threw. */
  get unsent(): readonly UnsentMessage[] {
    return this.#unsent;
  }

  /** As `SMTP.sendMessage`. */
  async sendMessage(message: Sendable, options?: SendMessageOptions): Promise<SendResult> {
    return this.#send((client) => client.sendMessage(message, options));
  }

  /** As `SMTP.sendmail`. */
  async sendmail(
    from: string,
    to: string | readonly string[],
    message: Bytes,
    options?: CallOptions,
  ): Promise<SendResult> {
    return this.#send((client) => client.sendmail(from, to, message, options));
  }

  async #send(call: (client: SMTP) => Promise<SendResult>): Promise<SendResult> {
    const { protocol = 'smtp', client: options } = this.#options;
    this.#sends += 1;
    const server = await ScriptedServer.start(
      { behave: this.#behaviour(this.#sends) },
      { protocol, listen: false, violations: 'record' },
    );
    const Client = protocol === 'lmtp' ? LMTP : SMTP;
    const client = new Client({ ...options, host: 'localhost', connector: server.connector });
    try {
      await client.connect();
      const result = await call(client);
      this.#sent.push({ envelope: result.envelope, bytes: lastContent(server), result });
      return result;
    } catch (error) {
      await server.close();
      this.#unsent.push({ error, bytes: lastContent(server) });
      throw error;
    } finally {
      client.close();
      await server.close();
    }
  }

  #behaviour(send: number): Behaviour {
    const { refuse = {}, behave = {} } = this.#options;
    const behaviour = typeof behave === 'function' ? behave(send) : behave;
    const refusals = Object.entries(refuse).map(([address, reply]): [StepKey, Answer] => [`RCPT:<${address}>`, reply]);
    return { ...behaviour, on: { ...Object.fromEntries(refusals), ...behaviour.on } };
  }

  /** Forgets what was sent, and what was not. */
  clear(): void {
    this.#sent.length = 0;
    this.#unsent.length = 0;
  }

  /** Nothing is open between sends: for the shape of `SMTP` alone. */
  close(): void {
    // Each send closed its own connection.
  }

  /** As `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await Promise.resolve();
  }
}

function lastContent(server: ScriptedServer): Buffer {
  return server.messages.at(-1)?.content ?? Buffer.alloc(0);
}
