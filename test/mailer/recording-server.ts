/**
 * A server as a Duplex that records each write of the client as one entry, and answers what came in one write with one write
 * of its own, a turn of the event loop later: one entry, one round trip.
 */
import { Duplex } from 'node:stream';

export interface RecordingOptions {
  /** Keywords of the EHLO reply. Default: PIPELINING. */
  readonly extensions?: readonly string[];
  readonly lmtp?: boolean;
  /** The reply to a command line, or to `.` for a content and `BDAT ...` for a chunk; undefined: the usual one. `''`: none. */
  readonly answer?: (line: string, server: RecordingServer) => string | undefined;
  /** Replies are kept back until `release()`. */
  readonly holding?: boolean;
  /** How replies are cut: the lengths of the pieces, each in a turn of its own. */
  readonly cut?: (reply: Buffer) => readonly Buffer[];
  /** The server reads one write only when the test calls `readOn()`. */
  readonly slow?: boolean;
  /** The server takes so many octets behind the greeting, answers them, and closes. */
  readonly dropAfter?: number;
}

type Callback = (error?: Error | null) => void;

/** Nothing may follow these before their reply (RFC 2920 section 3.1). */
const LAST_OF_GROUP = /^(?:EHLO|LHLO|DATA|NOOP|QUIT|VRFY|EXPN|STARTTLS|AUTH)\b/i;

export class RecordingServer extends Duplex {
  /** Each write of the client, several chunks that came together as one. */
  readonly writes: string[] = [];
  readonly commands: string[] = [];
  readonly messages: string[] = [];
  /** Commands behind which the client spoke too early. */
  readonly earlyTalk: string[] = [];
  /** How many times the server answered: one for each round trip. */
  answers = 0;
  holding: boolean;
  #options: RecordingOptions;
  #unread = Buffer.alloc(0);
  #phase: 'command' | 'content' | { chunk: number; last: boolean } = 'command';
  #content = '';
  #accepted = 0;
  #taken = 0;
  #owed: string[] = [];
  #scheduled = false;
  readonly #unfinished: Callback[] = [];

  constructor(options: RecordingOptions = {}) {
    super({ allowHalfOpen: false });
    this.#options = options;
    this.holding = false;
    this.on('error', () => undefined);
    this.say('220 recording ESMTP');
    this.holding = options.holding ?? false;
  }

  /** Says something that nobody asked for, or answers later. */
  say(...lines: readonly string[]): void {
    this.#owed.push(...lines.filter((line) => line !== ''));
    this.#schedule();
  }

  /** Lets go what was kept back, and answers from now on. */
  release(): void {
    this.holding = false;
    this.#schedule();
  }

  readOn(): void {
    for (const done of this.#unfinished.splice(0)) done();
  }

  /** Behaves otherwise from now on. */
  become(options: RecordingOptions): void {
    this.#taken = 0;
    this.#options = { ...this.#options, ...options };
  }

  override _read(): void {
    // Replies are pushed when they are made.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Callback): void {
    this.#take([chunk], done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Callback): void {
    this.#take(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: Callback): void {
    this.push(null);
    done();
  }

  #take(chunks: readonly Buffer[], done: Callback): void {
    const octets = Buffer.concat(chunks);
    this.writes.push(octets.toString('latin1'));
    const room = this.#options.dropAfter ?? Infinity;
    this.#unread = Buffer.concat([this.#unread, octets.subarray(0, Math.max(0, room - this.#taken))]);
    this.#taken += octets.length;
    this.#work();
    if (this.#taken >= room) setImmediate(() => setImmediate(() => this.push(null)));
    if (this.#options.slow === true) this.#unfinished.push(done);
    else done();
  }

  #schedule(): void {
    if (this.#scheduled || this.holding) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.holding || this.destroyed) return;
      const reply = Buffer.from(
        this.#owed
          .splice(0)
          .map((line) => `${line}\r\n`)
          .join(''),
        'latin1',
      );
      if (reply.length === 0) return;
      this.answers += 1;
      void this.#sendPieces(this.#options.cut?.(reply) ?? [reply]);
    });
  }

  async #sendPieces(pieces: readonly Buffer[]): Promise<void> {
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await new Promise((resolve) => setImmediate(resolve));
      if (!this.destroyed && piece.length > 0) this.push(piece);
    }
  }

  #work(): void {
    for (;;) {
      if (typeof this.#phase === 'object') {
        const { chunk, last } = this.#phase;
        if (this.#unread.length < chunk) return;
        this.#content += this.#unread.toString('latin1', 0, chunk);
        this.#unread = this.#unread.subarray(chunk);
        this.#phase = 'command';
        this.#answer(`BDAT ${String(chunk)}${last ? ' LAST' : ''}`);
        if (last) this.#endMessage();
        continue;
      }
      const end = this.#unread.indexOf('\r\n');
      if (end === -1) return;
      const line = this.#unread.toString('latin1', 0, end);
      this.#unread = this.#unread.subarray(end + 2);
      if (this.#phase === 'content') {
        if (line === '.') {
          this.#phase = 'command';
          this.#answer('.');
          this.#endMessage();
        } else {
          this.#content += `${line.startsWith('.') ? line.slice(1) : line}\r\n`;
        }
        continue;
      }
      this.commands.push(line);
      if (LAST_OF_GROUP.test(line) && this.#unread.length > 0) this.earlyTalk.push(line);
      const bdat = /^BDAT (\d+)( LAST)?$/.exec(line);
      if (bdat !== null && this.#options.answer?.(line, this)?.startsWith('5') !== true) {
        this.#phase = { chunk: Number(bdat[1]), last: bdat[2] !== undefined };
        continue;
      }
      this.#answer(line);
    }
  }

  #endMessage(): void {
    this.messages.push(this.#content);
    this.#content = '';
  }

  #answer(line: string): void {
    const reply = this.#options.answer?.(line, this) ?? this.#usual(line);
    if (reply.startsWith('354')) this.#phase = 'content';
    if (/^RCPT/i.test(line) && reply.startsWith('2')) this.#accepted += 1;
    if (/^(?:MAIL|RSET|EHLO)/i.test(line)) this.#accepted = 0;
    this.say(reply);
  }

  #usual(line: string): string {
    const verb = line.split(' ', 1)[0]?.toUpperCase();
    switch (verb) {
      case 'EHLO':
      case 'LHLO':
        return ['recording', ...(this.#options.extensions ?? ['PIPELINING'])]
          .map((text, index, all) => `250${index === all.length - 1 ? ' ' : '-'}${text}`)
          .join('\r\n');
      case 'DATA':
        return '354 go on';
      case 'QUIT':
        return '221 bye';
      case 'BDAT':
        return line.endsWith(' LAST') ? this.#queued() : '250 chunk';
      case '.':
        return this.#queued();
      default:
        return '250 ok';
    }
  }

  #queued(): string {
    return Array.from({ length: this.#options.lmtp === true ? this.#accepted : 1 }, () => '250 2.0.0 queued').join(
      '\r\n',
    );
  }
}
