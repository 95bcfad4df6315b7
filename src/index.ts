/**
 * The public surface: explicit named exports. What is not here is internal and may change at any time. The one thing done
 * here is to give the pure message layer its clock, its randomness and the name of this host.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { bindMessageEnvironment } from './message/environment.js';
import { pooled } from './message/octet-pool.js';

let host: string | undefined;
bindMessageEnvironment({
  now: () => new Date(),
  randomBytes: pooled(randomBytes),
  // Asked for once: the answer comes from the system.
  hostname: () => (host ??= hostname()),
});

export {
  AmbiguousSenderError,
  InvalidAddressError,
  isPosthasteError,
  MessageError,
  MessageTooLargeError,
  MissingRecipientsError,
  MissingSenderError,
  MultipleResentSetsError,
  SMTPAbortedError,
  SMTPAuthenticationError,
  SMTPConnectError,
  SMTPDataError,
  SMTPDialError,
  SMTPException,
  SMTPHeloError,
  SMTPNotSupportedError,
  SMTPProtocolError,
  SMTPRecipientsRefused,
  SMTPResponseException,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  SMTPTimeoutError,
  SMTPTlsError,
} from './errors.js';
export type {
  MessageErrorOptions,
  PosthasteError,
  SMTPExceptionOptions,
  SMTPResponseExceptionOptions,
} from './errors.js';
export type {
  Bytes,
  Delivery,
  Envelope,
  EsmtpParams,
  HeaderFields,
  RecipientResult,
  Reply,
  SendResult,
  SerializeOptions,
  Stage,
  Timing,
  TlsInfo,
  Warning,
  WireEvent,
} from './types.js';
export { LMTP, LMTP_PORT } from './client/lmtp.js';
export { SMTP, SMTP_PORT } from './client/smtp.js';
export type { AuthOptions, LoginOptions } from './client/smtp.js';
export { SMTP_SSL, SMTP_SSL_PORT } from './client/smtp-ssl.js';
export type { AuthObject, Credentials, Token } from './client/credentials.js';
export type { SMTPOptions } from './client/options.js';
export type { Sendable, SendMessageOptions } from './client/send-message.js';
export type { CallOptions } from './client/sendmail.js';
export { prepareSend } from './client/prepare-send.js';
export type { PreparedSend, PrepareSendOptions } from './client/prepare-send.js';
export { signDkim } from './client/sign-message.js';
export type { DebugLevel } from './client/trace.js';
export type { DkimKey } from './dkim/dkim-key.js';
export { DEFAULT_SIGNED_FIELDS } from './dkim/signed-fields.js';
export type { AnomalyTrace, ConnectTrace, ErrorTrace, SendTrace, ServerTrace } from './mailer/diagnostics.js';
export { Mailer } from './mailer/mailer.js';
export type { CloseOptions, SendAllOptions } from './mailer/mailer.js';
export type { MailerOptions } from './mailer/mailer-options.js';
export type { RetryOptions } from './mailer/retry.js';
export type { SendOutcome } from './mailer/send-all.js';
export { fileAttachment } from './files/file-attachment.js';
export type { FileAttachmentOptions } from './files/file-attachment.js';
export { messageFromFile } from './files/message-from-file.js';
export type { MessageFromFileOptions } from './files/message-from-file.js';
export type { Connector } from './io/dial.js';
export type { Target } from './io/target.js';
export type { TlsMode, TlsOptions } from './io/tls-options.js';
export { parseAddressList, formatMailbox, quoteaddr } from './message/address.js';
export type { AddressListOptions } from './message/address.js';
export { decodeWords } from './message/decode-words.js';
export type { EnvelopeExplanation, EnvelopeOptions, EnvelopeSource } from './message/envelope.js';
export { Message } from './message/message.js';
export type { Attachment, MessageFields } from './message/message-fields.js';
export type { ParsedAddress, ParsedAddressField, ParsedAttachment, ParsedMail } from './message/parsed-mail.js';
export type { ResendFields } from './message/resend.js';
export type { AddressInput, Group, Mailbox } from './message/mailbox.js';
export type { DsnOptions } from './protocol/dsn-params.js';
export { CRLF, quotedata } from './protocol/body.js';
