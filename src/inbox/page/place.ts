/** Where the page is, as its address says: `#/12/envelope`. So the browser's back button and a bookmark work. Pure. */

export const VIEWS = ['message', 'text', 'envelope', 'session', 'headers', 'source'] as const;
export type View = (typeof VIEWS)[number];

export interface Place {
  /** Undefined: no message is open. */
  readonly id: number | undefined;
  readonly view: View;
}

const HASH = /^#\/(\d{1,15})(?:\/([a-z]+))?$/;

export function placeOf(hash: string): Place {
  const [, id, name] = HASH.exec(hash) ?? [];
  const view = VIEWS.find((candidate) => candidate === name) ?? 'message';
  return { id: id === undefined ? undefined : Number(id), view };
}

export function hashOf({ id, view }: Place): string {
  if (id === undefined) return '#/';
  return view === 'message' ? `#/${String(id)}` : `#/${String(id)}/${view}`;
}
