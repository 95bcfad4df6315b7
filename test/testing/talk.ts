/** A session with an ordinary server, one command at a time. */
import { type Behaviour, ScriptedServer, type ScriptedServerOptions } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

export async function talk(
  behave: Behaviour,
  lines: readonly string[],
  options: ScriptedServerOptions = {},
): Promise<{ replies: string[]; server: ScriptedServer }> {
  await using server = await ScriptedServer.start({ behave }, options);
  await using client = await RawClient.connect(server);
  const replies = [await client.reply()];
  for (const line of lines) replies.push(await client.say(line));
  return { replies, server };
}

export const codes = (replies: readonly string[]): number[] => replies.map((reply) => Number(reply.slice(0, 3)));

export const hello = 'EHLO me';
export const mail = 'MAIL FROM:<a@x>';
export const rcpt = 'RCPT TO:<b@x>';
export const message = 'Subject: hi\r\n\r\n..dot\r\n.';
