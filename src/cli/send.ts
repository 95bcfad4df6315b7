/** `posthaste send`: each message on its own, all over one connection; what became of each is said as soon as it is known. */
import { CliError } from './cli-error.js';
import type { Arguments } from './command.js';
import { mostUrgent, type ExitName } from './exit-codes.js';
import { exitOfError, exitOfResult } from './exit-of-error.js';
import { explain } from './explain.js';
import { openMessage } from './input.js';
import { watchInterruption } from './interruption.js';
import type { Io } from './io.js';
import { errorLine, explanationText, failureText, recipientLines, resultText, warningLines } from './report.js';
import { explanationJson, failureJson, resultJson } from './report-json.js';
import { sendSettings, type SendSettings } from './send-settings.js';
import { Session } from './session.js';
import { sizeOf } from './size-of.js';

/** What became of one message. */
interface Report {
  readonly exit: ExitName;
  /** For standard output, as text and as JSON. */
  readonly text: string;
  readonly json: object;
  /** For standard error. */
  readonly complaints: string;
}

export async function send(given: Arguments, io: Io): Promise<ExitName> {
  const stop = new AbortController();
  let session: Session | undefined;
  const interruption = watchInterruption(io, stop, () => session?.contentUnderWay === true);
  try {
    const settings = await sendSettings(given, io, stop.signal);
    session = sessionFor(settings, io, stop.signal);
    return await sendFiles(settings, session, io, stop.signal);
  } finally {
    await session?.close();
    interruption.ignore();
  }
}

async function sendFiles(
  settings: SendSettings,
  session: Session | undefined,
  io: Io,
  signal: AbortSignal,
): Promise<ExitName> {
  const exits: ExitName[] = [];
  try {
    for (const file of settings.files) {
      const report = io.finish.aborted
        ? reportFailure(file, interrupted())
        : await reportOn(file, settings, session, io, signal);
      exits.push(report.exit);
      await complain(io, report.complaints);
      await io.stdout.write(settings.json ? `${JSON.stringify(report.json)}\n` : report.text);
    }
  } catch (error) {
    exits.push(exitOfError(error));
    await complain(io, errorLine(undefined, error));
  }
  if (io.finish.aborted) exits.push('interrupted');
  return mostUrgent(exits);
}

function sessionFor(settings: SendSettings, io: Io, signal: AbortSignal): Session | undefined {
  const { server, dryRun, debug, timeoutMs } = settings;
  if (server === undefined || dryRun) return undefined;
  return new Session({ server, timeoutMs, debug: debug ? io.stderr : undefined, signal });
}

async function reportOn(
  file: string,
  settings: SendSettings,
  session: Session | undefined,
  io: Io,
  signal: AbortSignal,
): Promise<Report> {
  try {
    const message = await openMessage(file, io, signal);
    // Also in front of a send: a message that cannot go out is refused before anybody is connected to.
    const explanation = explain(message, settings);
    const content = message.stream(settings.serializeOptions);
    if (session === undefined) {
      const sizeBytes = await sizeOf(content, signal);
      return {
        exit: 'ok',
        text: explanationText(file, explanation, sizeBytes),
        json: explanationJson(file, explanation, sizeBytes),
        complaints: '',
      };
    }
    const { given, envelopeOptions, serializeOptions } = settings;
    const result = await session.send(message, { ...given, envelopeOptions, serializeOptions });
    return {
      exit: exitOfResult(result),
      text: resultText(file, result),
      json: resultJson(file, result),
      complaints: recipientLines(file, result.recipients) + warningLines(file, result.warnings),
    };
  } catch (error) {
    return reportFailure(file, isInterruption(error, signal) ? interrupted(error) : error);
  }
}

function reportFailure(file: string, error: unknown): Report {
  return { exit: exitOfError(error), text: '', json: failureJson(file, error), complaints: failureText(file, error) };
}

/** An error that came because the run was ended, and that leaves nothing in doubt. */
function isInterruption(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && exitOfError(error) !== 'may-be-delivered';
}

function interrupted(cause?: unknown): CliError {
  return new CliError('interrupted', 'it was not sent: the run was interrupted', undefined, cause);
}

async function complain(io: Io, text: string): Promise<void> {
  try {
    if (text !== '') await io.stderr.write(text);
  } catch {
    // Nobody can be told; the exit code still tells.
  }
}
