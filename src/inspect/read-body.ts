/**
 * Texts and attachments, read by mailparser. One rule: it is given the body and the fields that describe it, after they have passed
 * the limits, and nothing of it is given out: the results are values of our own.
 */
import { Readable } from 'node:stream';
import type { AttachmentStream, MessageText } from 'mailparser';
import type { InspectedAttachment } from './inspection.js';
import { InspectError } from './inspect-error.js';
import { loadMailParser } from './load-mailparser.js';
import type { ResolvedOptions } from './inspect-options.js';

export interface ReadBody {
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly InspectedAttachment[];
}

const CHUNK_OCTETS = 65_536;

/**
 * @param fields the fields that describe the body, each with its line end, and the empty line.
 * @throws InspectError: `ERR_MAILPARSER_NOT_LOADED`, `ERR_INSPECTION_FAILED`, and the error that `stopped` rejects with.
 */
export async function readBody(
  fields: string,
  body: Buffer,
  limits: Pick<ResolvedOptions, 'maxParts'>,
  stopped: Promise<never>,
): Promise<ReadBody> {
  const { MailParser } = await Promise.race([loadMailParser(), stopped]);
  const settings = { ...SETTINGS, maxChildNodes: limits.maxParts };
  const parser = new MailParser(settings);
  const source = Readable.from(chunksOf(fields, body), { objectMode: false });
  const reading = new Promise<ReadBody>((resolve, reject) => {
    const attachments: InspectedAttachment[] = [];
    let texts: MessageText | undefined;
    const fail = (cause: unknown): void => {
      reject(
        new InspectError('the body of the message cannot be read', {
          code: 'ERR_INSPECTION_FAILED',
          hint: 'Its header fields can be read with Message.parse(). The cause says what the parser met.',
          cause,
        }),
      );
    };
    parser.on('data', (part: AttachmentStream | MessageText) => {
      if (part.type === 'text') {
        texts = part;
        return;
      }
      const chunks: Buffer[] = [];
      part.content.on('data', (chunk: Buffer) => chunks.push(chunk));
      part.content.on('error', fail);
      part.content.on('end', () => {
        attachments.push(attachmentOf(part, Buffer.concat(chunks)));
        part.release();
      });
    });
    parser.on('error', fail);
    parser.on('end', () => {
      resolve({ text: nonEmpty(texts?.text), html: nonEmpty(texts?.html), attachments });
    });
    source.on('error', fail);
    source.pipe(parser);
  });
  try {
    return await Promise.race([reading, stopped]);
  } finally {
    source.destroy();
    parser.destroy();
  }
}

/** HTML is neither made from text nor made into text, and attached messages stay closed. */
const SETTINGS = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  keepDeliveryStatus: true,
  ignoreEmbedded: true,
  maxHeadSize: 1_048_576,
  // The default is not there on every system (FIPS).
  checksumAlgo: 'sha256',
};

function* chunksOf(fields: string, body: Buffer): Generator<Buffer, void, undefined> {
  yield Buffer.from(fields, 'utf8');
  for (let start = 0; start < body.length; start += CHUNK_OCTETS) yield body.subarray(start, start + CHUNK_OCTETS);
}

function nonEmpty(text: unknown): string | undefined {
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function attachmentOf(part: AttachmentStream, content: Buffer): InspectedAttachment {
  const { contentType, contentDisposition, filename, cid } = part;
  // Without its angle brackets, as an attachment of Message.compose has it.
  return {
    content,
    contentType,
    parameters: parametersOf(part.headers.get('content-type')),
    disposition: contentDisposition === 'inline' ? 'inline' : 'attachment',
    filename: nonEmpty(filename),
    cid: nonEmpty(cid),
  };
}

function parametersOf(type: unknown): ReadonlyMap<string, string> {
  if (typeof type !== 'object' || type === null || !('params' in type)) return new Map();
  const { params } = type;
  if (typeof params !== 'object' || params === null) return new Map();
  return new Map(Object.entries(params).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
}
