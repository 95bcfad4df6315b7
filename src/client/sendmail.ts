/**
 * One transaction for one message: what the server must be able to do is checked in front of MAIL, the envelope and the
 * content go out, and the connection is left usable or closed, never in between.
 */
import type { DkimKey } from '../dkim/dkim-key.js';
import { SMTPNotSupportedError } from '../errors.js';
import type { EnvelopeOptions } from '../message/envelope.js';
import type { Content } from '../octets/content.js';
import { encodeCommand, encodeRcpt } from '../protocol/command.js';
import type { DsnOptions } from '../protocol/dsn-params.js';
import type { ParameterSession } from '../protocol/esmtp-params.js';
import type { Extensions } from '../protocol/extensions.js';
import { Transaction, type Outcome } from '../protocol/transaction.js';
import type { Envelope, EsmtpParams, RecipientResult, SerializeOptions, Warning } from '../types.js';
import type { Conversation } from './conversation.js';
import { distinctPaths } from './distinct-paths.js';
import type { ContentPlan, Flight } from './flight.js';
import type { Limits } from './limits.js';
import {
  contentFor,
  declaresBinary,
  mailParameters,
  parseWanted,
  rcptParameters,
  type WantedParameters,
} from './mail-parameters.js';
import { mailboxOf, type Path } from './paths.js';
import { StageClock, type OpenTiming } from './stage-clock.js';

/** Options of one send. */
export interface CallOptions {
  /** Ends the send when it fires; the connection is destroyed if it had begun. */
  signal?: AbortSignal;
  /** How long the whole send may take, in milliseconds, the wait for its turn included. Default: no limit. */
  deadlineMs?: number;
  /** Parameters of MAIL (RFC 5321 section 4.1.1.11). What the server does not offer is refused, never dropped. */
  mailOptions?: EsmtpParams;
  /** Parameters of each RCPT, or a function that gives them; `index` is that of the recipient in the list, as in the results. */
  rcptOptions?: EsmtpParams | ((recipient: string, index: number) => EsmtpParams);
  /** Asks for delivery status notifications (RFC 3461). */
  dsn?: DsnOptions;
  /** Asks that the message travels over verified TLS all the way (REQUIRETLS, RFC 8689). Default false. */
  requireTls?: boolean;
  /** Sends nothing unless every recipient is accepted. Default false: those that are accepted get the message. */
  requireAllRecipients?: boolean;
  /** How `sendMessage()` reads the envelope from the message. */
  envelopeOptions?: EnvelopeOptions;
  serializeOptions?: SerializeOptions;
  /** Signs what `sendMessage()` sends (DKIM, RFC 6376), once for each key. `sendmail()` refuses it. */
  dkim?: DkimKey | readonly DkimKey[];
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
  readonly timing: OpenTiming;
}

/** A message that was planned for a connection, and what its outcome is to be made of. */
export interface Planned extends Flight {
  /** What became of it, in terms of the recipients as they were given. */
  shipped(outcome: Outcome): Shipped;
}

export interface PlanOptions {
  readonly pipelining: boolean;
  /** RSET goes in front of MAIL. */
  readonly reset: boolean;
  /** How the content goes. Default `dot`. */
  readonly framing?: NonNullable<ContentPlan['framing']>;
  readonly bdatProven?: (() => boolean) | undefined;
  /** What the options ask for, where it was read from them already. */
  readonly wanted?: WantedParameters;
}

/** Runs the transaction. Throws, with the session as it was, what is found in front of MAIL. */
export async function ship(
  conversation: Conversation,
  shipment: Shipment,
  options: CallOptions,
  limits: Limits,
): Promise<Shipped> {
  const wanted = parseWanted(options);
  const clock = new StageClock();
  clock.start();
  conversation.connection.clock = clock;
  await conversation.introduce(limits);
  const pipelining = conversation.options.pipelining && conversation.extensions.has('pipelining');
  const flight = planFlight(conversation, shipment, options, { pipelining, reset: false, wanted }, limits, clock);
  return flight.shipped(await conversation.run(flight));
}

/**
 * Plans the transaction of a message on a connection whose server was greeted. Throws, before anything is written, what the
 * server cannot do, and what the session has no place for.
 */
export function planFlight(
  conversation: Conversation,
  given: Shipment,
  options: CallOptions,
  planOptions: PlanOptions,
  limits: Limits,
  clock: StageClock,
): Planned {
  const { wanted = parseWanted(options), framing = 'dot', bdatProven } = planOptions;
  const content = contentFor(given.content, wanted.mail, conversation.extensions);
  const shipment = content === given.content ? given : { ...given, content };
  const smtpUtf8 = needsSmtpUtf8(shipment, conversation.extensions);
  const distinct = distinctPaths(shipment.forwardPaths);
  const asked = byPlace(wanted, distinct.places);
  const transaction = plan(conversation, shipment, distinct.paths, asked, smtpUtf8, options, planOptions);
  const declared7Bit = wanted.mail.some(({ keyword, value }) => keyword === 'BODY' && value?.toUpperCase() === '7BIT');
  const { beforeContent } = options;
  return {
    transaction,
    plan: {
      content,
      sevenBitOnly:
        content.eightBit === undefined &&
        (declared7Bit || !conversation.extensions.has('8bitmime')) &&
        !declaresBinary(wanted.mail),
      beforeContent:
        beforeContent &&
        (() => beforeContent({ envelope: envelopeOf(shipment), recipients: distinct.spread(transaction.recipients) })),
      framing,
      bdatProven,
    },
    limits,
    clock,
    shipped: ({ recipients, failure, finalReply, after }) => ({
      outcome: { recipients: distinct.spread(recipients), failure, finalReply, after },
      envelope: envelopeOf(shipment),
      sizeBytes: content.sizeBytes ?? 0,
      timing: clock.timing,
      warnings: shipment.warnings.concat(charsetWarnings(content, smtpUtf8)),
    }),
  };
}

/** The caller's function knows each recipient by the place at which it was given. */
function byPlace(wanted: WantedParameters, places: readonly number[] | undefined): WantedParameters {
  if (places === undefined) return wanted;
  return { mail: wanted.mail, rcpt: (recipient, index) => wanted.rcpt(recipient, places[index] ?? index) };
}

function envelopeOf({ reversePath, forwardPaths }: Shipment): Envelope {
  return { from: reversePath.address, to: forwardPaths.map(({ address }) => address) };
}

/** The transaction, with every command of it encoded and every parameter held against what the server offers. */
function plan(
  conversation: Conversation,
  { reversePath, content }: Shipment,
  paths: readonly Path[],
  wanted: WantedParameters,
  smtpUtf8: boolean,
  options: CallOptions,
  { pipelining, reset, framing = 'dot' }: PlanOptions,
): Transaction {
  const { extensions } = conversation;
  checkLimits(paths, extensions);
  const session: ParameterSession = {
    offers: extensions,
    verifiedTls: conversation.tls?.authorized ?? false,
    smtpUtf8,
  };
  const utf8 = { utf8: smtpUtf8 };
  return new Transaction({
    reset: reset ? encodeCommand('RSET') : undefined,
    // Not in the middle of a transaction that the caller began by hand.
    mail: conversation.prepare(
      `MAIL FROM:${reversePath.text}${mailParameters(content, wanted.mail, extensions, session, framing !== 'dot')}`,
      utf8,
    ),
    recipients: paths.map((path, index) => {
      const { address } = path;
      const parameters = rcptParameters(wanted.rcpt(address, index), session);
      return { address, command: encodeRcpt(mailboxOf(path), parameters, utf8) };
    }),
    data: framing === 'dot' ? encodeCommand('DATA') : undefined,
    unasked: framing === 'unasked',
    pipelining,
    finalReplies: conversation.dialect.finalReplies,
    requireAllRecipients: options.requireAllRecipients ?? false,
  });
}

/** RFC 9422: what the server announces is not overstepped. One transaction is run here, so a longer list is an error. */
function checkLimits(paths: readonly Path[], extensions: Extensions): void {
  const { recipients, recipientDomains } = extensions.limits;
  if (recipients !== undefined && paths.length > recipients) throw tooMany('recipients', paths.length, recipients);
  if (recipientDomains === undefined) return;
  const domains = new Set(paths.map(({ text }) => text.slice(text.lastIndexOf('@')).toLowerCase()));
  if (domains.size > recipientDomains) {
    throw tooMany('domains of recipients', domains.size, recipientDomains);
  }
}

function tooMany(what: string, count: number, limit: number): SMTPNotSupportedError {
  return new SMTPNotSupportedError(
    `${String(count)} ${what} were given, and the server takes ${String(limit)} at a time`,
    {
      code: 'ERR_TOO_MANY_RECIPIENTS',
      stage: 'mail',
      hint: 'Send to them in several calls (LIMITS, RFC 9422).',
    },
  );
}

/** RFC 6531 section 3.4: an address that is not ASCII needs SMTPUTF8; a header block in UTF-8 says so where it may. */
function needsSmtpUtf8(shipment: Shipment, extensions: Extensions): boolean {
  const { reversePath, forwardPaths } = shipment;
  const path = reversePath.needsUtf8 ? reversePath : forwardPaths.find((candidate) => candidate.needsUtf8);
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

function charsetWarnings(content: Content, utf8: boolean): Warning[] {
  if (content.headerCharset === 'ascii' || utf8) return [];
  return [
    {
      code: 'WARN_EIGHT_BIT_HEADER',
      message: 'the header block has 8-bit octets and went out without SMTPUTF8; some readers will show them wrongly',
    },
  ];
}
