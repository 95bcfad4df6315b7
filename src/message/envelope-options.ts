/** How the fields of a message are read for its envelope. One rule: a misspelt choice is an error, never the default. */
import { checkChoice } from './check-argument.js';

/** How the fields of a message are read. */
export interface EnvelopeOptions {
  /**
   * What a message with several sets of Resent-* fields does. `error` (default): MultipleResentSetsError. `latest`: the topmost
   * set counts, if it is clear where it ends. `ignore`: no set counts, the plain fields do.
   */
  resent?: 'error' | 'latest' | 'ignore';
  /**
   * `lenient` reads a list that is no RFC 5322 (up to 16 KiB of it) a second way, and takes its addresses when no other reading
   * exists. Default `strict`.
   */
  addresses?: 'strict' | 'lenient';
  /**
   * `rfc5322` refuses what the standard forbids and archives are full of: several From addresses without a Sender, repeated
   * once-only fields, Resent-* fields without Resent-Date. Default `lax`: the first From address, all fields, no date needed.
   */
  conformance?: 'lax' | 'rfc5322';
  /** Refuses addresses without a domain, which name local users. Default false. */
  requireDomain?: boolean;
}

const CHOICES = {
  resent: ['error', 'latest', 'ignore'],
  addresses: ['strict', 'lenient'],
  conformance: ['lax', 'rfc5322'],
  requireDomain: [true, false],
} as const;

/** Throws MessageError (`ERR_INVALID_OPTION`) when a choice is none of those there are. */
export function checkEnvelopeOptions(options: EnvelopeOptions): void {
  for (const name of ['resent', 'addresses', 'conformance', 'requireDomain'] as const) {
    checkChoice(options[name], CHOICES[name], name);
  }
}
