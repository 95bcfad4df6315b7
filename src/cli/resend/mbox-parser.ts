/**
 * An mbox, octet by octet, into its messages (RFC 4155; quoting as in mboxrd). One rule: a message begins only where a blank
 * line (or nothing), a complete `From ` line with address and asctime date, and a header line follow each other; every other
 * octet belongs to the message it stands in, but for one `>` of a quoted `>From `. Pure, and the same at every split.
 */
import { CliError } from '../cli-error.js';

export type MboxEvent =
  /** `offset`: where the `From ` line stands in the file. */
  | { readonly kind: 'begin'; readonly offset: number }
  | { readonly kind: 'octets'; readonly octets: Buffer }
  /** `offset`: behind its last octet, in front of the blank line. `cut`: the file ends within the message. */
  | { readonly kind: 'end'; readonly offset: number; readonly cut: boolean };

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x3e;
const CAPITAL_F = 0x46;
const FROM = Buffer.from('From ');

/** Longer lines are neither a `From ` line nor the name of a header field (RFC 5322 section 2.1.1). */
const LONGEST_LINE = 998;

const ADDRESS = String.raw`(?:[^\s"]\S*|"(?:[^"\\]|\\.)*"@\S+)`;
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
/** asctime, with the zone that some writers add in front of the year or behind it. */
const DATE = `${DAY} ${MONTH} [ 0-3]?\\d \\d\\d:\\d\\d(?::\\d\\d)?(?: [A-Z]{1,5}| [+-]\\d{4})? \\d{4}(?: [+-]\\d{4})?`;
const FROM_LINE = new RegExp(`^From ${ADDRESS}[ \\t]+${DATE}[ \\t]*\\r?$`);
const HEADER_LINE = /^[!-9;-~]+[ \t]*:/;
/** What may still become one. */
const HEADER_START = /^[!-9;-~]*[ \t]*$/;

/** Whether text, such as the first octets of a file, can be the beginning of an mbox. */
export function beginsLikeMbox(octets: Uint8Array): boolean {
  const end = octets.indexOf(LF);
  return end !== -1 && FROM_LINE.test(Buffer.from(octets.subarray(0, end)).toString('latin1'));
}

type Found = 'no' | 'unclear' | { readonly end: number };

export class MboxParser {
  /** What cannot be judged before more has come; it begins at the start of a line. */
  #held: Buffer = Buffer.alloc(0);
  /** Where `#held` begins in the file. */
  #offset = 0;
  #begun = false;
  /** The octets to come continue a line that is judged. */
  #withinLine = false;
  #endsWithLine = true;
  #isEmpty = true;
  /** How long the blank line at the end of the file is. */
  #lastBlank = 0;

  /** Throws CliError, exit `bad-message`, when the file does not begin as an mbox does. */
  push(chunk: Uint8Array): MboxEvent[] {
    const octets = this.#held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#held, chunk]);
    return this.#read(octets, false);
  }

  /** Nothing more comes. Throws as `push` does. */
  end(): MboxEvent[] {
    const events = this.#read(this.#held, true);
    if (this.#begun) events.push(this.#ending(this.#offset - this.#lastBlank));
    return events;
  }

  #read(octets: Buffer, final: boolean): MboxEvent[] {
    const events: MboxEvent[] = [];
    let position = 0;
    // Octets from here to `position` belong to the message, and wait to leave in one piece.
    let start = 0;
    const flush = (end: number): void => {
      if (end > start) {
        events.push({ kind: 'octets', octets: octets.subarray(start, end) });
        this.#endsWithLine = octets[end - 1] === LF;
        this.#isEmpty = false;
      }
    };
    if (!this.#begun) {
      const found = separatorAt(octets, 0, final);
      if (found === 'unclear') {
        this.#held = octets;
        return events;
      }
      if (found === 'no') throw notMbox();
      events.push(this.#beginning(this.#offset));
      position = start = found.end;
    }
    reading: while (position < octets.length) {
      if (this.#withinLine) {
        const end = octets.indexOf(LF, position);
        position = end === -1 ? octets.length : end + 1;
        this.#withinLine = end === -1;
        continue;
      }
      switch (octets[position]) {
        case CR:
        case LF: {
          const blank = blankLineAt(octets, position, final);
          if (blank === 0) {
            this.#withinLine = true;
            continue;
          }
          const next = position + blank;
          const found =
            blank < 0 ? 'unclear' : next === octets.length && final ? { end: next } : separatorAt(octets, next, final);
          if (found === 'unclear') break reading;
          if (found === 'no') {
            position = next;
            continue;
          }
          // The blank line belongs to the mbox, not to the message.
          flush(position);
          position = start = found.end;
          if (next < found.end)
            events.push(this.#ending(this.#offset + next - blank), this.#beginning(this.#offset + next));
          else this.#lastBlank = blank;
          continue;
        }
        case QUOTE: {
          let quoted = position;
          while (octets[quoted] === QUOTE) quoted += 1;
          const matched = matchedFrom(octets, quoted);
          if (matched === FROM.length) {
            flush(position);
            start = position + 1;
          } else if (quoted + matched === octets.length && !final) {
            // All but the last of the quotes are text whatever follows.
            position = quoted - 1;
            break reading;
          }
          position = quoted;
          this.#withinLine = true;
          continue;
        }
        default:
          this.#withinLine = true;
      }
    }
    flush(position);
    this.#held = octets.subarray(position);
    this.#offset += position;
    return events;
  }

  #beginning(offset: number): MboxEvent {
    this.#begun = true;
    this.#endsWithLine = true;
    this.#isEmpty = true;
    return { kind: 'begin', offset };
  }

  #ending(offset: number): MboxEvent {
    return { kind: 'end', offset, cut: !this.#endsWithLine || this.#isEmpty };
  }
}

/** How long the blank line is; 0 when the line is not blank, -1 when that cannot be said yet. */
function blankLineAt(octets: Buffer, position: number, final: boolean): number {
  if (octets[position] === LF) return 1;
  if (position + 1 === octets.length) return final ? 0 : -1;
  return octets[position + 1] === LF ? 2 : 0;
}

/** Whether a message begins here. At the end of the file a `From ` line is enough: its message was cut off. */
function separatorAt(octets: Buffer, position: number, final: boolean): Found {
  const unclear = final ? 'no' : 'unclear';
  const matched = matchedFrom(octets, position);
  if (matched < FROM.length) return position + matched === octets.length ? unclear : 'no';
  const limit = position + LONGEST_LINE + 2;
  const end = octets.indexOf(LF, position);
  if (end === -1 || end >= limit) return end === -1 && octets.length < limit ? unclear : 'no';
  if (!FROM_LINE.test(octets.toString('latin1', position, end))) return 'no';
  const next = octets.toString('latin1', end + 1, end + 1 + LONGEST_LINE);
  if (HEADER_LINE.test(next)) return { end: end + 1 };
  if (next.length === LONGEST_LINE || !HEADER_START.test(next)) return 'no';
  return final ? { end: end + 1 } : 'unclear';
}

/** How many octets of `From ` stand here. */
function matchedFrom(octets: Buffer, position: number): number {
  if (octets[position] !== CAPITAL_F) return 0;
  let matched = 1;
  while (matched < FROM.length && octets[position + matched] === FROM[matched]) matched += 1;
  return matched;
}

function notMbox(): CliError {
  return new CliError(
    'bad-message',
    'it is no mbox: it does not begin with a From line (address and date) and a header line',
    'Name files with one message each *.eml.',
  );
}
