/** What the public types promise to a user. There is nothing to run: `npm run typecheck` fails when a promise is broken. */
import type {
  Bytes,
  CallOptions,
  Delivery,
  Envelope,
  EnvelopeOptions,
  EsmtpParams,
  Message,
  MessageError,
  MessageFields,
  PosthasteError,
  RecipientResult,
  Reply,
  Sendable,
  SendResult,
  SMTP,
  SMTPException,
  SMTPResponseException,
  SMTPServerDisconnected,
  Stage,
} from '../../src/index.js';

type Same<A, B> = [A, B] extends [B, A] ? true : false;
type Holds<T extends true> = T;

export type Promises = [
  // The unions that users switch over: a new member is a change of the surface.
  Holds<Same<Delivery, 'not-sent' | 'refused' | 'unknown'>>,
  Holds<Same<RecipientResult['status'], 'accepted' | 'refused' | 'unknown' | 'not-sent'>>,
  Holds<Same<Extract<Stage, 'final' | 'body'>, 'final' | 'body'>>,
  // A bad message never left, and sending it again is of no use: nothing to ask there.
  Holds<Same<MessageError['delivery'], 'not-sent'>>,
  Holds<Same<MessageError['retryable'], false>>,
  Holds<Same<SMTPResponseException['smtpCode'], number>>,
  // A result is complete: no field is undefined unless it says so.
  Holds<Same<SendResult['refused'], ReadonlyMap<string, Reply>>>,
  Holds<Same<SendResult['queueId'], string | undefined>>,
];

// `catch` by class reaches the same fields everywhere.
export const asPosthasteError = (error: SMTPException | MessageError): PosthasteError => error;
export const asException = (error: SMTPServerDisconnected | SMTPResponseException): SMTPException => error;

// Content in each of its forms.
export const contents: readonly Bytes[] = ['text', new Uint8Array(1), Buffer.from('x'), source, source()];
export const sendables = (message: Message): readonly Sendable[] => [message, new Uint8Array(1), source];
export const disposable = (client: SMTP): AsyncDisposable => client;
export const parameters: readonly EsmtpParams[] = [{ SIZE: 10, SMTPUTF8: true, BODY: '8BITMIME' }, ['SIZE=10']];

// What is given can be put together step by step.
export const fields: MessageFields = { from: 'ann@example.com' };
fields.to = ['bob@example.com'];
export const options: CallOptions & { envelopeOptions: EnvelopeOptions } = { envelopeOptions: {} };
options.envelopeOptions.resent = 'latest';

async function* source(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
}

export function results(envelope: Envelope, result: SendResult): void {
  // @ts-expect-error -- an envelope is a value: it does not change after it was given
  envelope.from = 'x@example.com';
  // @ts-expect-error -- a result is a value, too
  const recipients: RecipientResult[] = result.recipients;
  // @ts-expect-error -- a number of octets is no content
  const content: Bytes = 10;
  // @ts-expect-error -- a parameter without a value is `true`; `false` has no form on the wire
  const parameter: EsmtpParams = { SMTPUTF8: false };
  // @ts-expect-error -- a one-shot iterable has no header block to derive an envelope from
  const sendable: Sendable = source();
  use(sendable, recipients, content, parameter);
}

function use(...values: readonly unknown[]): void {
  values.forEach(String);
}
