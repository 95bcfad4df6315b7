/**
 * Which recipients go into one transaction. A server may announce how many it takes at a time (LIMITS, RFC 9422), or say so
 * when it has had enough (452, RFC 5321 section 4.5.3.1.10). A mailbox that is given twice stays in one transaction, where it is
 * asked for once.
 */
import { mailboxKey } from '../client/distinct-paths.js';
import type { Path } from '../client/paths.js';
import type { Outcome } from '../protocol/transaction.js';
import type { Reply } from '../types.js';

export interface TransactionLimits {
  readonly recipients: number | undefined;
  readonly recipientDomains: number | undefined;
}

export interface Batch {
  /** Positions in the list of paths, ascending. */
  readonly now: readonly number[];
  readonly later: readonly number[];
}

/** As many of the recipients, in order, as one transaction may have. */
export function firstBatch(paths: readonly Path[], limits: TransactionLimits): Batch {
  const { recipients = Infinity, recipientDomains = Infinity } = limits;
  const now: number[] = [];
  const later: number[] = [];
  const taken = new Map<string, boolean>();
  const domains = new Set<string>();
  let count = 0;
  for (const [position, path] of paths.entries()) {
    const key = mailboxKey(path);
    let goes = taken.get(key);
    if (goes === undefined) {
      const domain = path.text.slice(path.text.lastIndexOf('@')).toLowerCase();
      goes = count < recipients && (domains.has(domain) || domains.size < recipientDomains);
      if (goes) {
        domains.add(domain);
        count += 1;
      }
      taken.set(key, goes);
    }
    (goes ? now : later).push(position);
  }
  return { now, later };
}

/**
 * The recipients that the server only had no room for in this transaction, by position: those refused at RCPT with 452, or with 552
 * as old servers do, while others were accepted and got the message. Somebody gets it each time, so that this comes to an end.
 */
export function overflowOf({ recipients }: Outcome): readonly number[] {
  if (!recipients.some(({ status }) => status === 'accepted')) return [];
  return recipients.flatMap(({ status, stage, reply }, position) =>
    status === 'refused' && stage === 'rcpt' && reply !== undefined && meansTooMany(reply) ? [position] : [],
  );
}

/** An enhanced code other than x.5.3 (too many recipients, RFC 3463) speaks of something else: 452 4.2.2 is a full mailbox. */
function meansTooMany({ code, enhancedCode }: Reply): boolean {
  return (code === 452 || code === 552) && (enhancedCode === undefined || enhancedCode.endsWith('.5.3'));
}
