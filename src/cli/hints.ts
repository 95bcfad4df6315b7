/** What to do next, in the words of the command line: the library's hints name its own options. */
import { isPosthasteError } from '../index.js';
import { CliError } from './cli-error.js';

export const HINTS: Readonly<Record<string, string>> = {
  ERR_MULTIPLE_RESENT_SETS:
    'Choose with --resent latest (the topmost set) or --resent ignore (the plain fields), or give --from and --to.',
  ERR_MISSING_SENDER: 'Give it with --from ADDRESS.',
  ERR_AMBIGUOUS_SENDER: 'Give one with --from ADDRESS.',
  ERR_MISSING_RECIPIENTS: 'Give them with --to ADDRESS.',
  ERR_LINE_TOO_LONG: 'Let it pass with --allow-long-lines.',
  ERR_BARE_CR_IN_HEADER: 'If each is a line end, say --line-endings normalize-all.',
  ERR_BARE_LINE_END: 'Leave --line-endings reject away to send it with CRLF.',
};

/** `resend` takes the envelope from the message, or makes a new set of Resent-* fields. */
const RESENT_HINT = 'Give the message new Resent-* fields with --resent-from and --resent-to.';
export const RESEND_HINTS: Readonly<Record<string, string>> = {
  ...HINTS,
  ERR_MULTIPLE_RESENT_SETS:
    'Choose with --resent latest (the topmost set) or --resent ignore (the plain fields), or give --resent-from and --resent-to.',
  ERR_MISSING_SENDER: RESENT_HINT,
  ERR_AMBIGUOUS_SENDER: RESENT_HINT,
  ERR_MISSING_RECIPIENTS: RESENT_HINT,
};

export function hintFor(error: unknown, hints = HINTS): string | undefined {
  if (error instanceof CliError) return error.hint;
  return isPosthasteError(error) ? (hints[error.code] ?? error.hint) : undefined;
}
