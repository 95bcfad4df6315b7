/**
 * A dial gives one connected stream or one typed error, in time, and leaves nothing behind: no other socket, no listener on
 * the caller's signal. All addresses of a host, its look-up included, share one deadline.
 */
import type { LookupAddress } from 'node:dns';
import { connect, isIP, Socket, type NetConnectOpts } from 'node:net';
import { Duplex } from 'node:stream';
import { isPosthasteError, MessageError, printable, SMTPDialError } from '../errors.js';
import { bounded, type Bounds } from './bounded.js';
import { dialHint, UNREACHABLE_HINT } from './dial-hints.js';
import { firstToSucceed } from './first-to-succeed.js';
import { onDemand } from './on-demand.js';
import { describeTarget, type Target } from './target.js';

/** Opens the stream in our place, for proxies and tests. It should give up when the signal fires; nobody waits for it then. */
export type Connector = (target: Target, signal: AbortSignal) => Promise<Duplex>;

/** All addresses of a name, in the order to try them. Errors carry a `code` such as `ENOTFOUND`. */
export type AddressLookup = (host: string) => Promise<readonly LookupAddress[]>;

export interface DialOptions extends Bounds {
  /** The local IP address to connect from. Only remote addresses of the same family are tried. */
  readonly sourceAddress?: string | undefined;
  /** The local port; 0 or undefined lets the system choose. */
  readonly sourcePort?: number | undefined;
  readonly connector?: Connector | undefined;
  /** Default: the system's resolver (getaddrinfo). */
  readonly lookup?: AddressLookup | undefined;
}

/** RFC 8305 section 8. */
const ATTEMPT_DELAY_MS = 250;

const KEEP_ALIVE_AFTER_MS = 60_000;

/** sockaddr_un without its final NUL. Node 20 cuts a longer path off, and would connect to another socket. */
const LONGEST_SOCKET_PATH_OCTETS = process.platform === 'linux' ? 107 : 103;

interface Attempt {
  readonly address: string;
  readonly options: NetConnectOpts;
}

/**
 * Connects to the target.
 *
 * Throws SMTPDialError (`syscode`, `address`), SMTPTimeoutError after `timeoutMs` milliseconds, SMTPAbortedError with the
 * signal's reason as its cause, or MessageError for a source address or connector that is none. Nothing was sent in any case.
 */
export async function dial(target: Target, options: DialOptions): Promise<Duplex> {
  const source = checkSource(options);
  const { connector, lookup = systemAddresses } = options;
  return await bounded<Duplex>(
    {
      stage: 'connect',
      activity: `connecting to ${describeTarget(target)}`,
      timeoutHint: UNREACHABLE_HINT,
      run: async (signal) => {
        if (connector !== undefined) return tune(await askConnector(connector, target, signal));
        if ('path' in target) {
          if (Buffer.byteLength(target.path) > LONGEST_SOCKET_PATH_OCTETS) throw pathTooLong(target);
          return await connectToFirst(
            target,
            [{ address: target.path, options: { path: target.path } }],
            Infinity,
            signal,
          );
        }
        const addresses = await resolve(target, source.family, lookup);
        // Two attempts from one local port would collide.
        const delayMs = source.port === undefined ? ATTEMPT_DELAY_MS : Infinity;
        const attempts = addresses.map(({ address }) => ({
          address,
          options: { host: address, port: target.port, ...source.bind },
        }));
        return tune(await connectToFirst(target, attempts, delayMs, signal));
      },
      discard,
    },
    options,
  );
}

function checkSource({ sourceAddress, sourcePort }: DialOptions): {
  family: number;
  port: number | undefined;
  bind: { localAddress?: string; localPort?: number };
} {
  const family = sourceAddress === undefined ? 0 : isIP(sourceAddress);
  if (sourceAddress !== undefined && family === 0) {
    throw new MessageError(`sourceAddress ${printable(JSON.stringify(sourceAddress))} is no IP address`, {
      code: 'ERR_INVALID_SOURCE',
      hint: 'Give an IPv4 or IPv6 address of this machine.',
    });
  }
  if (sourcePort !== undefined && !(Number.isInteger(sourcePort) && sourcePort >= 0 && sourcePort <= 65_535)) {
    throw new MessageError(`sourcePort must be a whole number from 0 to 65535, not ${String(sourcePort)}`, {
      code: 'ERR_INVALID_SOURCE',
      hint: 'Leave it out to let the system choose a free port.',
    });
  }
  const port = sourcePort === 0 ? undefined : sourcePort;
  const bind = {
    ...(sourceAddress === undefined ? {} : { localAddress: sourceAddress }),
    ...(port === undefined ? {} : { localPort: port }),
  };
  return { family, port, bind };
}

async function resolve(
  target: { readonly host: string; readonly port: number },
  sourceFamily: number,
  lookup: AddressLookup,
): Promise<readonly LookupAddress[]> {
  const { host } = target;
  const literal = isIP(host);
  let found: readonly LookupAddress[];
  try {
    found = literal === 0 ? await lookup(host) : [{ address: host, family: literal }];
  } catch (error) {
    throw lookupFailed(target, error);
  }
  const usable = found.filter(({ family }) => sourceFamily === 0 || family === sourceFamily);
  if (usable.length === 0) {
    const missing = found.length === 0 ? 'address' : `IPv${String(sourceFamily)} address, the family of sourceAddress`;
    throw new SMTPDialError(`could not connect to ${describeTarget(target)}: it has no ${missing}`, {
      stage: 'connect',
      retryable: true,
      syscode: found.length === 0 ? 'ENOTFOUND' : 'EADDRNOTAVAIL',
      hint:
        found.length === 0
          ? 'Check the spelling of the host name.'
          : 'Give a sourceAddress of the other family, or leave it out.',
    });
  }
  return interleave(usable);
}

/** RFC 8305 section 4: the families take turns, beginning with that of the first address. */
function interleave(addresses: readonly LookupAddress[]): readonly LookupAddress[] {
  const unique = [...new Map(addresses.map((entry) => [entry.address, entry])).values()];
  const first = unique.filter(({ family }) => family === unique[0]?.family);
  const second = unique.filter(({ family }) => family !== unique[0]?.family);
  const longer = Math.max(first.length, second.length);
  return Array.from({ length: longer }, (_, index) => [first[index], second[index]])
    .flat()
    .filter((entry) => entry !== undefined);
}

async function systemAddresses(host: string): Promise<readonly LookupAddress[]> {
  return await new Promise((resolve, reject) => {
    onDemand.dns.lookup(host, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

async function connectToFirst(
  target: Target,
  attempts: readonly Attempt[],
  delayMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  const runs = attempts.map(
    ({ options }) =>
      async (ended: AbortSignal) =>
        await connected(connect(options), ended),
  );
  try {
    return await firstToSucceed(runs, { delayMs, signal, discard });
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error;
    throw dialFailed(target, attempts, error);
  }
}

/** Waits until the socket is connected; the signal destroys it. No listener of ours stays on a socket that connected. */
async function connected(socket: Socket, signal: AbortSignal): Promise<Socket> {
  return await new Promise<Socket>((resolve, reject) => {
    const end = (): void => {
      socket.off('connect', onConnect).off('error', onError);
      signal.removeEventListener('abort', onAbort);
    };
    const onConnect = (): void => {
      end();
      resolve(socket);
    };
    const onError = (error: Error): void => {
      end();
      discard(socket);
      reject(error);
    };
    const onAbort = (): void => {
      onError(signal.reason as Error);
    };
    socket.on('connect', onConnect).on('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

async function askConnector(connector: Connector, target: Target, signal: AbortSignal): Promise<Duplex> {
  let stream: Duplex;
  try {
    stream = await connector(target, signal);
  } catch (error) {
    if (isPosthasteError(error)) throw error;
    throw connectorFailed(target, error);
  }
  if (!isDuplex(stream)) {
    throw new MessageError('the connector gave no stream', {
      code: 'ERR_INVALID_CONNECTOR',
      hint: 'Let it resolve with a Duplex, such as a connected net.Socket.',
    });
  }
  if (stream.readableObjectMode || stream.writableObjectMode || (stream.readableEncoding ?? null) !== null) {
    discard(stream);
    throw new MessageError('the connector gave a stream of text or objects, not of octets', {
      code: 'ERR_INVALID_CONNECTOR',
      hint: 'Leave objectMode and setEncoding() away.',
    });
  }
  if (stream.destroyed) throw connectorFailed(target, new Error('the stream it gave is destroyed'));
  if (!(stream instanceof Socket && stream.connecting)) return stream;
  try {
    return await connected(stream, signal);
  } catch (error) {
    throw connectorFailed(target, error);
  }
}

/** By shape: a stream may come from another copy of the class. */
function isDuplex(value: unknown): boolean {
  if (value instanceof Duplex) return true;
  const { write, pipe, on, resume } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return [write, pipe, on, resume].every((method) => typeof method === 'function');
}

function tune<T extends Duplex>(stream: T): T {
  // A command waits for its answer: Nagle's algorithm would only add delay.
  if (stream instanceof Socket) stream.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
  return stream;
}

function discard(stream: Duplex): void {
  stream.on('error', ignore);
  stream.destroy();
}

function ignore(): void {
  // A stream that nobody wants may fail unheard.
}

function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

function reasonOf(error: unknown): string {
  return codeOf(error) ?? printable(error instanceof Error ? error.message : String(error));
}

function dialFailed(target: Target, attempts: readonly Attempt[], failure: AggregateError): SMTPDialError {
  const errors: readonly unknown[] = failure.errors;
  const tried = attempts.map(({ address }, index) => `${reasonOf(errors[index])} at ${address}`);
  const syscode = codeOf(errors[0]);
  return new SMTPDialError(`could not connect to ${describeTarget(target)}: ${printable(tried.join(', '))}`, {
    stage: 'connect',
    retryable: true,
    syscode,
    address: attempts[0]?.address,
    hint: dialHint(syscode, target),
    cause: errors.length === 1 ? errors[0] : failure,
  });
}

function pathTooLong(target: { readonly path: string }): SMTPDialError {
  const syscode = 'ENAMETOOLONG';
  return new SMTPDialError(
    `could not connect to ${describeTarget(target)}: its path is too long for a socket address`,
    {
      stage: 'connect',
      syscode,
      address: target.path,
      hint: dialHint(syscode, target),
    },
  );
}

function lookupFailed(target: Target, error: unknown): SMTPDialError {
  const syscode = codeOf(error);
  return new SMTPDialError(`could not find the address of ${describeTarget(target)}: ${reasonOf(error)}`, {
    stage: 'connect',
    retryable: true,
    syscode,
    hint: dialHint(syscode, target),
    cause: error,
  });
}

function connectorFailed(target: Target, error: unknown): SMTPDialError {
  return new SMTPDialError(`the connector could not connect to ${describeTarget(target)}: ${reasonOf(error)}`, {
    stage: 'connect',
    retryable: true,
    syscode: codeOf(error),
    hint: 'Look at the cause: it is the error of the connector itself.',
    cause: error,
  });
}
