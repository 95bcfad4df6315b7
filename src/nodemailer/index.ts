/** `posthaste/nodemailer`: what programs written for nodemailer call, with this library below. */
import { createTransport } from './create-transport.js';

export { createTransport };
export type { CompiledMessage, ProcessFunction } from './compiled-message.js';
export type { ContentCallback, DataCallback, MailMessage } from './mail-message.js';
export type {
  ContentSource,
  ListEntry,
  MailAddress,
  MailAddresses,
  MailAlternative,
  MailAttachment,
  MailAuth,
  MailCalendarEvent,
  MailDkim,
  MailDkimKey,
  MailDsn,
  MailEnvelope,
  MailHeader,
  MailHeaders,
  MailHeaderValue,
  MailList,
  MailText,
  PreparedHeader,
  ProvisionCallback,
  SendMailOptions,
} from './mail-types.js';
export { NodemailerError } from './nodemailer-error.js';
export type { ErrorCode, NodemailerErrorOptions, TimeoutType } from './nodemailer-error.js';
export { posthasteTransport } from './posthaste-transport.js';
export type { ForeignMail, PosthasteTransport } from './posthaste-transport.js';
export { serviceNames } from './services.js';
export type { Log, Logger, LogLevel } from './logger.js';
export type { CloseOptions } from './transport.js';
export type { PluginCallback, PluginFunction, SendMailCallback, Transporter } from './transporter.js';
export type {
  BufferSentInfo,
  CommonOptions,
  ExternalLogger,
  InfoEnvelope,
  JsonObjectSentInfo,
  JsonSentInfo,
  JsonTransportOptions,
  ReadableSentInfo,
  SentMessageInfo,
  SmtpSentInfo,
  SmtpTransportOptions,
  StreamSentInfo,
  StreamTransportOptions,
  TransportOptions,
} from './transport-types.js';

/** As with nodemailer, `import nodemailer from 'posthaste/nodemailer'` gives an object with the function. */
export default { createTransport };
