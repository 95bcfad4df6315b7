/**
 * What was learnt about a server while talking to it: a way of sending that it cannot do is left alone for a while, and how many
 * messages it takes on one connection is not forgotten with the connection. After that while the server gets another chance.
 */
import type { Warning } from '../types.js';
import type { LaneAnomaly, LanePolicy } from './lane.js';

/** How long a note holds. */
export const NOTE_MS = 600_000;

const WARNING_CODES: Readonly<Record<LaneAnomaly['kind'], string>> = {
  'refused-behind-content': 'WARN_OVERLAP_REFUSED',
  'out-of-step': 'WARN_OUT_OF_STEP',
  'slow-final': 'WARN_SLOW_FINAL_REPLY',
  'bdat-refused': 'WARN_CHUNKING_REFUSED',
};

const STEPS_DOWN = { session: 'message', message: 'none', none: 'none' } as const;

export class HostNotes {
  readonly #wanted: LanePolicy;
  #overlap: LanePolicy['overlap'];
  #overlapUntilMs = -Infinity;
  #chunkingOffUntilMs = -Infinity;
  #messageLimit = Infinity;
  #messageLimitUntilMs = -Infinity;
  /** How many messages the connection had carried that was closed last. */
  #closedAfter: number | undefined;
  #untold: Warning[] = [];

  constructor(wanted: LanePolicy) {
    this.#wanted = wanted;
    this.#overlap = wanted.overlap;
  }

  /** What may be done now. */
  policy(nowMs: number): LanePolicy {
    const overlap = nowMs < this.#overlapUntilMs ? this.#overlap : this.#wanted.overlap;
    const chunking = nowMs < this.#chunkingOffUntilMs ? 'off' : this.#wanted.chunking;
    if (overlap === this.#wanted.overlap && chunking === this.#wanted.chunking) return this.#wanted;
    return { overlap, chunking };
  }

  /** Takes a step back, for a while. Being out of step without overlap leaves nothing but one command at a time. */
  lower(anomaly: LaneAnomaly, nowMs: number): LanePolicy {
    if (anomaly.kind === 'bdat-refused') {
      this.#chunkingOffUntilMs = nowMs + NOTE_MS;
    } else {
      const { overlap } = this.policy(nowMs);
      this.#overlap = anomaly.kind === 'out-of-step' || overlap === 'session' ? STEPS_DOWN[overlap] : overlap;
      this.#overlapUntilMs = nowMs + NOTE_MS;
    }
    const policy = this.policy(nowMs);
    const code = WARNING_CODES[anomaly.kind];
    // One that was not told yet is told once, however often it happened.
    if (!this.#untold.some((warning) => warning.code === code)) {
      this.#untold.push({
        code,
        message: `${anomaly.message}; for ${String(NOTE_MS / 60_000)} minutes this server gets overlap: '${policy.overlap}', ${
          policy.chunking === 'off' ? "chunking: 'off'" : 'chunking as asked for'
        }`,
      });
    }
    return policy;
  }

  /** What the next result has to say about this server; each warning is given once. */
  takeWarnings(): readonly Warning[] {
    if (this.#untold.length === 0) return this.#untold;
    const warnings = this.#untold;
    this.#untold = [];
    return warnings;
  }

  /** How many messages a connection may carry, as far as the server has shown by closing after so many. */
  messageLimit(nowMs: number): number {
    return nowMs < this.#messageLimitUntilMs ? this.#messageLimit : Infinity;
  }

  /**
   * The server closed a connection, with 421, that had carried `messages`. That is its limit when it happens twice in a row; another
   * number shows that it has none. One message is no limit: a busy server, which says 421 to anybody, would be dialed for each.
   */
  closedAfter(messages: number, nowMs: number): void {
    const same = messages === this.#closedAfter && messages > 1;
    this.#closedAfter = messages;
    this.#messageLimit = same ? messages : Infinity;
    this.#messageLimitUntilMs = nowMs + NOTE_MS;
  }
}
