/** Code that is typed for nodemailer compiles against ours. There is nothing to run: `npm run typecheck` fails when it does not. */
import type {
  SendMailOptions as TheirMail,
  SMTPPoolOptions,
  SMTPSentMessageInfo,
  SMTPTransportOptions,
  Transport,
  Transporter as Theirs,
} from 'nodemailer';
import nodemailer from 'nodemailer';
import ours, {
  createTransport,
  posthasteTransport,
  type BufferSentInfo,
  type MailMessage,
  type NodemailerError,
  type SendMailOptions,
  type SmtpSentInfo,
  type Transporter,
} from '../../src/nodemailer/index.js';

// A message that is typed by nodemailer is one of ours.
export const mail = (given: TheirMail): SendMailOptions => given;

// So are its options, but for those that are not offered.
export const options = (
  given: Pick<SMTPTransportOptions, 'host' | 'port' | 'secure' | 'auth' | 'tls' | 'logger'>,
): Transporter => createTransport(given);
export const pool = (given: Pick<SMTPPoolOptions, 'pool' | 'maxConnections' | 'rateLimit'>): Transporter =>
  ours.createTransport(given);

// What a function of the caller's wants of a transporter, in nodemailer's types, ours has.
type Sends = Pick<Theirs, 'isIdle' | 'close' | 'getVersionString' | 'set' | 'get'>;
export const sends = (given: Transporter): Sends => given;
export const info = async (given: Transporter): Promise<SMTPSentMessageInfo> => {
  const { result, ...told } = await given.sendMail({});
  use(result);
  return { ...told, envelope: { ...told.envelope } };
};

// The object for nodemailer's own createTransport is a transport by its types.
export const plugin: Transport = posthasteTransport('smtp://localhost');
export const composed = nodemailer.createTransport(posthasteTransport('smtp://localhost'));

export async function results(): Promise<void> {
  const stream: BufferSentInfo = await createTransport({ streamTransport: true, buffer: true }).sendMail({});
  const json: string = (await createTransport({ jsonTransport: true }).sendMail({})).message;
  const object: Record<string, unknown> = (
    await createTransport({ jsonTransport: true, skipEncoding: true }).sendMail({})
  ).message;
  const transport = createTransport('smtp://localhost', { from: 'ann@example.org' });
  const sent: SmtpSentInfo = await transport.sendMail({
    to: ['bob@example.org', { name: 'Eve', address: 'eve@example.org' }],
  });
  const errors: readonly NodemailerError[] | undefined = sent.rejectedErrors;
  transport.sendMail({}, (error, told) => {
    use(error?.message, told.accepted);
  });
  transport.use('compile', (message: MailMessage, done) => {
    message.data['html'] = '<p>Hello</p>';
    done();
  });
  // @ts-expect-error -- a number is no address
  const wrong: SendMailOptions = { to: 7 };
  // @ts-expect-error -- a result without the whole message
  use(sent.message);
  use(stream, json, object, errors, wrong);
}

function use(...values: readonly unknown[]): void {
  values.forEach(String);
}
