/**
 * The last TLS session with one server, to be resumed by the next connection. A resumption verifies nothing anew: so one of these belongs
 * to one server and one set of options, keeps only what was verified, and what was verified holds for an hour.
 */
import type { PeerCertificate } from 'node:tls';

/** How long the verification of a certificate holds. */
export const VERIFIED_MS = 3_600_000;

export interface VerifiedSession {
  readonly session: Buffer;
  /** Of the handshake in which it was verified: a resumed session has none. */
  readonly certificate: PeerCertificate;
  readonly verifiedAtMs: number;
}

export class TlsSessions {
  readonly #now: () => number;
  #last: VerifiedSession | undefined;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  now(): number {
    return this.#now();
  }

  /** What may be resumed now, if anything. */
  get last(): VerifiedSession | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const nowMs = this.#now();
    // A clock that was set back says nothing about the time that has passed.
    const isFresh = nowMs >= last.verifiedAtMs && nowMs - last.verifiedAtMs < VERIFIED_MS;
    if (!isFresh || !(Date.parse(last.certificate.valid_to) > nowMs)) this.#last = undefined;
    return this.#last;
  }

  keep(verified: VerifiedSession): void {
    this.#last = verified;
  }

  /** The next handshake is a whole one. */
  forget(): void {
    this.#last = undefined;
  }
}
