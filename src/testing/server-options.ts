/** What a scripted server is told when it starts. */
import type { TLSSocketOptions } from 'node:tls';
import type { Behaviour } from './behaviour.js';
import type { Peer } from './peer.js';
import type { ReceivedMessage } from './records.js';
import type { Script } from './script.js';
import type { Chunking } from './server-step.js';

/** Your own code as the server. What it throws is recorded as a failure. */
export type Handler = (peer: Peer) => unknown;

/** A transcript as text or parsed, a script from `script()`, a handler, or an ordinary server with chosen faults. */
export type ServerScript =
  string | Script | Handler | { readonly behave: Behaviour | ((connection: number) => Behaviour) };

/** Where and how a server listens, and what it keeps. */
export interface ScriptedServerOptions {
  /** Default `smtp`. Decides how many replies a content gets, and what the ordinary server understands. */
  readonly protocol?: 'smtp' | 'lmtp';
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: a free port. */
  readonly port?: number;
  /** Listens on this unix socket instead. */
  readonly path?: string;
  /** False: no socket at all; clients come by `connect()` or `connector`. Default true. */
  readonly listen?: boolean;
  /** Longest wait for the client in a script, for a hold, for a handshake and in `finished()`, in milliseconds. Default 4,000. */
  readonly timeoutMs?: number;
  /** Key, certificate and other options of the TLS side. Default: a certificate of this process, see `certificate`. */
  readonly tls?: TLSSocketOptions;
  /** TLS from the first byte on, as on port 465. */
  readonly implicitTls?: boolean;
  /** How output is cut into writes: a number of octets, or more exactly. Default: one write per turn of the server. */
  readonly chunk?: number | Chunking;
  /** Answers commands that came together in one write, as servers do that look for more input first. Default false. */
  readonly coalesce?: boolean;
  /** Whether a violation (a bare LF, pipelining that was not offered) makes `finished()` fail. Default `fail`. */
  readonly violations?: 'fail' | 'record';
  /** `totals` keeps no records of connections and messages, for runs of many thousands. Default `all`. */
  readonly record?: 'all' | 'totals';
  /** Called once for each message when its outcome is known, also when records are not kept. */
  readonly onMessage?: (message: ReceivedMessage) => void;
}
