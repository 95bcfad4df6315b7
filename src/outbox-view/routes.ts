/** The REST interface of the page: from a method, a path and a query to an answer. Contents of messages are not part of it. */
import { isPosthasteError } from '../index.js';
import type { OutboxEntry } from '../outbox/index.js';
import { answerBy, failure, json, unknownParameter, type Answer, type Call, type Route } from '../web/index.js';
import type { EntryJson, StateJson } from './api-types.js';
import { findEntries } from './find-entries.js';
import type { OutboxSource } from './source.js';
import type { Watch } from './watch.js';
import { isWindowName, WINDOW_NAMES } from './windows.js';
import { STATES } from './words.js';

export interface RouteContext {
  readonly outbox: OutboxSource;
  readonly watch: Watch;
}

/** So many entries in one answer. */
export const MOST_ENTRIES = 500;
const USUAL_ENTRIES = 50;

const ROUTES: readonly Route<RouteContext>[] = [
  { path: /^\/api\/overview$/, methods: { GET: overview } },
  { path: /^\/api\/entries$/, methods: { GET: entries } },
  { path: /^\/api\/entries\/([^/]{1,128})$/, methods: { GET: entry } },
  { path: /^\/api\/entries\/([^/]{1,128})\/retry$/, methods: { POST: changeBy((outbox, id) => outbox.retryNow(id)) } },
  { path: /^\/api\/entries\/([^/]{1,128})\/cancel$/, methods: { POST: changeBy((outbox, id) => outbox.cancel(id)) } },
];

/** Undefined for a path that is not of the interface. */
export async function route(call: Call, context: RouteContext): Promise<Answer | undefined> {
  try {
    return await answerBy(ROUTES, call, context);
  } catch (error) {
    return faultAnswer(error);
  }
}

/** What the library refuses is said as it says it; the rest is a fault of this program. */
function faultAnswer(error: unknown): Answer {
  if (!isPosthasteError(error)) throw error;
  return failure(STATUS_OF_CODE.get(error.code) ?? 503, error.code, error.message, error.hint);
}

const STATUS_OF_CODE = new Map([
  ['ERR_OUTBOX_NO_ENTRY', 404],
  ['ERR_OUTBOX_STATE', 409],
]);

async function overview({ query }: Call, { watch }: RouteContext): Promise<Answer> {
  const window = query.get('window') ?? '24h';
  const refused = unknownParameter(query, ['window']);
  if (refused !== undefined) return refused;
  if (!isWindowName(window)) return noSuch('window', WINDOW_NAMES);
  return json(200, await watch.overview(window));
}

async function entries({ query }: Call, { outbox, watch }: RouteContext): Promise<Answer> {
  const refused = unknownParameter(query, ['state', 'find', 'limit']);
  if (refused !== undefined) return refused;
  const state = query.get('state') ?? undefined;
  if (state !== undefined && !isState(state)) return noSuch('state', STATES);
  const limit = query.get('limit') ?? String(USUAL_ENTRIES);
  if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > MOST_ENTRIES) {
    const hint = `Give a whole number from 1 to ${String(MOST_ENTRIES)}.`;
    return failure(400, 'ERR_INVALID_OPTION', 'limit is no number of entries', hint);
  }
  const filter = { state, find: query.get('find') ?? undefined, limit: Number(limit) };
  return json(200, await watch.spend(() => findEntries(outbox, filter)));
}

async function entry(_call: Call, { outbox }: RouteContext, [id = '']: readonly string[]): Promise<Answer> {
  const found = await outbox.get(decoded(id));
  if (found !== undefined) return json(200, found satisfies EntryJson);
  return failure(404, 'ERR_OUTBOX_NO_ENTRY', 'there is no such entry', 'It may have been purged since.');
}

function changeBy(
  change: (outbox: OutboxSource, id: string) => Promise<OutboxEntry>,
): Route<RouteContext>['methods'][string] {
  return async (_call, { outbox, watch }, [id = '']) => {
    try {
      return json(200, (await change(outbox, decoded(id))) satisfies EntryJson);
    } finally {
      watch.forget();
    }
  };
}

/** An id that is no percent-encoding names nothing. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function isState(text: string): text is StateJson {
  return (STATES as readonly string[]).includes(text);
}

function noSuch(parameter: string, known: readonly string[]): Answer {
  return failure(400, 'ERR_INVALID_OPTION', `there is no such ${parameter}`, `There are ${known.join(', ')}.`);
}
