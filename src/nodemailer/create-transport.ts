/** Which transport the options ask for. */
import { Mailer } from '../index.js';
import { JsonTransport } from './json-transport.js';
import type { SendMailOptions } from './mail-types.js';
import { withUrlAndService } from './mailer-options.js';
import { configError } from './nodemailer-error.js';
import { isRecord, kindOf } from './own-keys.js';
import { SmtpTransport } from './smtp-transport.js';
import { StreamTransport } from './stream-transport.js';
import type {
  BufferSentInfo,
  JsonObjectSentInfo,
  JsonSentInfo,
  JsonTransportOptions,
  ReadableSentInfo,
  SentMessageInfo,
  SmtpSentInfo,
  SmtpTransportOptions,
  StreamTransportOptions,
  TransportOptions,
} from './transport-types.js';
import { Transporter } from './transporter.js';

/**
 * A transporter, as nodemailer's function of this name makes one: from a URL, such as `smtps://user:password@mail.example?pool=true`, or
 * options; `streamTransport: true` and `jsonTransport: true` send nothing. `defaults`: fields of every message that does not name them.
 *
 * Nothing is dialed before the first message.
 *
 * @throws NodemailerError: `ECONFIG`.
 */
export function createTransport(
  options: StreamTransportOptions & { readonly buffer: true },
  defaults?: SendMailOptions,
): Transporter<BufferSentInfo>;
export function createTransport(
  options: StreamTransportOptions,
  defaults?: SendMailOptions,
): Transporter<ReadableSentInfo>;
export function createTransport(
  options: JsonTransportOptions & { readonly skipEncoding: true },
  defaults?: SendMailOptions,
): Transporter<JsonObjectSentInfo>;
export function createTransport(options: JsonTransportOptions, defaults?: SendMailOptions): Transporter<JsonSentInfo>;
export function createTransport(options?: string | SmtpTransportOptions, defaults?: SendMailOptions): Transporter;
export function createTransport(
  given: string | TransportOptions = {},
  defaults: SendMailOptions = {},
): Transporter<SentMessageInfo> {
  if (typeof given !== 'string' && !isOptions(given)) {
    throw configError(
      `a transport is made from a URL or options, not from ${kindOf(given)}`,
      'Give { host, port, auth }.',
    );
  }
  if (given instanceof Mailer) {
    throw configError('a Mailer is no options', 'posthasteTransport(mailer) makes a transport for nodemailer of it.');
  }
  if (typeof given !== 'string' && typeof (given as { send?: unknown }).send === 'function') {
    throw configError(
      'transports of other makers are not run here',
      "They are made for nodemailer's own createTransport(); posthaste sends over SMTP itself.",
    );
  }
  if (typeof given !== 'string' && isStreaming(given)) {
    return new Transporter(() => new StreamTransport(given), given, defaults);
  }
  if (typeof given !== 'string' && isJson(given)) {
    return new Transporter(() => new JsonTransport(given), given, defaults);
  }
  const options = withUrlAndService(given);
  return new Transporter<SmtpSentInfo>(
    (transporter) =>
      new SmtpTransport(
        options,
        {
          provision: () => transporter.provisionCallback,
          onToken: (token) => transporter.emit('token', token),
        },
        transporter.logger,
      ),
    options,
    defaults,
  );
}

function isOptions(given: unknown): boolean {
  return isRecord(given);
}

function isStreaming(given: TransportOptions): given is StreamTransportOptions {
  return 'streamTransport' in given && isOn(given.streamTransport);
}

function isJson(given: TransportOptions): given is JsonTransportOptions {
  return 'jsonTransport' in given && isOn(given.jsonTransport);
}

/** It may be a word out of an environment. */
function isOn(value: unknown): boolean {
  return value === true || value === 1 || value === 'true';
}
