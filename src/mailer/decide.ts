/**
 * What a pool does next, as a function of what it is now. The order of preference: an idle connection, then a new one while there is
 * room and backlog, then a place behind a message that is under way.
 */

export interface PoolView {
  readonly nowMs: number;
  /** Messages that wait for a connection. */
  readonly queued: number;
  readonly idle: number;
  /** Connections that run messages. */
  readonly busy: number;
  /** Connections that are saying goodbye: the server still counts them. */
  readonly leaving: number;
  readonly dialing: number;
  /**
   * A dial is under way whose answer decides about all others: the first login, which may be wrong, and on several connections at once
   * might lock the account; or the next dial behind one that failed, while nobody is connected.
   */
  readonly awaitsDial: boolean;
  readonly maxConnections: number;
  /** When the rate lets the next message go. */
  readonly tokenAtMs: number;
  /** When the next dial may begin. */
  readonly dialAtMs: number;
}

export type Decision =
  /** Give the next message to an idle connection, and decide again. */
  | { readonly kind: 'run' }
  /** Open a connection, and decide again. */
  | { readonly kind: 'dial' }
  /** Let connections that wait for an answer take a message; look again at `untilMs`, when it is given. */
  | { readonly kind: 'wake'; readonly untilMs?: number }
  /** Nothing can be done before `untilMs`. */
  | { readonly kind: 'wait'; readonly untilMs: number }
  /** Nothing is to be done until something happens. */
  | { readonly kind: 'rest' };

export function decide(view: PoolView): Decision {
  const { nowMs, queued, idle, busy, leaving, dialing, tokenAtMs, dialAtMs } = view;
  if (queued === 0) return { kind: 'rest' };
  if (tokenAtMs > nowMs) return { kind: 'wait', untilMs: tokenAtMs };
  if (idle > 0) return { kind: 'run' };
  const room = !view.awaitsDial && busy + leaving + dialing < view.maxConnections;
  // Each dial under way is for one of those that wait.
  if (room && queued > dialing) {
    if (dialAtMs <= nowMs) return { kind: 'dial' };
    return busy > 0 ? { kind: 'wake', untilMs: dialAtMs } : { kind: 'wait', untilMs: dialAtMs };
  }
  return busy > 0 ? { kind: 'wake' } : { kind: 'rest' };
}
