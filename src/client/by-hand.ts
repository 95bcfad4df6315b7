/**
 * A transaction that the caller runs verb by verb: what MAIL declared and whom RCPT accepted is remembered here, because the
 * content's answers are counted by it (RFC 2033 section 4.2).
 */
import { SMTPNotSupportedError } from '../errors.js';
import type { Content } from '../octets/content.js';
import { encodeCommand, type Command } from '../protocol/command.js';
import { formatEsmtpParams, requireOffered, type EsmtpParam } from '../protocol/esmtp-params.js';
import { isSuccess } from '../protocol/reply.js';
import { Transaction } from '../protocol/transaction.js';
import type { Reply } from '../types.js';
import type { Conversation } from './conversation.js';
import type { Limits } from './limits.js';
import type { Path } from './paths.js';
import { exceptionOf } from './settle.js';
import { StageClock } from './stage-clock.js';

const ENDS_TRANSACTION: ReadonlySet<string> = new Set(['MAIL', 'RSET', 'EHLO', 'HELO', 'LHLO', 'QUIT', 'STARTTLS']);

export class ByHand {
  readonly #conversation: Conversation;
  #sender = '';
  #accepted: string[] = [];
  #smtpUtf8 = false;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** Nothing is open any more. */
  forget(): void {
    this.#sender = '';
    this.#accepted = [];
    this.#smtpUtf8 = false;
  }

  async mail(path: Path, params: readonly EsmtpParam[], limits: Limits): Promise<Reply> {
    const smtpUtf8 = params.some(({ keyword }) => keyword === 'SMTPUTF8');
    const reply = await this.#envelopeCommand('MAIL', path, params, smtpUtf8, limits);
    this.forget();
    this.#sender = path.address;
    this.#smtpUtf8 = smtpUtf8;
    return reply;
  }

  async rcpt(path: Path, params: readonly EsmtpParam[], limits: Limits): Promise<Reply> {
    const reply = await this.#envelopeCommand('RCPT', path, params, this.#smtpUtf8, limits);
    if (isSuccess(reply)) this.#accepted.push(path.address);
    return reply;
  }

  /** DATA, the content, and the final reply (the last one, with LMTP). */
  async data(content: Content, limits: Limits): Promise<Reply> {
    const conversation = this.#conversation;
    const transaction = new Transaction({
      mail: encodeCommand('MAIL'),
      recipients: this.#accepted.map((address) => ({ address, command: encodeCommand('RCPT') })),
      data: conversation.prepare('DATA'),
      pipelining: false,
      finalReplies: conversation.dialect.finalReplies,
      requireAllRecipients: false,
      envelopeGiven: true,
    });
    const plan = { content, sevenBitOnly: false, beforeContent: undefined };
    const outcome = await conversation.run({ transaction, plan, limits, clock: new StageClock() });
    const { failure, finalReply } = outcome;
    const isBroken = failure?.kind === 'lost' || failure?.kind === 'protocol';
    if (finalReply !== undefined && !isBroken) return finalReply;
    throw exceptionOf(outcome, this.#sender);
  }

  /** A command that was sent some other way, by docmd() or putcmd(). */
  heard({ verb, text }: Command, reply: Reply): void {
    if (ENDS_TRANSACTION.has(verb)) this.forget();
    if (verb === 'MAIL' && isSuccess(reply)) this.#smtpUtf8 = / SMTPUTF8(?: |$)/i.test(text);
    if (verb === 'RCPT' && isSuccess(reply)) this.#accepted.push(/<([^<>]*)>/.exec(text)?.[1] ?? text);
  }

  async #envelopeCommand(
    verb: 'MAIL' | 'RCPT',
    path: Path,
    params: readonly EsmtpParam[],
    smtpUtf8: boolean,
    limits: Limits,
  ): Promise<Reply> {
    const stage = verb === 'MAIL' ? 'mail' : 'rcpt';
    const { extensions, tls } = this.#conversation;
    if (path.needsUtf8 && !smtpUtf8) {
      const message = `the address <${path.address}> is not ASCII, and SMTPUTF8 was not declared with MAIL`;
      throw new SMTPNotSupportedError(message, {
        stage,
        hint: "Declare it: mail(sender, ['SMTPUTF8']), when the server offers it (RFC 6531).",
      });
    }
    requireOffered(params, { offers: extensions, verifiedTls: tls?.authorized ?? false, smtpUtf8 }, verb);
    const line = `${verb} ${verb === 'MAIL' ? 'FROM' : 'TO'}:${path.text}${formatEsmtpParams(params)}`;
    return await this.#conversation.exchange(line, stage, limits, { utf8: smtpUtf8 });
  }
}
