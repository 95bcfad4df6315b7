/**
 * One transaction for one message: what the server must be able to do is checked in front of MAIL, the envelope and the
 * content go out, and the connection is left usable or closed, never in between.
 */
import { MessageTooLargeError, SMTPNotSupportedError } from '../errors.js';
import type { Content } from '../octets/content.js';
import { encodeCommand } from '../protocol/command.js';
import type { Extensions } from '../protocol/extensions.js';
import { Transaction, type Outcome } from '../protocol/transaction.js';
import type { Envelope, EsmtpParams, RecipientResult, SerializeOptions, Timing, Warning } from '../types.js';
import type { Limits } from './limits.js';
import type { Conversation } from './conversation.js';
import { formatParameters, hasParameter } from './parameters.js';
import type { Path } from './paths.js';

/** Options of one send. */
export interface CallOptions {
  /** Ends the send when it fires; the connection is destroyed if it had begun. */
  signal?: AbortSignal;
  /** How long the whole send may take, in milliseconds, the wait for its turn included. Default: no limit. */
  deadlineMs?: number;
  /** Parameters of MAIL (RFC 5321 section 4.1.1.11). What the server does not offer is refused, never dropped. */
  mailOptions?: EsmtpParams;
  /** Parameters of each RCPT, or a function that gives them. */
  rcptOptions?: EsmtpParams | ((recipient: string, index: number) => EsmtpParams);
  /** Sends nothing unless every recipient is accepted. Default false: those that are accepted get the message. */
  requireAllRecipients?: boolean;
  serializeOptions?: SerializeOptions;
  /**
   * Awaited after 354 and before the first octet of content: the moment to write down that the message is about to leave. Its
   * rejection ends the send as `not-sent`.
   */
  beforeContent?: (info: {
    readonly envelope: Envelope;
    readonly recipients: readonly RecipientResult[];
  }) => Promise<void>;
}

/** A message ready to go: addresses parsed, content made. */
export interface Shipment {
  readonly reversePath: Path;
  /** In the order given; one mailbox may stand there twice and is asked for once. */
  readonly forwardPaths: readonly Path[];
  readonly content: Content;
  readonly warnings: readonly Warning[];
}

export interface Shipped {
  readonly outcome: Outcome;
  readonly envelope: Envelope;
  readonly sizeBytes: number;
  readonly warnings: readonly Warning[];
  readonly timing: Timing;
}

/** Runs the transaction. Throws, with the session as it was, what is found in front of MAIL. */
export async function ship(
  conversation: Conversation,
  shipment: Shipment,
  options: CallOptions,
  limits: Limits,
): Promise<Shipped> {
  const { clock } = conversation.connection;
  clock.start();
  await conversation.introduce(limits);
  const { extensions } = conversation.hello;
  const { reversePath, content } = shipment;
  const distinct = distinctPaths(shipment.forwardPaths);
  const utf8 = needsUtf8(shipment, extensions);
  const parameters = mailParameters(shipment, extensions, utf8, options);
  const transaction = new Transaction({
    mail: encodeCommand(`MAIL FROM:${reversePath.text}${parameters}`, { utf8 }),
    recipients: distinct.paths.map((path, index) => ({
      address: path.address,
      command: encodeCommand(`RCPT TO:${path.text}${rcptParameters(path, index, options)}`, { utf8 }),
    })),
    data: encodeCommand('DATA'),
    pipelining: conversation.options.pipelining && extensions.has('pipelining'),
    finalReplies: conversation.dialect.finalReplies,
    requireAllRecipients: options.requireAllRecipients ?? false,
  });
  const envelope: Envelope = { from: reversePath.address, to: shipment.forwardPaths.map(({ address }) => address) };
  const { beforeContent } = options;
  const outcome = await conversation.run(
    transaction,
    {
      content,
      sevenBitOnly: content.eightBit === undefined && !extensions.has('8bitmime'),
      beforeContent:
        beforeContent && (() => beforeContent({ envelope, recipients: distinct.spread(transaction.recipients) })),
    },
    limits,
  );
  return {
    outcome: { ...outcome, recipients: distinct.spread(outcome.recipients) },
    envelope,
    sizeBytes: content.sizeBytes ?? 0,
    timing: clock.timing,
    warnings: [...shipment.warnings, ...charsetWarnings(content, utf8)],
  };
}

interface DistinctPaths {
  readonly paths: readonly Path[];
  /** From one result per path asked for to one per recipient given, by index. */
  spread(results: readonly RecipientResult[]): readonly RecipientResult[];
}

/** A mailbox is asked for once: local parts compared exactly, domains without case (RFC 5321 section 2.4). */
function distinctPaths(given: readonly Path[]): DistinctPaths {
  const positions = new Map<string, number>();
  const paths: Path[] = [];
  const positionOf = given.map((path) => {
    const at = path.text.lastIndexOf('@');
    const key = at === -1 ? path.text : path.text.slice(0, at) + path.text.slice(at).toLowerCase();
    const known = positions.get(key);
    if (known !== undefined) return known;
    positions.set(key, paths.length);
    paths.push(path);
    return paths.length - 1;
  });
  return {
    paths,
    spread: (results) =>
      given.flatMap(({ address }, index) => {
        const result = results[positionOf[index] ?? index];
        return result === undefined ? [] : [{ ...result, index, address }];
      }),
  };
}

/** RFC 6531 section 3.4: an address that is not ASCII needs SMTPUTF8; a header block in UTF-8 says so where it may. */
function needsUtf8(shipment: Shipment, extensions: Extensions): boolean {
  const path = [shipment.reversePath, ...shipment.forwardPaths].find((candidate) => candidate.needsUtf8);
  const offered = extensions.has('smtputf8');
  if (path !== undefined && !offered) {
    throw new SMTPNotSupportedError(
      `the address <${path.address}> is not ASCII, and the server does not offer SMTPUTF8`,
      {
        stage: 'mail',
        hint: 'Send through a server that offers SMTPUTF8 (RFC 6531), or use an ASCII address of this mailbox.',
      },
    );
  }
  return path !== undefined || (offered && shipment.content.headerCharset === 'utf-8');
}

function mailParameters(shipment: Shipment, extensions: Extensions, utf8: boolean, options: CallOptions): string {
  const { content } = shipment;
  const own: string[] = [];
  const given = options.mailOptions ?? [];
  const { sizeLimitBytes } = extensions;
  if (content.sizeBytes !== undefined && sizeLimitBytes !== undefined && content.sizeBytes > sizeLimitBytes) {
    throw new MessageTooLargeError(
      `the message has ${String(content.sizeBytes)} octets, and the server takes ${String(sizeLimitBytes)} at most`,
      {
        sizeBytes: content.sizeBytes,
        limitBytes: sizeLimitBytes,
        stage: 'mail',
        hint: 'Send smaller attachments, or links to them.',
      },
    );
  }
  if (content.sizeBytes !== undefined && extensions.has('size') && !hasParameter(given, 'SIZE')) {
    own.push(`SIZE=${String(content.sizeBytes)}`);
  }
  if (content.eightBit !== false && extensions.has('8bitmime') && !hasParameter(given, 'BODY'))
    own.push('BODY=8BITMIME');
  if (content.eightBit === true && !extensions.has('8bitmime')) {
    throw new SMTPNotSupportedError('the message has 8-bit octets, and the server does not offer 8BITMIME', {
      stage: 'mail',
      hint: 'Encode it as quoted-printable or base64; a raw message is not re-encoded here, as that would break its signatures.',
    });
  }
  if (utf8 && !hasParameter(given, 'SMTPUTF8')) own.push('SMTPUTF8');
  return formatParameters(own) + formatParameters(given);
}

function rcptParameters(path: Path, index: number, options: CallOptions): string {
  const { rcptOptions } = options;
  return formatParameters(typeof rcptOptions === 'function' ? rcptOptions(path.address, index) : (rcptOptions ?? []));
}

function charsetWarnings(content: Content, utf8: boolean): Warning[] {
  if (content.headerCharset === 'ascii' || utf8) return [];
  return [
    {
      code: 'WARN_EIGHT_BIT_HEADER',
      message: 'the header block has 8-bit octets and went out without SMTPUTF8; some readers will show them wrongly',
    },
  ];
}
