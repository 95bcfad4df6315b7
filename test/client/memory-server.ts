/**
 * A small SMTP server as a Duplex, for `connector`: no socket, so that a test knows to the octet what the client handed over
 * and when the connection broke.
 */
import { Duplex } from 'node:stream';

export interface MemoryServerOptions {
  /** The lines of the EHLO reply behind the first. */
  readonly extensions?: readonly string[];
  /** The connection breaks once the server has taken this many octets; what is behind them is never seen. */
  readonly dropAfterOctets?: number;
  /** The connection breaks once the client was given this many octets of replies. */
  readonly dropAfterReplyOctets?: number;
  /** `close`: the stream ends in order. `reset`: it fails with ECONNRESET. */
  readonly drop?: 'close' | 'reset';
  /** Answers LHLO, and the content once per accepted recipient. */
  readonly lmtp?: boolean;
  /** Replies by verb; `final` is that to the content, and none where it is empty. */
  readonly replies?: Readonly<Record<string, string>>;
  /** How many octets the stream takes before it is congested. Default: Node's. */
  readonly highWaterMark?: number;
  /** While true the server takes nothing, as one that reads slowly. */
  readonly stalled?: boolean;
}

export class MemoryServer extends Duplex {
  /** All that the client handed over, taken by the server or not. */
  handed = Buffer.alloc(0);
  /** What the server took. */
  taken = Buffer.alloc(0);
  /** The messages whose end the server saw. */
  readonly messages: string[] = [];
  readonly #options: MemoryServerOptions;
  #unread = '';
  #inContent = false;
  #recipients = 0;
  #said = 0;
  #dropped = false;
  #continue: (() => void) | undefined;

  constructor(options: MemoryServerOptions = {}) {
    super({ ...(options.highWaterMark === undefined ? {} : { writableHighWaterMark: options.highWaterMark }) });
    this.#options = options;
    this.on('error', () => undefined);
    setImmediate(() => {
      this.#say(this.#options.replies?.['greeting'] ?? '220 memory ESMTP');
    });
  }

  /** The moment from which on the message may have been delivered: its last octet was handed over. */
  get endHanded(): boolean {
    const text = this.handed.toString('latin1');
    const data = text.indexOf('DATA\r\n');
    return data !== -1 && text.includes('\r\n.\r\n', data);
  }

  override write(...args: [chunk: unknown, ...rest: unknown[]]): boolean {
    const [chunk] = args;
    if (chunk instanceof Uint8Array && !this.destroyed) this.handed = Buffer.concat([this.handed, chunk]);
    return (super.write as (...all: unknown[]) => boolean).apply(this, args);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.#options.stalled === true) {
      this.#continue = callback;
      return;
    }
    const room = (this.#options.dropAfterOctets ?? Infinity) - this.taken.length;
    const part = chunk.subarray(0, Math.max(0, room));
    this.taken = Buffer.concat([this.taken, part]);
    this.#unread += part.toString('latin1');
    this.#work();
    if (part.length < chunk.length || this.taken.length >= (this.#options.dropAfterOctets ?? Infinity)) this.#drop();
    callback();
  }

  override _read(): void {
    // Replies are pushed when they are made.
  }

  override _final(callback: (error?: Error | null) => void): void {
    callback();
    this.push(null);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#dropped = true;
    this.#continue?.();
    callback(error);
  }

  /** Breaks the connection now. */
  #drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    if (this.#options.drop === 'reset') {
      this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    } else {
      this.push(null);
    }
  }

  #say(...lines: readonly string[]): void {
    if (this.#dropped || this.destroyed) return;
    const octets = Buffer.from(lines.map((line) => `${line}\r\n`).join(''));
    const room = (this.#options.dropAfterReplyOctets ?? Infinity) - this.#said;
    const part = octets.subarray(0, Math.max(0, room));
    this.#said += part.length;
    if (part.length > 0) this.push(part);
    if (part.length < octets.length) this.#drop();
  }

  #work(): void {
    for (;;) {
      const end = this.#inContent ? /(?:^|\r\n)\.\r\n/.exec(this.#unread) : /\r\n/.exec(this.#unread);
      if (end === null) return;
      const text = this.#unread.slice(0, end.index);
      this.#unread = this.#unread.slice(end.index + end[0].length);
      if (this.#inContent) this.#endContent(text);
      else this.#command(text);
    }
  }

  #endContent(text: string): void {
    this.#inContent = false;
    this.messages.push(text);
    const reply = this.#options.replies?.['final'] ?? '250 2.0.0 queued as MEM1';
    if (reply === '') return;
    const times = this.#options.lmtp === true ? this.#recipients : 1;
    this.#say(...Array.from({ length: times }, () => reply));
  }

  #command(line: string): void {
    const verb = (/^[A-Za-z]*/.exec(line)?.[0] ?? '').toUpperCase();
    const chosen = this.#options.replies?.[verb];
    if ((verb === 'EHLO' || verb === 'LHLO') && chosen === undefined) {
      const lines = ['memory', ...(this.#options.extensions ?? [])];
      this.#say(...lines.map((text, index) => `250${index === lines.length - 1 ? ' ' : '-'}${text}`));
      return;
    }
    if (verb === 'MAIL') this.#recipients = 0;
    if (verb === 'RCPT') this.#recipients += 1;
    const ordinary = verb === 'DATA' ? '354 go on' : verb === 'QUIT' ? '221 bye' : '250 ok';
    const reply = chosen ?? ordinary;
    this.#inContent = verb === 'DATA' && reply.startsWith('354');
    this.#say(reply);
  }
}
