/** Programs of nodemailer's users print the same, and have the same sent, with ours in its place. */
import nodemailer from 'nodemailer';
import { createTransport } from '../../src/nodemailer/index.js';
import { ScriptedServer, type ReceivedMessage } from '../../src/testing/index.js';
import { treeOf } from './compared.js';
import { programs, type World } from './programs.js';

const BEHAVIOUR = {
  extensions: ['PIPELINING', '8BITMIME', 'AUTH PLAIN'],
  accounts: { ann: 'secret' },
  on: { 'RCPT:<no@example.com>': '550 5.1.1 no', 'RCPT:<nobody@example.com>': '551 5.1.6 moved' },
} as const;

async function ran(program: (world: World) => Promise<void>, create: typeof createTransport): Promise<unknown> {
  await using server = await ScriptedServer.start({ behave: BEHAVIOUR }, { violations: 'record' });
  const printed: string[] = [];
  const print = (...words: readonly unknown[]): void => {
    printed.push(JSON.stringify(words).replace(/T\d+-\d+/g, 'queue'));
  };
  await program({ createTransport: create, url: server.url, port: server.port, print });
  const sent = server.messages
    .filter(({ outcome }) => outcome === 'queued')
    .map((message) => ({
      envelope: message.envelope,
      tree: treeOf(message.content.toString('latin1')),
      fields: fieldsOf(message),
    }))
    .sort((one, other) => String(one.envelope.to).localeCompare(String(other.envelope.to)));
  return { printed, sent };
}

const MADE_ANEW = ['message-id', 'date', 'content-type', 'content-transfer-encoding'];

function fieldsOf({ content }: ReceivedMessage): readonly string[] {
  const block = content.toString().split('\r\n\r\n', 1)[0] ?? '';
  return block
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()))
    .filter((line) => !MADE_ANEW.includes(line.split(':', 1)[0] ?? ''))
    .sort();
}

it.each(Object.entries(programs))('%s', async (_name, program) => {
  const theirs = await ran(program, nodemailer.createTransport as unknown as typeof createTransport);
  const ours = await ran(program, createTransport);
  expect(ours).toEqual(theirs);
  expect(JSON.stringify(ours)).toContain('example.com');
});
