/**
 * The messages of a run through one mailer: a few at a time, and no more read than can be sent soon. A fault of one message stops
 * only that message; without a journal, a server or a reader of the report there is no point in going on.
 */
import { resolve } from 'node:path';
import { Mailer, MessageError, isPosthasteError } from '../../index.js';
import { CliError } from '../cli-error.js';
import { faultOfServer, isOfConnection, mailerTo } from '../connect.js';
import type { Io } from '../io.js';
import { errorLine, noteLine } from '../report.js';
import type { Server } from '../server.js';
import type { Entry, EntryFault } from './archive.js';
import { deliver } from './delivery.js';
import { Ordinals } from './identity.js';
import type { Journal } from './journal.js';
import { MARKS } from './journal-records.js';
import { moveFile } from './move-file.js';
import { prepare, type Prepared } from './prepare.js';
import type { RunReport, Settled } from './report.js';
import type { ResendSettings } from './settings.js';

/** Ready for each connection: one under way, one behind it, and some that are being read and written down. */
const MESSAGES_PER_CONNECTION = 4;

export interface RunOptions {
  readonly settings: ResendSettings;
  readonly server: Server;
  readonly journal: Journal | undefined;
  readonly report: RunReport;
  readonly io: Io;
  /** Ends whatever is going on. */
  readonly stop: AbortSignal;
}

export class MessageRun {
  readonly #options: RunOptions;
  readonly #mailer: Mailer;
  readonly #ordinals = new Ordinals();
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #onPlace: (() => void) | undefined;
  #mboxStays = false;

  /** Throws CliError for a URL or a rate that is wrong. */
  constructor(options: RunOptions) {
    this.#options = options;
    this.#mailer = mailerFor(options);
  }

  /** Whether any message is on its way, which must not be interrupted lightly. */
  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  /** Fires when nothing new is begun any more. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Begins nothing more; what is on a connection is finished. */
  finish(): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    void this.#mailer.close({ drain: false });
  }

  /** Resolves when every message is settled and every connection has been told goodbye. */
  async send(entries: AsyncIterable<Entry | EntryFault>): Promise<void> {
    const { report, settings } = this.#options;
    try {
      for await (const entry of entries) {
        if (this.#ending.signal.aborted) break;
        if (entry.kind === 'fault') await report.bad(entry.label, entry.error);
        else await this.#begin(entry);
        report.progress.readBytes += entry.kind === 'entry' ? entry.sizeBytes : 0;
        while (this.#running.size >= settings.concurrency * MESSAGES_PER_CONNECTION) await this.#place();
      }
    } catch (error) {
      await this.#endWith(error);
    }
    await Promise.all(this.#running);
    await this.#mailer.close({ drain: false });
  }

  async #begin(entry: Entry): Promise<void> {
    const { report, journal, settings } = this.#options;
    let prepared: Prepared;
    try {
      prepared = await prepare(entry, { settings, journal, ordinals: this.#ordinals });
    } catch (error) {
      await report.bad(entry.label, error);
      return;
    }
    if (prepared.positions.length === 0) {
      const { label } = entry;
      const { id, envelope, marks } = prepared;
      await this.#settle(prepared, { label, id, envelope, before: marks, marks, tried: false, recipients: [] });
      return;
    }
    const running = this.#deliver(prepared).finally(() => {
      this.#running.delete(running);
      this.#onPlace?.();
    });
    this.#running.add(running);
  }

  /** Never rejects. */
  async #deliver(prepared: Prepared): Promise<void> {
    try {
      const settled = await deliver(prepared, {
        settings: this.#options.settings,
        mailer: this.#mailer,
        journal: this.#options.journal,
        ending: this.#ending.signal,
      });
      const { error } = settled;
      const wasUntouched = settled.marks === settled.before && settled.recipients.every((known) => known === undefined);
      // What was only given up is no news, and is no message's fault.
      if (wasUntouched && this.#ending.signal.aborted) return;
      if (wasUntouched && (!isPosthasteError(error) || isOfConnection(error))) await this.#endWith(error);
      else await this.#settle(prepared, settled);
    } catch (error) {
      await this.#endWith(error);
    }
  }

  async #settle(prepared: Prepared, settled: Settled): Promise<void> {
    const { settings, journal, report } = this.#options;
    await report.settled(settled);
    if (settings.moveTo === undefined || [...new Set(settled.marks)].join('') !== MARKS.accepted) return;
    const { file, part } = prepared.entry.place;
    if (part !== undefined) {
      if (!this.#mboxStays)
        await report.complain(
          noteLine(file.path, 'an mbox stays where it is: --on-success moves files with one message.'),
        );
      this.#mboxStays = true;
      return;
    }
    const from = resolve(file.path);
    try {
      await moveFile(from, settings.moveTo, async (to) => {
        if (settled.id !== undefined) await journal?.moving(settled.id, from, to);
      });
    } catch (error) {
      report.ended('cannot-write');
      await report.complain(errorLine(file.path, error));
    }
  }

  /** The run has no point any more. The first reason is the one that is told. */
  async #endWith(error: unknown): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.finish();
    const { report, server } = this.#options;
    await report.fault(faultOfServer(server, error));
  }

  async #place(): Promise<void> {
    await new Promise<void>((settle) => {
      this.#onPlace = settle;
    });
    this.#onPlace = undefined;
  }
}

function mailerFor({ settings, server, io, stop }: RunOptions): Mailer {
  const { rate, concurrency, timeoutMs, debug } = settings;
  if (rate !== undefined) checkRate(rate);
  return mailerTo(
    { server, timeoutMs, debug: debug ? io.stderr : undefined, signal: stop },
    { maxConnections: concurrency, maxQueue: Infinity, ...(rate === undefined ? {} : { rate }) },
  );
}

function checkRate(rate: string): void {
  try {
    new Mailer({ host: 'localhost', rate });
  } catch (error) {
    if (!(isPosthasteError(error) && error instanceof MessageError)) throw error;
    throw new CliError('usage', `--rate: ${error.message}`, 'Write --rate 20/s, or 1000/hour.', error);
  }
}
