/**
 * A transport for nodemailer's own createTransport(): nodemailer composes, and its octets are sent by a Mailer, with nodemailer's
 * envelope. One rule: the octets are those of nodemailer but for what may never leave: Bcc fields, and line ends that are none.
 */
import { Mailer, Message, type MailerOptions, type SendMessageOptions } from '../index.js';
import { callOptionsOf } from './call-options.js';
import { EhloLines } from './ehlo-lines.js';
import { configError, toNodemailerError } from './nodemailer-error.js';
import { sendInfoOf } from './send-info.js';
import { settled } from './settled.js';
import type { SmtpSentInfo } from './transport-types.js';
import { VERSION } from './version.js';

/** What is needed of nodemailer's message. */
export interface ForeignMail {
  readonly data: object;
  readonly message: {
    getEnvelope(): { readonly from?: unknown; readonly to?: unknown };
    messageId(): string;
    build(callback: (error: Error | null, octets: Buffer) => void): unknown;
  };
}

export interface PosthasteTransport {
  readonly name: string;
  readonly version: string;
  /** An AbortSignal of a message ends its sending here too. */
  readonly supportsAbortSignal: true;
  send(mail: ForeignMail, callback: (error: Error | null, info?: SmtpSentInfo) => void): void;
  verify(): Promise<true>;
  verify(callback: (error: Error | null, success?: true) => void): undefined;
  /** Of a Mailer that was given, nothing is closed: it is its owner's. */
  close(): void;
  isIdle(): boolean;
}

/**
 * `target`: a Mailer, its URL, or its options.
 *
 * @throws NodemailerError: `ECONFIG`.
 */
export function posthasteTransport(target: Mailer | string | MailerOptions): PosthasteTransport {
  const ehlo = new EhloLines();
  const isOwn = !(target instanceof Mailer);
  const mailer = isOwn ? made(target, ehlo) : target;
  let pending = 0;
  return {
    name: 'posthaste',
    version: VERSION,
    supportsAbortSignal: true,
    send(mail, callback) {
      pending += 1;
      void settled(
        sent(mail, mailer, ehlo).finally(() => {
          pending -= 1;
        }),
        callback,
      );
    },
    verify: ((callback?: (error: Error | null, success?: true) => void) =>
      settled(verified(mailer), callback)) as PosthasteTransport['verify'],
    close() {
      if (isOwn) void mailer.close();
    },
    isIdle: () => pending === 0,
  };
}

function made(target: string | MailerOptions, ehlo: EhloLines): Mailer {
  if (typeof target !== 'string' && !isObject(target)) {
    throw configError(
      'a transport is made from a Mailer, a URL or options',
      "Give posthasteTransport('smtps://user:password@host').",
    );
  }
  const beside = typeof target === 'string' ? undefined : target.onWire;
  const onWire: MailerOptions['onWire'] = (event) => {
    ehlo.see(event);
    beside?.(event);
  };
  try {
    return new Mailer(target, { onWire });
  } catch (error) {
    throw toNodemailerError(error);
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

async function verified(mailer: Mailer): Promise<true> {
  try {
    await mailer.verify();
    return true;
  } catch (error) {
    throw toNodemailerError(error);
  }
}

async function sent({ data, message }: ForeignMail, mailer: Mailer, ehlo: EhloLines): Promise<SmtpSentInfo> {
  try {
    const { from, to } = message.getEnvelope();
    const messageId = message.messageId();
    const octets = await new Promise<Buffer>((resolve, reject) => {
      message.build((error, built) => {
        if (error === null) resolve(built);
        else reject(error);
      });
    });
    const options: SendMessageOptions = {
      ...callOptionsOf(data as Readonly<Record<string, unknown>>),
      from: typeof from === 'string' ? from : '',
      to: Array.isArray(to) ? (to as readonly string[]) : [],
    };
    return sendInfoOf(await mailer.send(Message.parse(octets), options), messageId, ehlo.lines);
  } catch (error) {
    throw toNodemailerError(error);
  }
}
