/**
 * What monitoring gets to see, on the channels of node:diagnostics_channel. Counts, codes and times; no recipient, no subject, no text
 * of a server, no credentials. Only who asks for recipients gets the envelope.
 */
import { channel, tracingChannel } from 'node:diagnostics_channel';
import { isPosthasteError, SMTPException, SMTPResponseException } from '../errors.js';
import type { Delivery, Envelope, Stage, Timing } from '../types.js';
import type { LaneAnomaly, LanePolicy } from './lane.js';

/** An error without its text, which may quote addresses. */
export interface ErrorTrace {
  readonly name: string;
  readonly code: string;
  readonly delivery: Delivery | undefined;
  readonly retryable: boolean;
  readonly stage: Stage | undefined;
  /** The server's reply, when there was one. */
  readonly replyCode: number | undefined;
}

/** Where a connection goes: a host and a port, or the path of a unix socket. */
export interface ServerTrace {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly path: string | undefined;
}

/** `tracing:posthaste:send`: one for each message. What is not known at its start is filled in by its end. */
export interface SendTrace {
  /** Where it went last. */
  server: ServerTrace | undefined;
  messageId: string | undefined;
  recipients: number | undefined;
  sizeBytes: number | undefined;
  /** How many times it was tried, the first included. */
  attempts: number;
  accepted: number;
  refused: number;
  unknown: number;
  timing: Timing | undefined;
  error: ErrorTrace | undefined;
  /** Only with `diagnostics: { recipients: true }`. */
  envelope?: Envelope;
}

/** `tracing:posthaste:connect`: one for each connection of a Mailer, from the dial to the end of the login. */
export interface ConnectTrace {
  readonly server: ServerTrace;
  /** `TLSv1.3`; undefined in clear text. */
  tlsProtocol: string | undefined;
  error: ErrorTrace | undefined;
}

/** `posthaste:anomaly`: a server could not do what it was asked for, and is treated with more care for a while. */
export interface AnomalyTrace {
  readonly server: ServerTrace;
  readonly kind: 'refused-behind-content' | 'out-of-step' | 'slow-final' | 'bdat-refused';
  /** What is still done on the host. */
  readonly overlap: 'none' | 'message' | 'session';
  readonly chunking: 'off' | 'safe' | { readonly window: number };
}

const sendChannel = tracingChannel<unknown, SendTrace>('posthaste:send');
const connectChannel = tracingChannel<unknown, ConnectTrace>('posthaste:connect');
const anomalyChannel = channel('posthaste:anomaly');

export function errorTrace(error: unknown): ErrorTrace {
  const ours = isPosthasteError(error) ? error : undefined;
  const smtp = error instanceof SMTPException ? error : undefined;
  return {
    name: error instanceof Error ? error.name : typeof error,
    code: ours?.code ?? 'ERR_UNKNOWN',
    delivery: ours?.delivery,
    retryable: ours?.retryable ?? false,
    stage: smtp?.stage,
    replyCode: error instanceof SMTPResponseException ? error.reply.code : undefined,
  };
}

/** A send that nobody may be listening to. */
export class SendTracer {
  readonly #trace: SendTrace | undefined;
  /** Its synchronous part is not over: what settles it in there is told behind that. */
  #beginning = true;
  #isSettled = false;

  private constructor(trace: SendTrace | undefined) {
    this.#trace = trace;
  }

  static ofNobody(): SendTracer {
    return new SendTracer(undefined);
  }

  /** Runs `begin` as the synchronous part of a send. */
  static around<T>(begin: (tracer: SendTracer) => T): T {
    if (!sendChannel.hasSubscribers) return begin(UNHEARD);
    const trace: SendTrace = {
      server: undefined,
      messageId: undefined,
      recipients: undefined,
      sizeBytes: undefined,
      attempts: 1,
      accepted: 0,
      refused: 0,
      unknown: 0,
      timing: undefined,
      error: undefined,
    };
    const tracer = new SendTracer(trace);
    return sendChannel.start.runStores(trace, () => {
      try {
        return begin(tracer);
      } finally {
        sendChannel.end.publish(trace);
        tracer.#beginning = false;
        if (tracer.#isSettled) publishSettled(trace);
      }
    });
  }

  /** The send is over. `fill` is asked only when somebody listens. */
  settled(fill: (trace: SendTrace) => void): void {
    const trace = this.#trace;
    if (trace === undefined) return;
    fill(trace);
    this.#isSettled = true;
    if (!this.#beginning) publishSettled(trace);
  }
}

function publishSettled(trace: SendTrace): void {
  if (trace.error !== undefined) sendChannel.error.publish(trace);
  sendChannel.asyncStart.publish(trace);
  sendChannel.asyncEnd.publish(trace);
}

const UNHEARD = SendTracer.ofNobody();

/** Runs a dial as `posthaste:connect`. */
export async function traceConnect<T extends { readonly tls: { readonly protocol: string } | undefined }>(
  server: ServerTrace,
  open: () => Promise<T>,
): Promise<T> {
  if (!connectChannel.hasSubscribers) return await open();
  const trace: ConnectTrace = { server, tlsProtocol: undefined, error: undefined };
  const opening = connectChannel.start.runStores(trace, () => {
    try {
      return open();
    } finally {
      connectChannel.end.publish(trace);
    }
  });
  try {
    const lane = await opening;
    trace.tlsProtocol = lane.tls?.protocol;
    return lane;
  } catch (error) {
    trace.error = errorTrace(error);
    connectChannel.error.publish(trace);
    throw error;
  } finally {
    connectChannel.asyncStart.publish(trace);
    connectChannel.asyncEnd.publish(trace);
  }
}

export function publishAnomaly(server: ServerTrace, { kind }: LaneAnomaly, policy: LanePolicy): void {
  if (!anomalyChannel.hasSubscribers) return;
  const trace: AnomalyTrace = { server, kind, overlap: policy.overlap, chunking: policy.chunking };
  anomalyChannel.publish(trace);
}
