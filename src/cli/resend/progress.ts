/** One line on a terminal, drawn over itself; elsewhere nothing. Lines of the report stand above it. */
import type { Io } from '../io.js';
import { bytes, duration, number, type Counts } from './counts.js';

const REDRAW_MS = 100;
/** To the beginning of the line, and nothing behind the cursor. */
const CLEAR = '\r\u001b[K';

export class Progress {
  readonly #io: Pick<Io, 'stderr' | 'terminal'>;
  readonly #counts: Counts;
  readonly #now: () => number;
  readonly #beganMs: number;
  #drawnMs = -Infinity;
  #isShown = false;
  /** How much there is to read; undefined until it is known. */
  totalBytes: number | undefined;
  readBytes = 0;

  constructor(io: Pick<Io, 'stderr' | 'terminal'>, counts: Counts, now: () => number = () => performance.now()) {
    this.#io = io;
    this.#counts = counts;
    this.#now = now;
    this.#beganMs = now();
  }

  get seconds(): number {
    return (this.#now() - this.#beganMs) / 1000;
  }

  /** Something has changed. */
  async update(): Promise<void> {
    if (this.#io.terminal === undefined || this.#now() - this.#drawnMs < REDRAW_MS) return;
    await this.#draw();
  }

  /** Text of whole lines. */
  async write(text: string): Promise<void> {
    const wasShown = this.#isShown;
    this.#isShown = false;
    await this.#io.stderr.write(wasShown ? CLEAR + text : text);
    if (wasShown) await this.#draw();
  }

  async clear(): Promise<void> {
    if (!this.#isShown) return;
    this.#isShown = false;
    await this.#io.stderr.write(CLEAR);
  }

  async #draw(): Promise<void> {
    const columns = this.#io.terminal?.columns ?? 0;
    this.#drawnMs = this.#now();
    this.#isShown = true;
    await this.#io.stderr.write(CLEAR + this.text().slice(0, Math.max(columns - 1, 0)));
  }

  text(): string {
    const { messages, sizeBytes, refused, partlySent, putOff, unknown, bad } = this.#counts;
    const { seconds } = this;
    const rate = seconds > 0 ? messages / seconds : 0;
    const faults: string[] = [];
    if (refused + partlySent > 0) faults.push(`${number(refused + partlySent)} refused`);
    if (putOff > 0) faults.push(`${number(putOff)} put off`);
    if (unknown > 0) faults.push(`${number(unknown)} unknown`);
    if (bad > 0) faults.push(`${number(bad)} bad`);
    return [
      `${number(messages)} messages`,
      bytes(sizeBytes),
      `${rate < 10 ? rate.toFixed(1) : number(Math.round(rate))}/s`,
      faults.length === 0 ? '0 refused' : faults.join(', '),
      this.#eta(),
    ]
      .filter((part) => part !== '')
      .join(' · ');
  }

  #eta(): string {
    const { totalBytes, readBytes, seconds } = this;
    if (totalBytes === undefined || readBytes === 0) return '';
    return `ETA ${duration((Math.max(totalBytes - readBytes, 0) / readBytes) * seconds)}`;
  }
}
