/**
 * The conversation of a session, line by line with its times. One rule: it is bounded. What came before the first message is kept
 * once for all messages of a session; of a message's own lines the first are kept, and how many were left out is counted.
 */

export interface TranscriptLine {
  readonly by: 'client' | 'server';
  /** A reply may have several lines, joined by LF; a password is never among them. */
  readonly text: string;
  /** Milliseconds since the session began. For a client's line: when the packet that brought it arrived. */
  readonly atMs: number;
  /** For content: when its last octet had arrived. */
  readonly endMs?: number;
  /** For content: its octets. */
  readonly octets?: number;
  /** Of the client: which packet brought the line, counted from 1 within the session. Lines of one packet were not waited for. */
  readonly packet?: number;
}

export interface Transcript {
  /** From the connection to the first MAIL: greeting, EHLO, AUTH. */
  readonly opening: readonly TranscriptLine[];
  /** The message's own lines, and what followed it until the next MAIL. */
  readonly lines: readonly TranscriptLine[];
  /** Which message of its session it was, from 1. */
  readonly ordinal: number;
  /** Lines that were not kept, because there were too many. */
  readonly leftOut: number;
}

/** Enough for a thousand recipients and their answers. */
export const MAX_TRANSCRIPT_LINES = 2_100;
const MAX_LINE_LENGTH = 2_000;

class Segment implements Transcript {
  readonly opening: readonly TranscriptLine[];
  readonly lines: TranscriptLine[] = [];
  readonly ordinal: number;
  leftOut = 0;

  constructor(opening: readonly TranscriptLine[], ordinal: number) {
    this.opening = opening;
    this.ordinal = ordinal;
  }

  add(line: TranscriptLine): void {
    if (this.lines.length >= MAX_TRANSCRIPT_LINES) this.leftOut += 1;
    else
      this.lines.push(
        line.text.length > MAX_LINE_LENGTH ? { ...line, text: `${line.text.slice(0, MAX_LINE_LENGTH)}…` } : line,
      );
  }
}

/** Takes down one session. `now` is a clock in milliseconds that never goes back. */
export class TranscriptRecorder {
  readonly #now: () => number;
  readonly #startedMs: number;
  readonly #opening = new Segment([], 0);
  #current: Segment | undefined;
  #ordinal = 0;
  #packet = 0;
  #packetMs = 0;
  #contentMs: number | undefined;

  constructor(now: () => number) {
    this.#now = now;
    this.#startedMs = now();
  }

  /** Something arrived; the lines that come out of it carry its time. */
  packetArrived(): void {
    this.#packet += 1;
    this.#packetMs = this.#elapsed();
  }

  clientLine(text: string): void {
    if (/^MAIL(?: |$)/i.test(text)) {
      this.#ordinal += 1;
      this.#current = new Segment(this.#opening.lines, this.#ordinal);
      this.#contentMs = undefined;
    }
    this.#segment().add({ by: 'client', text, atMs: this.#packetMs, packet: this.#packet });
  }

  serverLine(text: string): void {
    this.#segment().add({ by: 'server', text: text.replaceAll('\r\n', '\n'), atMs: this.#elapsed() });
  }

  /** The first octets of the content are there. */
  contentBegan(): void {
    this.#contentMs ??= this.#elapsed();
  }

  contentEnded(octets: number): void {
    const endMs = this.#elapsed();
    this.#segment().add({ by: 'client', text: '', atMs: this.#contentMs ?? endMs, endMs, octets });
    this.#contentMs = undefined;
  }

  /** The transaction that is under way; it goes on growing until the next one begins. */
  get transcript(): Transcript {
    return this.#segment();
  }

  #segment(): Segment {
    return this.#current ?? this.#opening;
  }

  #elapsed(): number {
    return this.#now() - this.#startedMs;
  }
}
