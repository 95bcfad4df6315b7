/**
 * A server for tests on a loopback port or a unix socket. It is told what to say, it keeps what it heard, and it lets go
 * of everything when it is closed.
 */
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type TLSSocketOptions } from 'node:tls';
import { prepareBehaviour } from './behaviour.js';
import { sharedTestCertificate } from './certificate.js';
import { failureSummary, Mismatch, ScriptMismatchError, Stopped, type ScriptFailure } from './failures.js';
import { Holds } from './holds.js';
import { Ledger } from './ledger.js';
import { ScriptSyntaxError } from './notation.js';
import type { Connector } from '../index.js';
import { MemoryEnd } from './memory-pair.js';
import { PeerDriver } from './peer.js';
import { type Play, playOf, progressOf } from './play.js';
import type { ConnectionRecord, ReceivedMessage, Totals, Writable } from './records.js';
import { BehaviourSession } from './run-behaviour.js';
import { runScript, stepText } from './run-script.js';
import type { ScriptedServerOptions, ServerScript } from './server-options.js';
import { Watch } from './watch.js';
import type { Violation } from './content.js';

/** Failures show this many lines of the conversation before them. */
const shownLines = 12;

/**
 * A server that says what a test tells it to say.
 *
 * `await using server = await ScriptedServer.start(script)`; then `server.url` for the client, `server.messages` and
 * `server.connections` for what it got, and `await server.finished()` for whether all went as the script says.
 */
export class ScriptedServer implements AsyncDisposable {
  readonly #play: Play;
  readonly #options: ScriptedServerOptions;
  readonly #timeoutMs: number;
  readonly #server: Server;
  readonly #holds = new Holds();
  readonly #records: ConnectionRecord[] = [];
  readonly #open = new Set<PeerDriver>();
  readonly #running = new Set<Promise<void>>();
  readonly #failures: ScriptFailure[] = [];
  readonly #watch = new Watch();
  readonly #totals: Writable<Totals> = {
    connections: 0,
    commands: 0,
    violations: 0,
    queued: 0,
    refused: 0,
    unanswered: 0,
    incomplete: 0,
  };
  #tls: TLSSocketOptions | undefined;
  #closed: Promise<void> | undefined;

  private constructor(play: Play, options: ScriptedServerOptions) {
    this.#play = play;
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? 4_000;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#accept(socket);
    });
  }

  /**
   * Starts a server. A script that cannot be read throws ScriptSyntaxError; an address that cannot be had rejects with the
   * system's error.
   */
  static async start(source: ServerScript, options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
    const server = new ScriptedServer(playOf(source), options);
    if (options.listen !== false) await server.#listen();
    return server;
  }

  async #listen(): Promise<void> {
    const { host = '127.0.0.1', port = 0, path } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path === undefined ? { host, port } : { path }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  // ---- where it is -------------------------------------------------------------------------------------------------

  get #tcp(): AddressInfo | undefined {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? undefined : address;
  }

  /** The address it listens on; empty on a unix socket. */
  get host(): string {
    return this.#options.path === undefined ? (this.#options.host ?? '127.0.0.1') : '';
  }

  /** The port it listens on; 0 on a unix socket, and after `close()`. */
  get port(): number {
    return this.#tcp?.port ?? 0;
  }

  /** The unix socket that it listens on. */
  get path(): string | undefined {
    return this.#options.path;
  }

  /** `host` and `port`, or `path`: what the options of a client take. */
  get address(): { readonly host: string; readonly port: number } | { readonly path: string } {
    const { path } = this.#options;
    return path === undefined ? { host: this.host, port: this.port } : { path };
  }

  /** `smtp://127.0.0.1:40123`, `smtps://…`, `lmtp://…` or `lmtp+unix:///path`. */
  get url(): string {
    const { protocol = 'smtp', implicitTls = false, path } = this.#options;
    const scheme = protocol + (implicitTls && protocol === 'smtp' ? 's' : '');
    if (path !== undefined) return `${scheme}+unix://${path}`;
    return `${scheme}://${this.host.includes(':') ? `[${this.host}]` : this.host}:${String(this.port)}`;
  }

  /** The certificate of its TLS side as PEM: the `ca` of a client that verifies. */
  get certificate(): string {
    const { cert } = this.#options.tls ?? {};
    return cert === undefined ? sharedTestCertificate().cert : [cert].flat().join('\n');
  }

  /**
   * The client's end of a new connection in memory: no port, no system call, and otherwise the same server. Its record is the
   * last one in `connections`. Throws ECONNREFUSED after `close()`.
   */
  connect(): Duplex {
    if (this.#closed !== undefined) {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
    }
    const [client, server] = MemoryEnd.pair();
    this.#accept(server);
    return client;
  }

  /** `connect()` as the option `connector` of a client takes it. */
  get connector(): Connector {
    // eslint-disable-next-line @typescript-eslint/require-await -- a refused connection is a rejection
    return async () => this.connect();
  }

  // ---- what happened -----------------------------------------------------------------------------------------------

  /** One record per connection, in the order of arrival. */
  get connections(): readonly ConnectionRecord[] {
    return this.#records;
  }

  /** The messages of all connections; those of one connection are in order. */
  get messages(): readonly ReceivedMessage[] {
    return this.#records.flatMap((record) => record.messages);
  }

  /** What clients did that the rules forbid. */
  get violations(): readonly Violation[] {
    return this.#records.flatMap((record) => record.violations);
  }

  /** Where the conversation left the script, what a handler threw, and waits that took too long. */
  get failures(): readonly ScriptFailure[] {
    return this.#failures;
  }

  /** Counts of what has happened so far. */
  get totals(): Totals {
    return { ...this.#totals };
  }

  /** The conversations so far, as transcripts. */
  get log(): string {
    return this.#records.flatMap((record) => [`--- connection ${String(record.number)}`, ...record.log]).join('\n');
  }

  /** The steps of a script that must still happen, one line each. Empty for a handler and a behaviour. */
  get pending(): readonly string[] {
    if (this.#play.kind !== 'script') return [];
    return [...this.#play.progress.values()].flatMap((progress) =>
      progress.missing.map((step) => {
        const line = step.line === undefined ? '' : `, line ${String(step.line)}`;
        return `connection ${String(progress.section.connection)}${line}: ${stepText(step)}`;
      }),
    );
  }

  // ---- what a test waits for ---------------------------------------------------------------------------------------

  /** Waits a little longer than a step does: where both give up, the step's failure says more. */
  async #until(probe: () => boolean): Promise<boolean> {
    return this.#watch.until(probe, this.#timeoutMs * 1.1 + 100);
  }

  #fail(failure: ScriptFailure): void {
    this.#failures.push(failure);
    this.#watch.changed();
  }

  #throwIfFailed(): void {
    if (this.#failures.length > 0) throw new ScriptMismatchError(this.#failures);
  }

  /**
   * Resolves when everything that the script requires has happened; for a handler or a behaviour, when at least one client
   * came and all have gone. Rejects with ScriptMismatchError when the conversation took another course, when nothing
   * happened for `timeoutMs`, and when the client broke the rules (unless `violations` is `record`).
   */
  async finished(): Promise<void> {
    const failed = (): boolean => this.#failures.length > 0;
    const over = (): boolean =>
      this.#play.kind === 'script'
        ? [...this.#play.progress.values()].every((progress) => progress.missing.length === 0)
        : this.#totals.connections > 0 && this.#open.size === 0;
    if (!(await this.#until(() => failed() || over()))) this.#failures.push(this.#unfinished());
    this.#throwIfFailed();
    if (this.#options.violations === 'record' || this.#totals.violations === 0) return;
    throw new ScriptMismatchError(this.#broken());
  }

  /** The violations as failures. */
  #broken(): readonly ScriptFailure[] {
    const expected = 'a client that keeps the rules';
    const broken = this.#records.filter((record) => record.violations.length > 0);
    if (broken.length === 0) {
      const got = `${String(this.#totals.violations)} violations`;
      return [{ connection: undefined, line: undefined, expected, got, log: [] }];
    }
    return broken.map((record) => ({
      connection: record.number,
      line: undefined,
      expected,
      got: record.violations
        .map((one) => `${one.kind} in ${one.where} at ${String(one.offset)}: ${one.detail}`)
        .join('; '),
      log: record.log.slice(-shownLines),
    }));
  }

  #unfinished(): ScriptFailure {
    const [first, ...others] = this.pending;
    const open = [...this.#open].at(-1)?.record;
    const limit = `${String(this.#timeoutMs)} ms`;
    const more = others.length === 0 ? '' : ` (and ${String(others.length)} more steps)`;
    return {
      connection: open?.number,
      line: undefined,
      expected: first === undefined ? 'a client that comes and goes' : `${first}${more}`,
      got:
        open === undefined ? `no such connection within ${limit}` : `an open connection and nothing new for ${limit}`,
      log: open?.log.slice(-shownLines) ?? [],
    };
  }

  /**
   * Resolves as soon as `condition` holds; it is asked again after every event. Rejects with ScriptMismatchError when
   * nothing has happened for `timeoutMs`. `what` names it in that error.
   */
  async waitFor(condition: () => boolean, what = 'the condition of waitFor()'): Promise<void> {
    if (await this.#until(condition)) return;
    const record = this.#records.at(-1);
    throw new ScriptMismatchError([
      {
        connection: record?.number,
        line: undefined,
        expected: what,
        got: `nothing new for ${String(this.#timeoutMs)} ms`,
        log: record?.log.slice(-shownLines) ?? [],
      },
    ]);
  }

  /** Resolves when a connection has come to `(hold name)`. */
  async held(name = ''): Promise<void> {
    await this.waitFor(() => this.#holds.wasReached(name), name === '' ? '(hold)' : `(hold ${name})`);
  }

  /** Lets `(hold name)` go on, now and whenever it is reached later. */
  release(name = ''): void {
    this.#holds.release(name);
    for (const peer of this.#open) peer.wire.ring();
  }

  // ---- serving -----------------------------------------------------------------------------------------------------

  #tlsOptions(): TLSSocketOptions {
    if (this.#tls === undefined) {
      const { tls = {} } = this.#options;
      const given = tls.key !== undefined || tls.pfx !== undefined || tls.secureContext !== undefined;
      const options = given ? tls : { ...sharedTestCertificate(), ...tls };
      this.#tls = { ...options, secureContext: options.secureContext ?? createSecureContext(options) };
    }
    return this.#tls;
  }

  #accept(socket: Duplex): void {
    const run = this.#serve(socket).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #serve(socket: Duplex): Promise<void> {
    const { protocol = 'smtp', record = 'all', onMessage, chunk, coalesce = false } = this.#options;
    const keep = record === 'all';
    const number = this.#totals.connections + 1;
    const ledger = new Ledger(number, { protocol, keep, totals: this.#totals, onMessage });
    if (keep) this.#records.push(ledger.record);
    const peer = new PeerDriver(socket, ledger, {
      timeoutMs: this.#timeoutMs,
      tls: () => this.#tlsOptions(),
      changed: () => {
        this.#watch.changed();
      },
      chunking: typeof chunk === 'number' ? { sizeBytes: chunk } : chunk,
      coalesce,
      holds: this.#holds,
    });
    this.#open.add(peer);
    this.#watch.changed();
    try {
      // A handler may wait for something of its own; the server's end does not wait for that.
      const stopped = peer.wire.until(() => undefined, undefined);
      await Promise.race([stopped, this.#converse(peer, number, protocol)]);
    } catch (error) {
      await this.#difference(peer, number, error);
    } finally {
      peer.stop();
      this.#open.delete(peer);
      this.#watch.changed();
    }
  }

  async #converse(peer: PeerDriver, number: number, protocol: 'smtp' | 'lmtp'): Promise<void> {
    const play = this.#play;
    if (this.#options.implicitTls === true) await peer.wire.startTls();
    if (play.kind === 'script') return runScript(peer, progressOf(play, number));
    if (play.kind === 'handler') await play.handler(peer);
    else await new BehaviourSession(peer, prepareBehaviour(play.behave(number)), protocol).run();
    await peer.farewell();
  }

  /** Something went otherwise: it is noted, and the client is told, so that a test that shows only its error shows why. */
  async #difference(peer: PeerDriver, number: number, error: unknown): Promise<void> {
    if (error instanceof Stopped) return;
    const failure: ScriptFailure =
      error instanceof Mismatch
        ? {
            connection: number,
            line: error.line,
            expected: error.expected,
            got: error.got,
            log: peer.record.log.slice(-shownLines),
          }
        : {
            connection: number,
            line: error instanceof ScriptSyntaxError ? error.line : undefined,
            expected: 'a handler that does not throw',
            got: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
            log: peer.record.log.slice(-shownLines),
            cause: error,
          };
    this.#fail(failure);
    await peer.closeWith(`421 4.3.0 scripted server: ${failureSummary(failure).replaceAll(/\s+/g, ' ')}`);
  }

  // ---- the end -----------------------------------------------------------------------------------------------------

  /** Stops listening, ends all connections, and resolves when every socket and timer is gone. Never rejects. */
  async close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    this.#watch.close();
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    for (const peer of [...this.#open]) peer.stop();
    await Promise.all(this.#running);
    await closed;
  }

  /** As `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
