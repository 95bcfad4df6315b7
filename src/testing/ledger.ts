/**
 * Keeps the books of one connection: which command is owed a reply, which transaction is open, what became of each message.
 * It draws its conclusions from the bytes of both sides alone, so that a script and a behaviour are recorded alike.
 */
import type { Reply } from '../index.js';
import { commandViolations, contentViolations, unstuff } from './content.js';
import { quote, showLine } from './escapes.js';
import type {
  ConnectionRecord,
  Ending,
  MessageOutcome,
  ReceivedCommand,
  ReceivedMessage,
  ReceivedRecipient,
  Totals,
  Writable,
} from './records.js';
import type { Violation, ViolationKind } from './content.js';
import { parsePath } from './path.js';
import { isPositive, ReplyReader } from './reply-text.js';
import type { Addressee } from './server-step.js';

const crlf = Buffer.from('\r\n');

/** How an ending stands in a transcript. */
const endingLine: Readonly<Record<Exclude<Ending, 'open'>, string>> = {
  'by-client': 'C: (close)',
  'reset-by-client': 'C: (close)',
  'by-server': 'S: (close)',
  'reset-by-server': 'S: (reset)',
  'at-shutdown': '# the server was stopped',
};

interface Book extends Writable<Omit<ConnectionRecord, 'commands' | 'reads' | 'messages' | 'violations' | 'log'>> {
  readonly commands: Writable<ReceivedCommand>[];
  readonly reads: Buffer[];
  readonly messages: Writable<ReceivedMessage>[];
  readonly violations: Violation[];
  readonly log: string[];
}

export interface Transaction {
  readonly from: string;
  readonly parameters: readonly string[];
  readonly recipients: Writable<ReceivedRecipient>[];
  reply: Reply | undefined;
  /** Whether BDAT has begun: DATA is out of order then (RFC 3030 section 2). */
  chunked: boolean;
}

type Owed =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'command'; readonly command: Writable<ReceivedCommand>; readonly before: Transaction | undefined }
  | {
      readonly kind: 'final';
      readonly message: Writable<ReceivedMessage>;
      readonly recipient: Writable<ReceivedRecipient> | undefined;
    };

export interface LedgerOptions {
  readonly protocol: 'smtp' | 'lmtp';
  readonly keep: boolean;
  readonly totals: Writable<Totals>;
  readonly onMessage: ((message: ReceivedMessage) => void) | undefined;
}

export class Ledger {
  readonly record: Book;
  readonly #options: LedgerOptions;
  readonly #replies = new ReplyReader();
  readonly #owed: Owed[] = [{ kind: 'greeting' }];
  readonly #ahead: Reply[] = [];
  readonly #unreported = new Set<ReceivedMessage>();
  #lastReply: Reply | undefined;
  #reads = 0;

  /** The verb of the last accepted EHLO, HELO or LHLO. */
  hello: string | undefined;
  /** The extensions last announced, each line in upper case as far as its first blank. */
  extensions: readonly string[] = [];
  authenticated = false;
  transaction: Transaction | undefined;
  /** The message whose content is being received. */
  message: Writable<ReceivedMessage> | undefined;
  /** DATA was answered with 354: what follows is content. */
  contentIsDue = false;
  lastCommand: ReceivedCommand | undefined;
  /** Whether a transaction was open when the last command came. */
  inTransaction = false;

  constructor(number: number, options: LedgerOptions) {
    this.#options = options;
    this.record = {
      number,
      commands: [],
      reads: [],
      messages: [],
      violations: [],
      log: [],
      ending: 'open',
      tls: false,
      tlsError: undefined,
    };
    options.totals.connections += 1;
  }

  /** The reply that was last given in turn; undefined when the last output held none. */
  takeLastReply(): Reply | undefined {
    const reply = this.#lastReply;
    this.#lastReply = undefined;
    return reply;
  }

  offers(extension: string): boolean {
    return this.extensions.some((line) => line.split(' ')[0] === extension);
  }

  read(bytes: Buffer): void {
    if (this.#options.keep) this.record.reads.push(bytes);
    this.#reads += 1;
  }

  note(text: string): void {
    if (this.#options.keep) this.record.log.push(text);
  }

  ended(ending: Exclude<Ending, 'open'>): void {
    if (this.record.ending !== 'open') return;
    this.record.ending = ending;
    this.note(endingLine[ending]);
  }

  violation(violation: Violation): void {
    this.#options.totals.violations += 1;
    if (this.#options.keep) this.record.violations.push(violation);
  }

  earlyTalk(behind: string, bytes: number): void {
    const kind: ViolationKind = 'early-talk';
    this.violation({ kind, where: 'command', offset: 0, detail: `${String(bytes)} octets behind ${behind}` });
  }

  /** A whole line arrived. `response` marks the answer to a challenge of AUTH, which is no command. */
  command(line: Buffer, response = false): ReceivedCommand {
    for (const violation of commandViolations(line)) this.violation(violation);
    const text = line.subarray(0, line.length - (line.at(-2) === 13 ? 2 : 1));
    this.note(`C: ${showLine(text)}`);
    const whole = text.toString('utf8');
    const [, verb = '', argument = ''] = /^(\S*)\s*(.*)$/s.exec(whole) ?? [];
    const command: Writable<ReceivedCommand> = {
      line: whole,
      verb: response ? '' : verb.toUpperCase(),
      argument: response ? whole : argument,
      reply: undefined,
      readIndex: this.#reads - 1,
      tls: this.record.tls,
    };
    this.#options.totals.commands += 1;
    if (this.#options.keep) this.record.commands.push(command);
    this.lastCommand = command;
    const before = this.transaction;
    this.inTransaction = before !== undefined;
    this.#open(command);
    this.#owed.push({ kind: 'command', command, before });
    const early = this.#ahead.shift();
    if (early !== undefined) this.#credit(early);
    return command;
  }

  /** A transaction opens with its command, not with its reply: a pipelining client does not wait for the reply. */
  #open(command: ReceivedCommand): void {
    if (command.verb !== 'MAIL' && command.verb !== 'RCPT') return;
    const path = parsePath(command.argument);
    if (path === undefined) return;
    if (command.verb === 'MAIL') {
      this.transaction = {
        from: path.address,
        parameters: path.parameters,
        recipients: [],
        reply: undefined,
        chunked: false,
      };
    } else {
      this.transaction?.recipients.push({ ...path, reply: undefined, final: undefined });
    }
  }

  /** Bytes that the server sends. Each reply that they complete goes to the one it is for. */
  sent(bytes: Buffer, addressee: Addressee): void {
    const whole = this.#replies.partial === '' && bytes.subarray(-2).equals(crlf);
    const { replies, lines } = this.#replies.push(bytes);
    const said = whole ? lines.map((line) => showLine(Buffer.from(line))) : [quote(bytes)];
    for (const text of said) this.note(addressee === 'in-turn' ? `S: ${text}` : `S: (${addressee} ${text})`);
    for (const reply of replies) {
      if (addressee === 'in-turn') this.#credit(reply);
      else if (addressee === 'early') this.#ahead.push(reply);
    }
  }

  #credit(reply: Reply): void {
    const owed = this.#owed.shift();
    if (owed === undefined) return;
    this.#lastReply = reply;
    if (owed.kind === 'final') {
      if (owed.recipient !== undefined) owed.recipient.final = reply;
      this.#settle(owed.message, reply);
    } else if (owed.kind === 'command') {
      owed.command.reply = reply;
      this.#apply(owed.command, reply, owed.before);
    }
  }

  #apply(command: ReceivedCommand, reply: Reply, before: Transaction | undefined): void {
    const positive = isPositive(reply);
    switch (command.verb) {
      case 'EHLO':
      case 'LHLO':
      case 'HELO':
        if (!positive) return;
        this.hello = command.verb;
        this.extensions =
          command.verb === 'HELO' ? [] : reply.lines.slice(1).map((line) => line.replace(/^\S+/, upper));
        this.transaction = undefined;
        return;
      case 'RSET':
        if (positive) this.transaction = undefined;
        return;
      case 'MAIL':
        if (positive && this.transaction !== undefined) this.transaction.reply = reply;
        else if (!positive) this.transaction = before;
        return;
      case 'RCPT': {
        const recipient = this.transaction?.recipients.find((one) => one.reply === undefined);
        if (recipient !== undefined && parsePath(command.argument) !== undefined) recipient.reply = reply;
        return;
      }
      case 'DATA':
        this.contentIsDue = reply.code === 354;
        return;
      case 'AUTH':
      case '':
        if (reply.code === 235) this.authenticated = true;
        return;
      default:
    }
  }

  /** What was not answered by now will not be: the next reply is that of the next command. */
  answered(): void {
    this.#owed.length = 0;
  }

  /** After STARTTLS nothing of the time before counts (RFC 3207 section 4.2). */
  upgraded(): void {
    this.record.tls = true;
    this.hello = undefined;
    this.extensions = [];
    this.authenticated = false;
    this.transaction = undefined;
    this.note('S: (starttls)');
  }

  beginContent(framing: 'data' | 'bdat'): Writable<ReceivedMessage> {
    const { from = '', parameters = [], recipients = [] } = this.transaction ?? {};
    const accepted = recipients.filter((recipient) => isPositive(recipient.reply));
    const message: Writable<ReceivedMessage> = {
      envelope: { from, to: accepted.map((recipient) => recipient.address) },
      parameters,
      recipients,
      framing,
      content: Buffer.alloc(0),
      raw: Buffer.alloc(0),
      outcome: 'incomplete',
      reply: undefined,
      violations: [],
    };
    this.message = message;
    this.contentIsDue = false;
    this.#options.totals.incomplete += 1;
    if (this.#options.keep) this.record.messages.push(message);
    return message;
  }

  /** The content is over: at its end, or because the client is gone. */
  endContent(raw: Buffer, complete: boolean): void {
    const message = this.message ?? this.beginContent('data');
    const declared = message.parameters.map((parameter) => parameter.toUpperCase());
    const eightBitAllowed = declared.some((word) => /^(?:BODY=(?:8BITMIME|BINARYMIME)|SMTPUTF8)$/.test(word));
    message.raw = raw;
    message.content = message.framing === 'data' ? unstuff(raw, complete) : raw;
    message.violations = contentViolations(raw, { framing: message.framing, eightBitAllowed });
    for (const violation of message.violations) this.violation(violation);
    if (complete && message.framing === 'data') this.note('C: <content>');
    this.note(`# ${String(raw.length)} octets of content${complete ? '' : ', which is incomplete'}`);
    this.message = undefined;
    this.transaction = undefined;
    this.#unreported.add(message);
    if (!complete) return;
    this.#count(message, 'unanswered');
    // The last chunk of BDAT is a command whose reply is that of the content.
    if (message.framing === 'bdat' && this.#owed.at(-1)?.kind === 'command') this.#owed.pop();
    const accepted = message.recipients.filter((recipient) => isPositive(recipient.reply));
    const lmtp = this.#options.protocol === 'lmtp';
    for (const recipient of lmtp ? accepted : [undefined]) this.#owed.push({ kind: 'final', message, recipient });
    for (let reply = this.#ahead.shift(); reply !== undefined; reply = this.#ahead.shift()) this.#credit(reply);
  }

  /** Nothing more will happen to the messages of this connection. */
  close(): void {
    for (const message of this.#unreported) this.#report(message);
  }

  #report(message: ReceivedMessage): void {
    if (this.#unreported.delete(message)) this.#options.onMessage?.(message);
  }

  #settle(message: Writable<ReceivedMessage>, reply: Reply): void {
    message.reply = reply;
    if (isPositive(reply)) this.#count(message, 'queued');
    else if (reply.code >= 400 && message.outcome === 'unanswered') this.#count(message, 'refused');
    if (!this.#owed.some((owed) => owed.kind === 'final' && owed.message === message)) this.#report(message);
  }

  #count(message: Writable<ReceivedMessage>, outcome: MessageOutcome): void {
    this.#options.totals[message.outcome] -= 1;
    this.#options.totals[outcome] += 1;
    message.outcome = outcome;
  }
}

function upper(text: string): string {
  return text.toUpperCase();
}
