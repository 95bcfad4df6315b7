/** What is asked of messages one by one. One rule: what cannot be done to one of them is said, and does not keep the others waiting. */
import type { Outbox, OutboxEntry, OutboxState } from '../../outbox/index.js';
import { CliError } from '../cli-error.js';
import { EXIT_CODES, mostUrgent, type ExitName } from '../exit-codes.js';
import { exitOfError } from '../exit-of-error.js';
import type { Io } from '../io.js';
import { oneLine } from '../one-line.js';
import { errorLine } from '../report.js';
import { errorJson } from '../report-json.js';
import { entryLine, entryText } from './entry-text.js';
import type { OutboxSettings } from './outbox-settings.js';

type Of<K extends OutboxSettings['kind']> = Extract<OutboxSettings, { readonly kind: K }>;

export async function list(outbox: Outbox, { states, limit, json }: Of<'list'>, io: Io): Promise<ExitName> {
  let left = limit;
  for await (const entry of entriesOf(outbox, states)) {
    if (left === 0) break;
    if (io.finish.aborted) return 'interrupted';
    left -= 1;
    await io.stdout.write(json ? `${JSON.stringify(entry)}\n` : entryLine(entry, Date.now()));
  }
  return 'ok';
}

export async function show(outbox: Outbox, { ids, json }: Of<'show'>, io: Io): Promise<ExitName> {
  return await forEach(ids, json, io, async (id) => {
    const entry = await outbox.get(id);
    if (entry === undefined) {
      throw new CliError('no-input', 'there is no such message', 'It may have been purged; list shows what there is.');
    }
    return json ? `${JSON.stringify(entry)}\n` : entryText(entry, Date.now());
  });
}

export async function change(
  outbox: Outbox,
  { kind, ids, states, json }: Of<'retry' | 'cancel'>,
  io: Io,
): Promise<ExitName> {
  const targets = states.length === 0 ? ids : await idsOf(outbox, states);
  return await forEach(targets, json, io, async (id) => {
    const entry = kind === 'retry' ? await outbox.retryNow(id) : await outbox.cancel(id);
    if (json) return `${JSON.stringify(entry)}\n`;
    return `${oneLine(`${id}: ${kind === 'retry' ? 'is due now' : 'cancelled'}`)}\n`;
  });
}

export async function purge(outbox: Outbox, { states, olderThanMs, json }: Of<'purge'>, io: Io): Promise<ExitName> {
  const deleted = await outbox.purge({ olderThanMs, ...(states.length === 0 ? {} : { states }) });
  const text = `${deleted.toLocaleString('en-US')} ${deleted === 1 ? 'message was' : 'messages were'} deleted.\n`;
  await io.stdout.write(json ? `${JSON.stringify({ deleted })}\n` : text);
  return 'ok';
}

/** Ends between two messages when it is told to. */
async function forEach(
  ids: readonly string[],
  json: boolean,
  io: Io,
  act: (id: string) => Promise<string>,
): Promise<ExitName> {
  const exits: ExitName[] = [];
  for (const id of ids) {
    if (io.finish.aborted) {
      exits.push('interrupted');
      break;
    }
    let text: string;
    try {
      text = await act(id);
    } catch (error) {
      const exit = exitOfError(error);
      exits.push(exit);
      await io.stderr.write(errorLine(id, error));
      if (!json) continue;
      text = `${JSON.stringify({ id, exitCode: EXIT_CODES[exit].code, error: errorJson(error) })}\n`;
    }
    await io.stdout.write(text);
  }
  return mostUrgent(exits);
}

/** Without a state: all. */
async function* entriesOf(outbox: Outbox, states: readonly OutboxState[]): AsyncIterable<OutboxEntry> {
  if (states.length === 0) yield* outbox.list();
  for (const state of states) yield* outbox.list({ state });
}

/** Before any of them is changed: what is changed would come up again in another state. */
async function idsOf(outbox: Outbox, states: readonly OutboxState[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of entriesOf(outbox, states)) ids.push(id);
  return ids;
}
