/** One message through nodemailer and through ours, each to a server of its own, and in what they differ. */
import nodemailer from 'nodemailer';
import { simpleParser } from 'mailparser';
import { decodeWords } from '../../src/index.js';
import { createTransport, type SendMailOptions, type SmtpTransportOptions } from '../../src/nodemailer/index.js';
import { ScriptedServer, type Behaviour, type ReceivedMessage } from '../../src/testing/index.js';

export interface Case {
  readonly name: string;
  /** Made anew for each of the two: streams can be read once. */
  readonly data: () => SendMailOptions;
  readonly behave?: Behaviour;
  readonly options?: SmtpTransportOptions;
  /** Options that only ours needs: what it does not do unasked. */
  readonly leave?: SmtpTransportOptions;
  /** What differs, by the names in docs/coming-from-nodemailer.md. */
  readonly differs?: readonly string[];
  /** What ours does where it differs. */
  readonly ours?: object;
}

/** What one side came to: the same words on both sides, so that they can be compared. */
export interface Outcome {
  readonly envelope: unknown;
  readonly headers: readonly string[];
  readonly tree: string;
  readonly contents: unknown;
  readonly info: Readonly<Record<string, unknown>>;
  readonly error: Readonly<Record<string, unknown>> | undefined;
}

type Send = (url: string, server: ScriptedServer) => Promise<unknown>;

export async function outcomes({
  data,
  behave = {},
  options = {},
  leave = {},
}: Case): Promise<readonly [Outcome, Outcome]> {
  const theirs = await outcomeOf(behave, async (url) => {
    const transport = nodemailer.createTransport({ url, ...options } as never);
    return await transport.sendMail(data() as never);
  });
  const ours = await outcomeOf(behave, async (url) => {
    await using transport = createTransport({ url, ...options, ...leave });
    return await transport.sendMail(data());
  });
  return [theirs, ours];
}

async function outcomeOf(behave: Behaviour, send: Send): Promise<Outcome> {
  await using server = await ScriptedServer.start({ behave }, { violations: 'record' });
  let info: Record<string, unknown> = {};
  let error: Record<string, unknown> | undefined;
  try {
    info = (await send(server.url, server)) as Record<string, unknown>;
  } catch (thrown) {
    error = thrown as Record<string, unknown>;
  }
  const message = server.messages.find(({ content }) => content.length > 0);
  return {
    envelope: message?.envelope ?? null,
    ...(message === undefined ? { headers: [], tree: '', contents: null } : await readMessage(message)),
    info: infoOf(info),
    error: error === undefined ? undefined : errorOf(error),
  };
}

async function readMessage({ content }: ReceivedMessage): Promise<Pick<Outcome, 'headers' | 'tree' | 'contents'>> {
  const parsed = await simpleParser(content, { skipImageLinks: true, skipTextToHtml: true, skipHtmlToText: true });
  return {
    headers: fieldsOf(content),
    tree: treeOf(content.toString('latin1')),
    contents: {
      text: parsed.text?.trimEnd(),
      // Chosen at random for pictures that were in the HTML.
      html: parsed.html === false ? undefined : withoutOwnCid(parsed.html).trimEnd(),
      attachments: parsed.attachments.map((attachment) => ({
        filename: attachment.filename,
        contentType: attachment.contentType,
        disposition: attachment.contentDisposition,
        cid: withoutOwnCid(attachment.cid ?? ''),
        content: attachment.content.toString('base64'),
      })),
    },
  };
}

function withoutOwnCid(text: string): string {
  return text.replace(/[\w-]+@localhost/g, 'own@localhost');
}

/** Made anew for each message, or chosen by each library for itself. */
const OWN = ['message-id', 'date', 'mime-version', 'content-type', 'content-transfer-encoding', 'content-disposition'];

function fieldsOf(content: Buffer): readonly string[] {
  const block = content.toString('utf8').split('\r\n\r\n', 1)[0] ?? '';
  return block
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .map((line) => {
      const colon = line.indexOf(':');
      const value = decodeWords(line.slice(colon + 1).trim());
      return `${line.slice(0, colon).toLowerCase()}: ${value.replace(/:\s+/g, ':')}`;
    })
    .filter((line) => !OWN.includes(line.split(':', 1)[0] ?? ''))
    .sort();
}

/** `mixed(alternative(text/plain,text/html),application/pdf)`. */
export function treeOf(part: string): string {
  const end = part.indexOf('\r\n\r\n');
  const head = (end === -1 ? part : part.slice(0, end)).replace(/\r\n(?=[ \t])/g, '');
  const type = /^content-type:\s*([^;\s]+)/im.exec(head)?.[1]?.toLowerCase() ?? 'text/plain';
  const boundary = /boundary="?([^"\r\n;]+)"?/i.exec(head)?.[1];
  if (!type.startsWith('multipart/') || boundary === undefined) return type;
  const inner = part
    .slice(end + 4)
    .split(`--${boundary}`)
    .slice(1, -1);
  return `${type.slice('multipart/'.length)}(${inner.map((one) => treeOf(one.replace(/^\r\n/, ''))).join(',')})`;
}

function infoOf(info: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const rejectedErrors = (info['rejectedErrors'] as readonly Record<string, unknown>[] | undefined)?.map(errorOf);
  const { accepted, rejected, envelope, response, ehlo } = info;
  const shapes = ['messageId', 'envelopeTime', 'messageTime', 'messageSize'].map((key) => typeof info[key]);
  // The left side is made anew for each message.
  const idDomain = typeof info['messageId'] === 'string' ? info['messageId'].replace(/^<[^@]+@/, '<') : undefined;
  return { accepted, rejected, envelope, response, ehlo, rejectedErrors, shapes, idDomain };
}

function errorOf(error: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { code, command, responseCode, response, permanent, recipient, rejected, originalCode, timeoutType } = error;
  const rejectedErrors = (error['rejectedErrors'] as readonly Record<string, unknown>[] | undefined)?.map(errorOf);
  return {
    code,
    command,
    responseCode,
    response,
    permanent,
    recipient,
    rejected,
    rejectedErrors,
    originalCode,
    timeoutType,
  };
}
