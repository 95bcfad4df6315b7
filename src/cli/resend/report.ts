/**
 * What a run of `resend` says: faults and the sum on standard error, one JSON object per message and one for the sum on standard
 * output. It also keeps the count, and the most urgent end.
 */
import {
  isPosthasteError,
  SMTPRecipientsRefused,
  type Envelope,
  type RecipientResult,
  type SendResult,
} from '../../index.js';
import { EXIT_CODES, mostUrgent, type ExitName } from '../exit-codes.js';
import { exitOfError } from '../exit-of-error.js';
import { RESEND_HINTS } from '../hints.js';
import type { Io } from '../io.js';
import { withoutPasswords } from '../one-line.js';
import { errorLine, noteLine, recipientLine, warningLines } from '../report.js';
import { errorJson, recipientJson } from '../report-json.js';
import { countsText, exitOfMarks, kindOf, newCounts } from './counts.js';
import { MARKS, type Marks } from './journal-records.js';
import { Progress } from './progress.js';

/** What became of a message that was found and could be read. */
export interface Settled {
  readonly label: string;
  readonly id: string | undefined;
  readonly envelope: Envelope;
  /** Before this run, and now. */
  readonly before: Marks;
  readonly marks: Marks;
  /** Whether anything was tried in this run. */
  readonly tried: boolean;
  /** The last word of this run about each recipient, by position; undefined for those who were not tried. */
  readonly recipients: readonly (RecipientResult | undefined)[];
  readonly result?: SendResult | undefined;
  readonly error?: unknown;
}

export interface ReportOptions {
  /** Nothing is sent, only asked. */
  readonly probe: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

const STATUS_OF_MARK: Readonly<Record<string, RecipientResult['status']>> = {
  [MARKS.accepted]: 'accepted',
  [MARKS.refused]: 'refused',
  [MARKS.later]: 'refused',
  [MARKS.unknown]: 'unknown',
  [MARKS.untried]: 'not-sent',
};

export class RunReport {
  readonly counts = newCounts();
  readonly progress: Progress;
  readonly #io: Io;
  readonly #options: ReportOptions;
  readonly #exits = new Set<ExitName>();

  constructor(io: Io, options: ReportOptions) {
    this.#io = io;
    this.#options = options;
    this.progress = new Progress(io, this.counts);
  }

  get exit(): ExitName {
    return mostUrgent(this.#exits);
  }

  /** The run as a whole has this fault. */
  async fault(error: unknown): Promise<void> {
    this.ended(exitOfError(error));
    await this.complain(errorLine(undefined, error, RESEND_HINTS));
  }

  /** The run comes to this, if nothing is more urgent. */
  ended(exit: ExitName): void {
    this.#exits.add(exit);
  }

  /** A file or a message that could not be sent at all. */
  async bad(label: string, error: unknown): Promise<void> {
    this.counts.messages += 1;
    this.counts.bad += 1;
    const exit = exitOfError(error);
    this.ended(exit);
    await this.complain(errorLine(label, error, RESEND_HINTS));
    await this.#writeJson({
      file: withoutPasswords(label),
      status: 'not-sent',
      exitCode: EXIT_CODES[exit].code,
      error: errorJson(error, RESEND_HINTS),
      recipients: [],
    });
  }

  /** Rejects with CliError, exit `cannot-write`, when nobody reads the report any more. */
  async settled(settled: Settled): Promise<void> {
    const { label, id, envelope, marks, tried, result, error } = settled;
    const { counts } = this;
    const kind = kindOf(marks);
    counts.messages += 1;
    counts[tried || kind === 'unknown' ? kind : 'skipped'] += 1;
    counts.sizeBytes += result?.sizeBytes ?? 0;
    const exit = mostUrgent([exitOfMarks(marks), ...(error === undefined ? [] : [exitOfError(error)])]);
    this.ended(exit);
    await this.complain(this.#complaints(settled));
    await this.#writeJson({
      file: withoutPasswords(label),
      status: tried || kind === 'unknown' ? this.#statusOf(marks, error) : 'skipped',
      exitCode: EXIT_CODES[exit].code,
      id: id ?? null,
      envelope,
      recipients: envelope.to.map((address, index) => {
        const last = settled.recipients[index];
        if (last !== undefined) return recipientJson(last);
        return { index, address, status: STATUS_OF_MARK[marks.charAt(index)] ?? 'not-sent', stage: null, reply: null };
      }),
      queueId: result?.queueId ?? null,
      messageId: result?.messageId ?? null,
      sizeBytes: result?.sizeBytes ?? null,
      warnings: result?.warnings ?? [],
      ...(error === undefined ? {} : { error: errorJson(error, RESEND_HINTS) }),
    });
    await this.progress.update();
  }

  /** Text on standard error. Nobody has to read it. */
  async complain(text: string): Promise<void> {
    try {
      if (text !== '') await this.progress.write(text);
    } catch {
      // Nobody can be told; the exit code still tells.
    }
  }

  /** Text, or an object for `--json`, on standard output. */
  async show(text: string, json: object): Promise<void> {
    await this.progress.clear();
    await this.#io.stdout.write(this.#options.json ? `${JSON.stringify(json)}\n` : text);
  }

  /** The sum. `advice`: how to go on. */
  async end(advice: string | undefined): Promise<void> {
    const { counts } = this;
    const { seconds } = this.progress;
    await this.progress.clear();
    const text = noteLine(
      undefined,
      `${countsText(counts, seconds, this.#options.probe)}.${advice === undefined ? '' : ` ${advice}`}`,
    );
    // A run that never began has said why.
    if (counts.messages > 0 || this.exit === 'ok') await this.complain(text);
    const { code } = EXIT_CODES[this.exit];
    await this.#writeJson({ summary: { ...counts, seconds: Math.round(seconds * 1000) / 1000, exitCode: code } });
  }

  #complaints({ label, envelope, before, marks, tried, recipients, result, error }: Settled): string {
    const lines: string[] = [];
    if (!tried && marks.includes(MARKS.unknown)) {
      const addresses = envelope.to.filter((_, index) => before.charAt(index) === MARKS.unknown);
      const whom = `${addresses.slice(0, 3).join(', ')}${addresses.length > 3 ? ` and ${String(addresses.length - 3)} more` : ''}`;
      lines.push(
        noteLine(
          label,
          `an earlier run may have delivered it to ${whom}. Look whether it arrived; --resend-unknown sends it again.`,
        ),
      );
    }
    if (error !== undefined && !(error instanceof SMTPRecipientsRefused))
      lines.push(errorLine(label, error, RESEND_HINTS));
    else
      for (const recipient of recipients) if (recipient !== undefined) lines.push(recipientLine(label, recipient, ''));
    if (result !== undefined) lines.push(warningLines(label, result.warnings));
    if (this.#options.verbose && tried && kindOf(marks) === 'sent')
      lines.push(noteLine(label, this.#options.probe ? 'accepted' : 'sent'));
    if (this.#options.verbose && !tried && !marks.includes(MARKS.unknown)) lines.push(noteLine(label, 'done before'));
    return lines.join('');
  }

  async #writeJson(value: object): Promise<void> {
    if (this.#options.json) await this.#io.stdout.write(`${JSON.stringify(value)}\n`);
  }

  #statusOf(marks: Marks, error: unknown): string {
    if (marks.includes(MARKS.unknown)) return 'unknown';
    const word = this.#options.probe ? 'accepted' : 'sent';
    if (marks.includes(MARKS.accepted)) return kindOf(marks) === 'sent' ? word : `partly-${word}`;
    return isPosthasteError(error) && error.delivery !== 'unknown' ? error.delivery : 'refused';
  }
}
