/**
 * What became of each recipient of one message over all its transactions, by index. The last word counts, except that `unknown` stays
 * until somebody is known to have been accepted: a message that may have been delivered is not undelivered by a later refusal.
 */
import type { Shipped } from '../client/sendmail.js';
import type { OpenTiming } from '../client/stage-clock.js';
import type { Failure, Outcome } from '../protocol/transaction.js';
import type { RecipientResult, Reply, TlsInfo, Warning } from '../types.js';

export class Tally {
  readonly timing: OpenTiming = {};
  readonly #results: RecipientResult[];
  readonly #warnings = new Map<string, Warning>();
  #failure: Failure | undefined;
  #failureOfUnknown: Failure | undefined;
  #finalReply: Reply | undefined;
  #tls: TlsInfo | undefined;
  #sizeBytes = 0;
  #transactions = 0;

  /** `addresses`: one for each recipient given. */
  constructor(addresses: readonly string[]) {
    this.#results = addresses.map((address, index) => ({ index, address, status: 'not-sent', stage: 'mail' }));
  }

  get recipients(): readonly RecipientResult[] {
    return this.#results;
  }

  get transactions(): number {
    return this.#transactions;
  }

  get someAccepted(): boolean {
    return this.#results.some(({ status }) => status === 'accepted');
  }

  get warnings(): readonly Warning[] {
    return [...this.#warnings.values()];
  }

  get tls(): TlsInfo | undefined {
    return this.#tls;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** `positions`: which of the recipients given the transaction was for, in its order. */
  add(positions: readonly number[], shipped: Shipped, tls: TlsInfo | undefined): void {
    const { outcome } = shipped;
    for (const [place, result] of outcome.recipients.entries()) {
      const index = positions[place];
      const known = index === undefined ? undefined : this.#results[index];
      if (index === undefined || known === undefined) continue;
      if (known.status === 'unknown' && result.status !== 'accepted') continue;
      this.#results[index] = { ...result, index };
    }
    if (outcome.failure !== undefined) {
      this.#failure = outcome.failure;
      if (outcome.recipients.some(({ status }) => status === 'unknown')) this.#failureOfUnknown = outcome.failure;
    }
    const someAccepted = outcome.recipients.some(({ status }) => status === 'accepted');
    if (outcome.finalReply !== undefined && (someAccepted || this.#finalReply === undefined)) {
      this.#finalReply = outcome.finalReply;
    }
    for (const warning of shipped.warnings) this.warn(warning);
    for (const [stage, spentMs] of Object.entries(shipped.timing) as [keyof OpenTiming, number][]) {
      this.timing[stage] = (this.timing[stage] ?? 0) + spentMs;
    }
    this.#tls = tls;
    this.#sizeBytes = shipped.sizeBytes;
    this.#transactions += 1;
  }

  /** Each text once, however many transactions said it. */
  warn(warning: Warning): void {
    this.#warnings.set(`${warning.code} ${warning.message}`, warning);
  }

  /** All transactions as one. */
  outcome(): Outcome {
    const unknown = this.#results.some(({ status }) => status === 'unknown');
    return {
      recipients: this.#results,
      failure: unknown ? (this.#failureOfUnknown ?? this.#failure) : this.#failure,
      finalReply: this.#finalReply,
      after: 'usable',
    };
  }
}
