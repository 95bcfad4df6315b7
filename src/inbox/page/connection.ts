/** What the page asks the server. Errors are sentences to show. */
import type { ErrorJson, ListJson, MessageJson, RemovedJson, SummaryJson } from '../api-types.js';

export class RequestError extends Error {
  readonly status: number;
  readonly hint: string;

  constructor(status: number, message: string, hint = '') {
    super(message);
    this.name = 'RequestError';
    this.status = status;
    this.hint = hint;
  }
}

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

export function listen(events: Events): void {
  const source = new EventSource('/api/events');
  source.addEventListener('open', events.connected);
  source.addEventListener('error', () => {
    events.lost();
    // A browser gives up for good on an answer that is no stream; the server may be starting again.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000, events);
  });
  source.addEventListener('added', ({ data }: MessageEvent<string>) => {
    events.added(JSON.parse(data) as SummaryJson);
  });
  source.addEventListener('removed', ({ data }: MessageEvent<string>) => {
    events.removed((JSON.parse(data) as RemovedJson).ids);
  });
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  return (await (await respond(path, init)).json()) as T;
}

async function respond(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, init);
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  const { message, hint } = (body as Partial<ErrorJson> | undefined)?.error ?? {};
  throw new RequestError(response.status, message ?? `the server answered ${String(response.status)}`, hint);
}
