import { OutboxError } from '../../src/outbox/index.js';
import type { EntriesJson, OverviewJson } from '../../src/outbox-view/api-types.js';
import { MOST_ENTRIES, route, type RouteContext } from '../../src/outbox-view/routes.js';
import { Watch } from '../../src/outbox-view/watch.js';
import type { Answer, ErrorJson } from '../../src/web/index.js';
import { entry, FakeOutbox, NOW_MS } from './fake-outbox.js';

let outbox: FakeOutbox;
let context: RouteContext;
beforeEach(() => {
  outbox = new FakeOutbox([
    entry({ id: 'a', subject: 'Hello' }),
    entry({ id: 'b', state: 'unknown' }),
    entry({ id: 'c', state: 'sending' }),
  ]);
  const probe = (): Promise<void> => Promise.resolve();
  context = { outbox, watch: new Watch({ outbox, store: './outbox', probe, now: () => NOW_MS }) };
});

async function ask(path: string, method = 'GET'): Promise<Answer> {
  const url = new URL(path, 'http://outbox');
  const { signal } = new AbortController();
  const answer = await route({ method, path: url.pathname, query: url.searchParams, signal }, context);
  if (answer === undefined) throw new Error('there is no such route');
  return answer;
}
const parsed = ({ body }: Answer): unknown => JSON.parse(String(body));
const errorOf = (answer: Answer): [number, string] => [answer.status, (parsed(answer) as ErrorJson).error.code];

it('gives an overview of the window that was asked for', async () => {
  const overview = parsed(await ask('/api/overview?window=6h')) as OverviewJson;
  expect([overview.store, overview.window.name, overview.entries]).toEqual(['./outbox', '6h', 3]);
  expect((parsed(await ask('/api/overview')) as OverviewJson).window.name).toBe('24h');
});

it('gives entries by state and text, and one by its id', async () => {
  expect(parsed(await ask('/api/entries?state=unknown'))).toMatchObject({ total: 1, entries: [{ id: 'b' }] });
  expect((parsed(await ask('/api/entries?find=hello&limit=1')) as EntriesJson).entries[0]?.id).toBe('a');
  expect(parsed(await ask('/api/entries/a'))).toMatchObject({ id: 'a', subject: 'Hello' });
});

it.each([
  ['/api/overview?window=2h', 400, 'ERR_INVALID_OPTION'],
  ['/api/overview?windw=1h', 400, 'ERR_UNKNOWN_PARAMETER'],
  ['/api/entries?state=lost', 400, 'ERR_INVALID_OPTION'],
  ['/api/entries?limit=0', 400, 'ERR_INVALID_OPTION'],
  [`/api/entries?limit=${String(MOST_ENTRIES + 1)}`, 400, 'ERR_INVALID_OPTION'],
  ['/api/entries?limit=1e2', 400, 'ERR_INVALID_OPTION'],
  ['/api/entries/none', 404, 'ERR_OUTBOX_NO_ENTRY'],
  ['/api/entries/%E0%A4%A', 404, 'ERR_OUTBOX_NO_ENTRY'],
])('GET %s is %d', async (path, status, code) => {
  expect(errorOf(await ask(path))).toEqual([status, code]);
});

it('retries and cancels what is asked for, and looks anew afterwards', async () => {
  await ask('/api/overview');
  expect(parsed(await ask('/api/entries/b/retry', 'POST'))).toMatchObject({ id: 'b', state: 'queued' });
  expect(parsed(await ask('/api/entries/a/cancel', 'POST'))).toMatchObject({ id: 'a', state: 'cancelled' });
  expect(outbox.asked).toEqual(['retry b', 'cancel a']);
  expect((parsed(await ask('/api/overview')) as OverviewJson).counts.cancelled).toBe(1);
});

it('nothing is changed by a GET, and what the outbox refuses is said as it says it', async () => {
  expect((await ask('/api/entries/a/retry')).status).toBe(405);
  expect((await ask('/api/entries/a/cancel', 'DELETE')).status).toBe(405);
  expect(outbox.asked).toEqual([]);
  expect(errorOf(await ask('/api/entries/c/retry', 'POST'))).toEqual([409, 'ERR_OUTBOX_STATE']);
  expect(errorOf(await ask('/api/entries/none/cancel', 'POST'))).toEqual([404, 'ERR_OUTBOX_NO_ENTRY']);
});

it('a store that fails is 503 with its words, and any other fault is not hidden', async () => {
  outbox.fault = new OutboxError('the store cannot be read', { code: 'ERR_OUTBOX_STORE', hint: 'Look.' });
  const answer = await ask('/api/overview');
  expect([errorOf(answer), (parsed(answer) as ErrorJson).error.hint]).toEqual([[503, 'ERR_OUTBOX_STORE'], 'Look.']);
  outbox.fault = new TypeError('a mistake');
  await expect(ask('/api/overview')).rejects.toThrow('a mistake');
});
