/** `posthaste inspect`: what a message is, before anybody sends it. It is read once, from its first octet to its last. */
import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import {
  isPosthasteError,
  Message,
  type EnvelopeExplanation,
  type EnvelopeOptions,
  type Warning,
} from '../../index.js';
import type { Arguments } from '../command.js';
import { CliError, unreadable } from '../cli-error.js';
import { EXIT_CODES, mostUrgent, type ExitName } from '../exit-codes.js';
import { exitOfError } from '../exit-of-error.js';
import { hintFor } from '../hints.js';
import { PIPE_LIMIT_BYTES } from '../input.js';
import type { Io } from '../io.js';
import { withoutPasswords } from '../one-line.js';
import { errorLine } from '../report.js';
import { errorJson } from '../report-json.js';
import { filesOf, messageOptions, STANDARD_INPUT } from '../send-settings.js';
import { dkimFields, type DkimField } from './dkim-fields.js';
import type { Inspected } from './inspected.js';
import { inspectionText } from './inspection-text.js';
import { MimeTreeReader, type MimeFindings, type MimePart } from './mime-tree.js';

/** A header block ends within so many octets, or is refused. */
const HEADER_OCTETS = 1_048_576 + 65_536;

export async function inspect(given: Arguments, io: Io): Promise<ExitName> {
  const files = filesOf(given.operands, io);
  const { envelopeOptions } = messageOptions(given);
  const exits: ExitName[] = [];
  for (const file of files) {
    if (io.finish.aborted) break;
    try {
      const found = await inspectFile(file, envelopeOptions, io);
      await io.stdout.write(given.has('json') ? `${JSON.stringify(jsonOf(found))}\n` : inspectionText(found));
    } catch (error) {
      if (error instanceof CliError && error.exit === 'cannot-write') throw error;
      if (hasFired(io.finish)) break;
      const shown = unreadable(error);
      const exit = exitOfError(shown);
      exits.push(exit);
      await io.stderr.write(errorLine(file, shown));
      if (given.has('json')) {
        await io.stdout.write(
          `${JSON.stringify({ file: withoutPasswords(file), exitCode: EXIT_CODES[exit].code, error: errorJson(shown) })}\n`,
        );
      }
    }
  }
  if (io.finish.aborted) exits.push('interrupted');
  return mostUrgent(exits);
}

/** Asked anew: it may have fired while something was awaited. */
function hasFired({ aborted }: AbortSignal): boolean {
  return aborted;
}

async function inspectFile(file: string, options: EnvelopeOptions, io: Io): Promise<Inspected> {
  const source: Readable = file === STANDARD_INPUT ? io.stdin : createReadStream(file, { highWaterMark: 256 * 1024 });
  const reader = new MimeTreeReader();
  const head: Buffer[] = [];
  let headOctets = 0;
  let sizeBytes = 0;
  for await (const chunk of addAbortSignal(io.finish, source) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (file === STANDARD_INPUT && sizeBytes > PIPE_LIMIT_BYTES) {
      throw new CliError('bad-message', `the input is larger than ${String(PIPE_LIMIT_BYTES)} octets`);
    }
    reader.push(chunk);
    if (headOctets < HEADER_OCTETS) head.push(chunk);
    headOctets += chunk.length;
  }
  const findings = reader.end();
  const message = Message.parse(Buffer.concat(head));
  let explanation: EnvelopeExplanation | undefined;
  let envelopeError: Inspected['envelopeError'];
  try {
    explanation = message.explainEnvelope(options);
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    envelopeError = { message: error.message, hint: hintFor(error) };
  }
  const signatures = dkimFields(message.headers);
  const warnings = [
    ...message.warnings,
    ...(explanation?.warnings ?? []),
    ...fieldWarnings(message),
    ...contentWarnings(findings),
    ...signatures.flatMap(signatureWarnings),
  ];
  return { file, explanation, envelopeError, findings, signatures, warnings };
}

/** RFC 5322 section 3.6: what a message must have, or may have once. */
function fieldWarnings({ headers }: Message): Warning[] {
  const warnings: Warning[] = [];
  for (const header of ['Date', 'From', 'Message-ID']) {
    if (!headers.has(header))
      warnings.push({ code: 'WARN_MISSING_FIELD', message: `it has no ${header} field`, header });
  }
  const date = headers.get('Date');
  if (date !== undefined && Number.isNaN(Date.parse(date.replaceAll(/\([^()]*\)/g, ' ')))) {
    warnings.push({ code: 'WARN_BAD_DATE', message: 'its Date field cannot be read as a date', header: 'Date' });
  }
  return warnings;
}

function contentWarnings(findings: MimeFindings): Warning[] {
  const warnings: Warning[] = findings.faults.map((message) => ({ code: 'WARN_MIME_STRUCTURE', message }));
  const { eightBitBody, longLines, longestLine, nulOctets, bareLineEnds, root } = findings;
  if (eightBitBody > 0 && !declaresEightBit(root)) {
    const message = `it has ${String(eightBitBody)} octets above 127, and no Content-Transfer-Encoding that says so`;
    warnings.push({ code: 'WARN_UNDECLARED_EIGHT_BIT', message });
  } else if (eightBitBody > 0) {
    warnings.push({ code: 'WARN_EIGHT_BIT', message: 'its content is 8-bit: it needs a server with 8BITMIME' });
  }
  if (longLines > 0) {
    const message = `it has ${String(longLines)} lines of more than 998 octets, the longest of ${String(longestLine)}`;
    warnings.push({ code: 'WARN_LONG_LINES', message });
  }
  if (nulOctets > 0)
    warnings.push({ code: 'WARN_NUL', message: `it has ${String(nulOctets)} NUL octets: it cannot be sent` });
  if (bareLineEnds > 0) {
    warnings.push({
      code: 'WARN_LINE_ENDS',
      message: `${String(bareLineEnds)} of its line ends are no CRLF; they become CRLF when it is sent`,
    });
  }
  return warnings;
}

function declaresEightBit(part: MimePart): boolean {
  return part.encoding === '8bit' || part.encoding === 'binary' || part.parts.some(declaresEightBit);
}

function signatureWarnings({ domain, missing, bodyLength }: DkimField): Warning[] {
  const who = `the signature of ${domain ?? 'nobody'}`;
  const warnings: Warning[] = [];
  const header = 'DKIM-Signature';
  if (missing.length > 0) {
    warnings.push({
      code: 'WARN_DKIM_INCOMPLETE',
      message: `${who} lacks ${missing.map((tag) => `${tag}=`).join(', ')}`,
      header,
    });
  }
  if (bodyLength !== undefined) {
    const message = `${who} covers ${bodyLength} octets of the body alone (l=): anybody can add more`;
    warnings.push({ code: 'WARN_DKIM_BODY_LENGTH', message, header });
  }
  return warnings;
}

function jsonOf({ file, explanation, envelopeError, findings, signatures, warnings }: Inspected): object {
  const { sizeBytes, lines, longestLine, longLines, eightBitHeader, eightBitBody, nulOctets, bareLineEnds } = findings;
  return {
    file: withoutPasswords(file),
    envelope: explanation === undefined ? null : { from: explanation.from, to: explanation.to },
    envelopeError: envelopeError ?? null,
    resent: explanation?.resent ?? null,
    sources: explanation?.sources ?? [],
    removed: explanation?.removed ?? [],
    structure: findings.root,
    ...{ sizeBytes, lines, longestLine, longLines, eightBitHeader, eightBitBody, nulOctets, bareLineEnds },
    dkim: signatures,
    warnings,
  };
}
