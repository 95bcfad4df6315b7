/** What the inbox's page asks its server. */
import { ask, listenTo, respond } from '../../web/page/ask.js';
import type { ListJson, MessageJson, RemovedJson, SummaryJson } from '../api-types.js';

export function fetchList(): Promise<ListJson> {
  return ask<ListJson>('/api/messages');
}

export function fetchMessage(id: number, signal: AbortSignal): Promise<MessageJson> {
  return ask<MessageJson>(pathOf(id), { signal });
}

export async function fetchSource(id: number, signal: AbortSignal): Promise<string> {
  return await (await respond(`${pathOf(id)}/source`, { signal })).text();
}

export async function deleteMessage(id: number): Promise<void> {
  await respond(pathOf(id), { method: 'DELETE' });
}

export async function deleteAll(): Promise<void> {
  await respond('/api/messages', { method: 'DELETE' });
}

export function pathOf(id: number): string {
  return `/api/messages/${String(id)}`;
}

export interface Events {
  /** Also after a connection was lost and found again: what happened meanwhile is unknown then. */
  readonly connected: () => void;
  readonly lost: () => void;
  readonly added: (message: SummaryJson) => void;
  readonly removed: (ids: readonly number[]) => void;
}

export function listen({ connected, lost, added, removed }: Events): void {
  listenTo('/api/events', {
    connected,
    lost,
    events: {
      added: (data) => {
        added(data as SummaryJson);
      },
      removed: (data) => {
        removed((data as RemovedJson).ids);
      },
    },
  });
}
