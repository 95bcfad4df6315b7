/** A dispatcher whose servers, connections and clock belong to the test. */
import type { Limits } from '../../src/client/limits.js';
import type { CallOptions } from '../../src/client/sendmail.js';
import { Dispatcher, type DispatcherSettings } from '../../src/mailer/dispatcher.js';
import type { PoolSettings } from '../../src/mailer/pool.js';
import { resolveRetry, type RetryOptions } from '../../src/mailer/retry.js';
import type { Submitted } from '../../src/mailer/sending.js';
import type { SendResult } from '../../src/types.js';
import { FakeClock, settled } from './fake-clock.js';
import { FakeServer, preparedFor, type FakeLane } from './fake-lanes.js';

export interface WorldOptions {
  readonly servers?: number;
  readonly strategy?: DispatcherSettings['strategy'];
  readonly retry?: RetryOptions;
  readonly maxQueue?: number;
  readonly pool?: Partial<PoolSettings>;
  readonly limits?: string;
}

export interface SendSettings {
  readonly options?: CallOptions;
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
  readonly replayable?: boolean;
}

/** A send, and what became of it so far. */
export class Sent {
  readonly to: readonly string[];
  readonly submitted: Submitted;
  result: SendResult | undefined;
  error: unknown;
  /** How often its promise was settled. */
  settlements = 0;

  constructor(to: readonly string[], submitted: Submitted) {
    this.to = to;
    this.submitted = submitted;
    submitted.result.then(
      (result) => {
        this.result = result;
        this.settlements += 1;
      },
      (error: unknown) => {
        this.error = error;
        this.settlements += 1;
      },
    );
  }

  /** Each recipient's status, or the error's code. */
  get fate(): readonly string[] | string | undefined {
    if (this.result !== undefined) return this.result.recipients.map(({ status }) => status);
    return this.error === undefined ? undefined : (this.error as { code: string }).code;
  }
}

export class DispatcherWorld {
  readonly clock = new FakeClock();
  readonly servers: readonly FakeServer[];
  readonly dispatcher: Dispatcher;

  constructor({
    servers = 1,
    strategy = 'failover',
    retry,
    maxQueue = 1_000,
    pool = {},
    limits = '',
  }: WorldOptions = {}) {
    this.servers = Array.from({ length: servers }, () => new FakeServer(this.clock, limits));
    this.dispatcher = new Dispatcher({
      servers: this.servers.map((server, number) => ({
        trace: { host: `mx${String(number)}.example`, port: 25, path: undefined },
        logsIn: false,
        open: async (feed, signal) => await server.dial(feed, signal),
      })),
      strategy,
      retry: resolveRetry(retry),
      maxQueue,
      traceRecipients: false,
      pool: {
        maxConnections: 1,
        maxMessagesPerConnection: 100,
        maxConnectionAgeMs: 300_000,
        idleTimeoutMs: 5_000,
        quitTimeoutMs: 6_000,
        policy: { overlap: 'session', chunking: 'off' },
        bucket: undefined,
        clock: this.clock,
        ...pool,
      },
    });
  }

  get server(): FakeServer {
    return this.at(0);
  }

  at(number: number): FakeServer {
    const server = this.servers[number];
    if (server === undefined) throw new Error(`there is no server ${String(number)}`);
    return server;
  }

  async send(to: string | readonly string[], settings: SendSettings = {}): Promise<Sent> {
    const { options = {}, signal, deadlineMs, replayable = true } = settings;
    const recipients = typeof to === 'string' ? [to] : to;
    const deadline =
      deadlineMs === undefined ? undefined : { atMs: this.clock.now() + deadlineMs, timeoutMs: deadlineMs };
    const limits: Limits = { signal, deadline };
    const prepared = preparedFor(recipients, { replayable });
    const submitted = this.dispatcher.submit(async () => await Promise.resolve(prepared), options, limits);
    const sent = new Sent(recipients, submitted);
    await settled();
    return sent;
  }

  /** The dial to a server succeeds. */
  async accept(number = 0): Promise<FakeLane> {
    const lane = this.at(number).accept();
    await settled();
    return lane;
  }

  async refuse(number = 0, error?: Error): Promise<void> {
    this.at(number).refuse(error);
    await settled();
  }
}
