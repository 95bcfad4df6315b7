// A consumer that is an ES module: every name it uses must be in the published types.
import {
  isPosthasteError,
  Message,
  messageFromFile,
  SMTP,
  SMTPException,
  SMTPRecipientsRefused,
  type Envelope,
  type SendResult,
  type SMTPOptions,
} from 'posthaste';
import { inspect, type Inspection } from 'posthaste/inspect';
import { script, ScriptedServer } from 'posthaste/testing';

export const envelope: Envelope = { from: 'a@example.com', to: ['b@example.com'] };
export const options: SMTPOptions = { host: '127.0.0.1', port: 2525, timeoutMs: { connect: 1_000 } };

export async function send(path: string): Promise<SendResult> {
  await using smtp = await SMTP.connect(options);
  const message = await messageFromFile(path);
  try {
    return await smtp.sendMessage(message, { from: 'a@example.com' });
  } catch (error) {
    if (error instanceof SMTPRecipientsRefused) throw new Error([...error.refused.keys()].join(', '), { cause: error });
    throw error;
  }
}

export const parsed: Envelope = Message.parse(new Uint8Array()).envelope({ resent: 'latest' });
export const code = (error: unknown): string | undefined => (isPosthasteError(error) ? error.code : undefined);
export const values = [script, ScriptedServer];
export class OwnError extends SMTPException {}
export class OwnClient extends SMTP {}
export const own: Promise<OwnClient> = OwnClient.connect('smtp://127.0.0.1');
export const inspected: Promise<Inspection> = inspect(new Uint8Array(), { maxSizeBytes: 1000 });
