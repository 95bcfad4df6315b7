/** `posthaste resend`: an archive, message by message, through a server; or only what would be sent, or what the server would say. */
import { resolve } from 'node:path';
import { isPosthasteError, SMTPException } from '../../index.js';
import type { Arguments } from '../command.js';
import { CliError } from '../cli-error.js';
import type { ExitName } from '../exit-codes.js';
import { exitOfError } from '../exit-of-error.js';
import { watchInterruption } from '../interruption.js';
import type { Io } from '../io.js';
import { explanationText } from '../report.js';
import { explanationJson } from '../report-json.js';
import { serverName, type Server } from '../server.js';
import { sizeOf } from '../size-of.js';
import { entriesOf, type Entry, type EntryFault } from './archive.js';
import { ask, MANY_RECIPIENTS, mayAsk } from './confirm.js';
import { Ordinals } from './identity.js';
import { Journal } from './journal.js';
import { MARKS, markOf } from './journal-records.js';
import { prepareFolder } from './move-file.js';
import { readPathList } from './path-list.js';
import { prepare, type Prepared } from './prepare.js';
import { Probe } from './probe.js';
import { RunReport } from './report.js';
import { MessageRun } from './run-messages.js';
import { resendSettings, type ResendSettings } from './settings.js';
import { byDate } from './sort.js';
import { walk } from './walk.js';

interface Run {
  readonly settings: ResendSettings;
  readonly io: Io;
  readonly report: RunReport;
  readonly stop: AbortController;
}

export async function resend(given: Arguments, io: Io): Promise<ExitName> {
  const stop = new AbortController();
  let isBusy = (): boolean => false;
  const interruption = watchInterruption(io, stop, () => isBusy());
  try {
    const settings = await resendSettings(given, io, stop.signal);
    const { mode, json, verbose, server } = settings;
    const report = new RunReport(io, { json, verbose, probe: mode === 'probe' });
    const run: Run = { settings, io, report, stop };
    try {
      if (mode === 'dry-run') {
        await dryRun(run);
      } else if (server !== undefined && mode === 'probe') {
        await probe(run, server);
      } else if (server !== undefined) {
        await sendAll(run, server, (messages) => {
          isBusy = () => messages.isBusy;
        });
      }
    } catch (error) {
      await report.fault(io.finish.aborted && !(error instanceof CliError) ? interrupted(error) : error);
    }
    if (io.finish.aborted) report.ended('interrupted');
    if (mode !== 'dry-run' || json) await report.end(adviceFor(run)).catch(() => undefined);
    return report.exit;
  } finally {
    interruption.ignore();
  }
}

/** The archive of the command line. It is read anew each time. */
function entriesFor(
  { settings, io, stop }: Run,
  signal: AbortSignal = stop.signal,
): AsyncGenerator<Entry | EntryFault, void, undefined> {
  const entries = entriesOf(walk(pathsFor(settings, io, signal), walkOptions(settings, signal)), signal);
  return settings.sortByDate ? byDate(entries, signal) : entries;
}

function walkOptions({ moveTo }: ResendSettings, signal: AbortSignal): Parameters<typeof walk>[1] {
  return { signal, without: moveTo };
}

async function* pathsFor(
  settings: ResendSettings,
  io: Io,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  yield* settings.paths;
  if (settings.filesFrom !== undefined) yield* readPathList(settings.filesFrom, io, signal);
}

/** Whether the list of paths can be read a second time. */
function canBeReadAgain({ filesFrom }: ResendSettings): boolean {
  return filesFrom?.file !== '-';
}

// ---- the modes -------------------------------------------------------------------------------------------------------

async function sendAll(run: Run, server: Server, began: (messages: MessageRun) => void): Promise<void> {
  const { settings, io, report, stop } = run;
  const mayBeAsked = mayAsk(settings.confirm, io);
  if (settings.moveTo !== undefined) await prepareFolder(settings.moveTo);
  const facts = { server: serverName(server.url), resent: settings.resentFacts };
  const journal = settings.journal === undefined ? undefined : await Journal.open(resolve(settings.journal), facts);
  try {
    const messages = new MessageRun({ settings, server, journal, report, io, stop: stop.signal });
    if (mayBeAsked) await confirm(run, server);
    began(messages);
    const finish = (): void => {
      messages.finish();
    };
    io.finish.addEventListener('abort', finish, { once: true });
    stop.signal.addEventListener('abort', finish, { once: true });
    if (io.finish.aborted) finish();
    const survey = new AbortController();
    messages.ending.addEventListener('abort', () => {
      survey.abort();
    });
    const surveyed = io.terminal === undefined ? undefined : measure(run, survey.signal);
    try {
      await messages.send(entriesFor(run, messages.ending));
    } finally {
      io.finish.removeEventListener('abort', finish);
      survey.abort();
      await surveyed;
    }
  } finally {
    await journal?.[Symbol.asyncDispose]();
  }
}

/** How much there is to send, for the progress line. */
async function measure({ settings, io, report }: Run, signal: AbortSignal): Promise<void> {
  if (!canBeReadAgain(settings)) return;
  let totalBytes = 0;
  try {
    for await (const found of walk(pathsFor(settings, io, signal), walkOptions(settings, signal))) {
      if (found.kind !== 'fault') totalBytes += found.sizeBytes;
    }
  } catch {
    // Whoever reads the archive in earnest says what is wrong.
    return;
  }
  if (!signal.aborted) report.progress.totalBytes = totalBytes;
}

async function confirm(run: Run, server: Server): Promise<void> {
  const { settings, io, stop } = run;
  if (!canBeReadAgain(settings)) return;
  let messages = 0;
  let recipients = 0;
  for await (const entry of entriesFor(run)) {
    if (entry.kind === 'fault') continue;
    const { resent, envelopeOptions } = settings;
    try {
      const archived = await entry.open();
      recipients += (resent === undefined ? archived : archived.resend(resent)).envelope(envelopeOptions).to.length;
      messages += 1;
    } catch {
      // It will not be sent, and is reported then.
    }
    if (settings.confirm === 'auto' && recipients > MANY_RECIPIENTS) break;
  }
  stop.signal.throwIfAborted();
  if (settings.confirm === 'auto' && recipients <= MANY_RECIPIENTS) return;
  const more = settings.confirm === 'auto';
  await ask({ messages, recipients, more, server: serverName(server.url) }, io, stop.signal);
}

async function dryRun(run: Run): Promise<void> {
  const { settings, report, stop } = run;
  for await (const entry of preparedOf(run)) {
    try {
      const sizeBytes = await sizeOf(entry.message.stream(settings.serializeOptions), stop.signal);
      const { label } = entry.entry;
      report.counts.messages += 1;
      await report.show(
        explanationText(label, entry.explanation, sizeBytes),
        explanationJson(label, entry.explanation, sizeBytes),
      );
    } catch (error) {
      if (stop.signal.aborted) return;
      if (error instanceof CliError) throw error;
      await report.bad(entry.entry.label, error);
    }
  }
}

async function probe(run: Run, server: Server): Promise<void> {
  const { settings, io, report, stop } = run;
  const { timeoutMs, debug } = settings;
  await using session = new Probe({ server, timeoutMs, debug: debug ? io.stderr : undefined, signal: stop.signal });
  for await (const { entry, envelope, id, marks } of preparedOf(run)) {
    const settled = { label: entry.label, id, envelope, before: marks, tried: true };
    await session.connect();
    try {
      const recipients = await session.ask(envelope);
      await report.settled({ ...settled, marks: recipients.map(markOf).join(''), recipients });
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!(error instanceof SMTPException)) throw error;
      const mark = error.delivery === 'refused' && !error.retryable ? MARKS.refused : MARKS.later;
      await report.settled({ ...settled, marks: mark.repeat(envelope.to.length), recipients: [], error });
    }
  }
}

/** Those that can be sent; the others are reported. */
async function* preparedOf(run: Run): AsyncGenerator<Prepared, void, undefined> {
  const { settings, report } = run;
  const ordinals = new Ordinals();
  for await (const entry of entriesFor(run)) {
    if (entry.kind === 'fault') {
      await report.bad(entry.label, entry.error);
      continue;
    }
    let prepared: Prepared;
    try {
      prepared = await prepare(entry, { settings, journal: undefined, ordinals });
    } catch (error) {
      await report.bad(entry.label, error);
      continue;
    }
    yield prepared;
  }
}

// ---- how to go on ----------------------------------------------------------------------------------------------------

function adviceFor({ settings, io, report }: Run): string | undefined {
  const { counts, exit } = report;
  if (settings.mode !== 'send' || counts.messages === 0) return undefined;
  const isUnfinished = io.finish.aborted || counts.putOff > 0 || exit === 'cannot-write' || exit === 'try-again';
  const unknown = counts.unknown > 0 && settings.journal !== undefined && !settings.resendUnknown;
  const advice: string[] = [];
  if (isUnfinished && settings.journal !== undefined) {
    advice.push('To go on, run the same command again: the journal knows what is done.');
  } else if (isUnfinished) {
    advice.push('To go on, name those that are left: without --journal, the same command sends all of them again.');
  }
  if (unknown) advice.push('Those that may have been delivered are sent again only with --resend-unknown.');
  return advice.length === 0 ? undefined : advice.join(' ');
}

function interrupted(cause: unknown): CliError {
  const exit =
    isPosthasteError(cause) && exitOfError(cause) === 'may-be-delivered' ? 'may-be-delivered' : 'interrupted';
  return new CliError(exit, 'the run was interrupted', undefined, cause);
}
