/**
 * The one choke point for commands: every octet that is sent outside of DATA and of the answers of AUTH passes here, and a
 * control character or a line end never does. Nothing is stripped; what does not fit is refused.
 */
import { MessageError } from '../errors.js';

/** RFC 4954 section 4 allows AUTH lines of this length, CRLF included; no other command needs more. */
export const MAX_COMMAND_OCTETS = 12_288;

/**
 * RFC 4954 section 4: an answer to a challenge may be as long as its mechanism makes it, whatever the limit of command lines.
 * Tokens that carry many claims are longer than such a line.
 */
export const MAX_AUTH_ANSWER_OCTETS = 65_536;

export interface Command {
  /** In upper case, as the session table knows it. */
  readonly verb: string;
  /** The whole line with its CRLF, ready to be encoded as UTF-8, with its group at once. */
  readonly line: string;
  /** Of the encoded line. */
  readonly sizeOctets: number;
  /** What logs may show: the line, or for a secret one its verb, a known mechanism, and the word `(secret)`. */
  readonly text: string;
}

export interface CommandOptions {
  /** SMTPUTF8 (RFC 6531) was declared for this transaction: octets above 127 may be sent. Default false. */
  readonly utf8?: boolean;
  /** The line holds a credential, and logs must not show it. Default false. */
  readonly secret?: boolean;
}

/** Of a secret line, this much may be shown. */
const KNOWN_MECHANISM =
  /^AUTH (?:SCRAM-SHA-(?:1|256)(?:-PLUS)?|CRAM-MD5|PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|EXTERNAL)(?=$| )/;

const RCPT_TO = 'RCPT TO:<';

const VERB = /^[A-Za-z][A-Za-z0-9-]*(?=$| )/;
// eslint-disable-next-line no-control-regex -- finding controls is the purpose
const CONTROL = /[\u0000-\u001f\u007f]/;
const PRINTABLE = /^[ -~]*$/;
/** All of it but the line end is printable ASCII: nothing needs a closer look. */
const PRINTABLE_LINE = /^[ -~]*\r\n$/;
// eslint-disable-next-line no-control-regex -- as above
const NON_ASCII = /[^\u0000-\u007f]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Encodes one command line; CRLF is added. Throws MessageError on a control character (0x00-0x1F, 0x7F), on a line
 * that does not begin with a verb, on non-ASCII text without `utf8`, and on more than MAX_COMMAND_OCTETS.
 */
export function encodeCommand(line: string, options: CommandOptions = {}): Command {
  const whole = `${line}\r\n`;
  const isPlain = PRINTABLE_LINE.test(whole) || checkText(line, options);
  const verb = VERB.exec(line)?.[0].toUpperCase();
  if (verb === undefined) {
    throw new MessageError(`a command begins with a verb, such as NOOP; ${shown(line, options)} does not`, {
      code: 'ERR_INVALID_COMMAND',
      hint: 'Give the verb first, and its arguments behind one space.',
    });
  }
  const sizeOctets = sizeOf(line, MAX_COMMAND_OCTETS, isPlain);
  if (options.secret !== true) return new OpenCommand(verb, whole, sizeOctets);
  return { verb, line: whole, sizeOctets, text: `${KNOWN_MECHANISM.exec(line)?.[0] ?? verb} (secret)` };
}

/** One of which logs may show the whole line: few of them are ever shown. */
class OpenCommand implements Command {
  readonly verb: string;
  readonly line: string;
  readonly sizeOctets: number;

  constructor(verb: string, line: string, sizeOctets: number) {
    this.verb = verb;
    this.line = line;
    this.sizeOctets = sizeOctets;
  }

  get text(): string {
    return this.line.slice(0, -2);
  }
}

/**
 * The line `RCPT TO:<mailbox>` with its parameters, each of them with a space in front. As `encodeCommand()`, for the command that a
 * message may have by the thousand: what no caller's text can change is not looked at again and again.
 */
export function encodeRcpt(mailbox: string, parameters: string, options: CommandOptions = {}): Command {
  const isPlain = PRINTABLE.test(mailbox) && (parameters === '' || PRINTABLE.test(parameters));
  const command = new RcptCommand(mailbox, parameters === '' ? '>\r\n' : `>${parameters}\r\n`);
  return isPlain && command.sizeOctets <= MAX_COMMAND_OCTETS ? command : encodeCommand(command.text, options);
}

/** In ASCII. Its line is made when it is written, of as few pieces as can be. */
class RcptCommand implements Command {
  readonly #mailbox: string;
  /** What is behind the mailbox. */
  readonly #end: string;

  constructor(mailbox: string, end: string) {
    this.#mailbox = mailbox;
    this.#end = end;
  }

  // eslint-disable-next-line @typescript-eslint/class-literal-property-style -- a field would be in each of thousands
  get verb(): string {
    return 'RCPT';
  }

  get line(): string {
    return RCPT_TO + this.#mailbox + this.#end;
  }

  get sizeOctets(): number {
    return RCPT_TO.length + this.#mailbox.length + this.#end.length;
  }

  get text(): string {
    return this.line.slice(0, -2);
  }
}

/** The octets of a group of commands. */
export function encodeGroup(commands: readonly Command[]): Buffer {
  let lines = '';
  let octets = 0;
  for (const { line, sizeOctets } of commands) {
    lines += line;
    octets += sizeOctets;
  }
  // As many octets as characters: that is ASCII.
  return Buffer.from(lines, lines.length === octets ? 'latin1' : 'utf8');
}

/** Encodes an answer to a 334 challenge (RFC 4954): base64, `*`, or an empty line. It is always a secret. */
export function encodeAuthAnswer(answer: string): Command {
  const line = `${answer}\r\n`;
  const isPlain = PRINTABLE_LINE.test(line) || checkText(answer, { secret: true });
  const sizeOctets = sizeOf(answer, MAX_AUTH_ANSWER_OCTETS, isPlain);
  return { verb: 'AUTH', line, sizeOctets, text: answer === '*' ? '*' : '(secret)' };
}

function sizeOf(line: string, maxOctets: number, isPlain: boolean): number {
  const octets = (isPlain ? line.length : Buffer.byteLength(line)) + 2;
  if (octets <= maxOctets) return octets;
  throw new MessageError(`a command line of ${String(octets)} octets is over the limit of ${String(maxOctets)}`, {
    code: 'ERR_COMMAND_TOO_LONG',
    hint: 'Shorten its arguments.',
  });
}

/** Throws what a line may not hold; one that is not printable ASCII to its end comes here. */
function checkText(line: string, options: CommandOptions): false {
  const control = CONTROL.exec(line);
  if (control !== null) {
    const name = `0x${control[0].charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`;
    throw new MessageError(
      `the control character ${name} at position ${String(control.index)} may not stand in a command: ${shown(line, options)}`,
      {
        code: 'ERR_CONTROL_IN_COMMAND',
        hint: 'Line ends and control characters could start a second command; remove them where the value comes from.',
      },
    );
  }
  if ((options.utf8 !== true && NON_ASCII.test(line)) || LONE_SURROGATE.test(line)) {
    throw new MessageError(`non-ASCII text may not stand in this command: ${shown(line, options)}`, {
      code: 'ERR_NON_ASCII_COMMAND',
      hint: 'Only addresses may be non-ASCII, and only after SMTPUTF8 (RFC 6531) was declared with MAIL.',
    });
  }
  return false;
}

function shown(line: string, options: CommandOptions): string {
  return options.secret === true ? '(secret)' : JSON.stringify(line.length > 200 ? `${line.slice(0, 200)}...` : line);
}
