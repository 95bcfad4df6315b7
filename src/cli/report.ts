/**
 * What people read. On standard output: what became of a message. On standard error: what went wrong, each fault in one line,
 * `posthaste: FILE: what. hint`.
 */
import {
  isPosthasteError,
  SMTPRecipientsRefused,
  type EnvelopeExplanation,
  type RecipientResult,
  type Reply,
  type SendResult,
  type Warning,
} from '../index.js';
import { CliError } from './cli-error.js';
import { hintFor } from './hints.js';
import { oneLine, sentence } from './one-line.js';
import { PROGRAM } from './program.js';
import { STANDARD_INPUT } from './send-settings.js';

/** As many warnings of one message as a person reads. */
const MAX_LINES_OF_A_KIND = 20;

/** One line for a fault; `file` is undefined when it is not about a message. */
export function errorLine(file: string | undefined, error: unknown, hints?: Readonly<Record<string, string>>): string {
  return noteLine(file, sentence(whatOf(error), hintFor(error, hints)));
}

/** The line, or the lines, for a message that failed: of refused recipients, each has its own reply. */
export function failureText(file: string, error: unknown): string {
  if (!(error instanceof SMTPRecipientsRefused) || error.recipients.length < 2) return errorLine(file, error);
  return recipientLines(file, error.recipients);
}

/** What became of a message that somebody got. */
export function resultText(file: string, result: SendResult): string {
  const { accepted, recipients, sizeBytes, queueId } = result;
  const of = accepted.length === recipients.length ? '' : ` of ${String(recipients.length)}`;
  const noun = recipients.length === 1 ? 'recipient' : 'recipients';
  const queued = queueId === undefined ? '' : `, queued as ${queueId}`;
  return `${oneLine(nameOf(file))}: sent to ${String(accepted.length)}${of} ${noun}, ${octets(sizeBytes)}${oneLine(queued)}\n`;
}

/** Lines for the recipients who did not get it. */
export function recipientLines(file: string, recipients: readonly RecipientResult[]): string {
  return recipients.map((recipient) => recipientLine(file, recipient)).join('');
}

/** `550 5.1.1 no such user`. */
export function replyText({ code, lines }: Reply): string {
  return `${String(code)} ${lines.join(' / ')}`;
}

/** A line for a recipient who did not get it; empty for one who did. */
export function recipientLine(
  file: string,
  { address, status, reply }: RecipientResult,
  laterHint = later(reply?.code),
): string {
  const said = reply === undefined ? '' : `: ${replyText(reply)}`;
  switch (status) {
    case 'accepted':
      return '';
    case 'refused':
      return noteLine(file, sentence(`<${address}> was refused${said}`, laterHint === '' ? undefined : laterHint));
    case 'unknown':
      return noteLine(
        file,
        sentence(`<${address}> may have got it, or not`, 'No answer came; sending again may deliver twice.'),
      );
    case 'not-sent':
      return noteLine(file, sentence(`<${address}> did not get it${said}`, undefined));
  }
}

function later(code: number | undefined): string | undefined {
  return code !== undefined && code < 500 ? 'Send it again later, to this address alone (--to).' : undefined;
}

/** The table of a dry run. */
export function explanationText(file: string, explanation: EnvelopeExplanation, sizeBytes: number): string {
  const { sources, removed, warnings } = explanation;
  const seen = sources.filter(({ duplicateOf }) => duplicateOf === undefined);
  const wide = Math.max(...seen.map(({ address }) => shownAddress(address).length));
  const addresses = (role: 'from' | 'to'): Row[] =>
    seen
      .filter((source) => source.role === role)
      .map(({ address, header }) => [role, `${shownAddress(address).padEnd(wide)}  (${header})`] as const);
  const rows: Row[] = [
    ...addresses('from'),
    ...addresses('to'),
    ['removed', removed.length === 0 ? 'nothing' : countedNames(removed.map(({ header }) => header))],
    ...warningTexts(warnings).map((text) => ['warning', text] as const),
    ['size', octets(sizeBytes)],
  ];
  return `${oneLine(nameOf(file))}: nothing was sent (dry run)\n${table(rows)}\n`;
}

type Row = readonly [label: string, text: string];

/** Two columns; a label that repeats is shown once. */
function table(rows: readonly Row[]): string {
  const wide = Math.max(...rows.map(([label]) => label.length));
  return rows
    .map(
      ([label, text], index) => `  ${(rows[index - 1]?.[0] === label ? '' : label).padEnd(wide)}  ${oneLine(text)}\n`,
    )
    .join('');
}

function shownAddress(address: string): string {
  return address === '' ? '<> (nobody: notifications are not answered)' : address;
}

/** `Bcc (2 fields), Return-Path`. */
function countedNames(names: readonly string[]): string {
  return [...new Set(names)]
    .map((name) => {
      const count = names.filter((other) => other === name).length;
      return count === 1 ? name : `${name} (${String(count)} fields)`;
    })
    .join(', ');
}

function warningTexts(warnings: readonly Warning[]): string[] {
  const texts = warnings.map(({ message }) => message);
  const more = texts.length - MAX_LINES_OF_A_KIND;
  return more > 0 ? [...texts.slice(0, MAX_LINES_OF_A_KIND), `and ${String(more)} more`] : texts;
}

export function warningLines(file: string, warnings: readonly Warning[]): string {
  return warningTexts(warnings)
    .map((text) => noteLine(file, `warning: ${sentence(text, undefined)}`))
    .join('');
}

/** `posthaste: FILE: text`, in one line. */
export function noteLine(file: string | undefined, text: string): string {
  const about = file === undefined ? '' : `${nameOf(file)}: `;
  return `${oneLine(`${PROGRAM}: ${about}${text}`)}\n`;
}

function nameOf(file: string): string {
  return file === STANDARD_INPUT ? 'standard input' : file;
}

function octets(sizeBytes: number): string {
  return `${sizeBytes.toLocaleString('en-US')} octets`;
}

/** What an error says. One that nobody foresaw is a fault of this program, and says so. */
function whatOf(error: unknown): string {
  if (isPosthasteError(error) || error instanceof CliError) return withoutCaret(error.message);
  if (error instanceof Error && 'syscall' in error) return error.message;
  return `internal error: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

/** A bad address is shown on a line of its own, with a caret below it: here they share one line. */
function withoutCaret(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '^').join(': ');
}
