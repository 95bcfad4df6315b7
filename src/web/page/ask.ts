/** What a page asks its server, and what it hears. Errors are sentences to show. */
import type { ErrorJson } from '../error-json.js';

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

export async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  return (await (await respond(path, init)).json()) as T;
}

export async function respond(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, init);
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  const { message, hint } = (body as Partial<ErrorJson> | undefined)?.error ?? {};
  throw new RequestError(response.status, message ?? `the server answered ${String(response.status)}`, hint);
}

export interface Hearing {
  /** Also after a connection was lost and found again: what happened meanwhile is unknown then. */
  readonly connected: () => void;
  readonly lost: () => void;
  /** By the name of the event. */
  readonly events: Readonly<Record<string, (data: unknown) => void>>;
}

export function listenTo(path: string, hearing: Hearing): void {
  const source = new EventSource(path);
  source.addEventListener('open', hearing.connected);
  source.addEventListener('error', () => {
    hearing.lost();
    // A browser gives up for good on an answer that is no stream; the server may be starting again.
    if (source.readyState === EventSource.CLOSED) setTimeout(listenTo, 2000, path, hearing);
  });
  for (const [name, act] of Object.entries(hearing.events)) {
    source.addEventListener(name, ({ data }: MessageEvent<string>) => {
      act(JSON.parse(data) as unknown);
    });
  }
}
