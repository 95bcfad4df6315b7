/** What the outbox's page asks its server. */
import { ask } from '../../web/page/ask.js';
import type { EntriesJson, EntryJson, OverviewJson, StateJson, WindowName } from '../api-types.js';

export function fetchOverview(window: WindowName): Promise<OverviewJson> {
  return ask(`/api/overview?window=${window}`);
}

export interface EntriesWanted {
  readonly state: StateJson | undefined;
  readonly find: string;
  readonly limit: number;
}

export function fetchEntries({ state, find, limit }: EntriesWanted): Promise<EntriesJson> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (state !== undefined) query.set('state', state);
  if (find !== '') query.set('find', find);
  return ask(`/api/entries?${query.toString()}`);
}

/** As JSON, which no page of somebody else can post here. */
export function change(id: string, action: 'retry' | 'cancel'): Promise<EntryJson> {
  const headers = { 'content-type': 'application/json' };
  return ask(`/api/entries/${encodeURIComponent(id)}/${action}`, { method: 'POST', headers, body: '{}' });
}
