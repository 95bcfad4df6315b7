/** What was found out about one message. */
import type { EnvelopeExplanation, Warning } from '../../index.js';
import type { DkimField } from './dkim-fields.js';
import type { MimeFindings } from './mime-tree.js';

export interface Inspected {
  readonly file: string;
  readonly explanation: EnvelopeExplanation | undefined;
  /** Why nobody can say who gets it. */
  readonly envelopeError: { readonly message: string; readonly hint: string | undefined } | undefined;
  readonly findings: MimeFindings;
  readonly signatures: readonly DkimField[];
  readonly warnings: readonly Warning[];
}
