/** docs/outbox-page.md names what there is: every command line is understood, every request is answered. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArguments } from '../../src/cli/arguments.js';
import { outboxCommand } from '../../src/cli/outbox/outbox-command.js';
import { outboxSettings } from '../../src/cli/outbox/outbox-settings.js';
import { route } from '../../src/outbox-view/routes.js';
import { Watch } from '../../src/outbox-view/watch.js';
import { entry, FakeOutbox, NOW_MS } from './fake-outbox.js';

const text = readFileSync(join(import.meta.dirname, '../../docs/outbox-page.md'), 'utf8');

it('every command line is understood', () => {
  const lines = [...text.matchAll(/^posthaste outbox ([^#\n]+)/gm)].map(([, words = '']) => words.trim().split(/ +/));
  expect(lines.length).toBeGreaterThanOrEqual(5);
  for (const words of lines) outboxSettings(parseArguments(words, outboxCommand.options, ''));
});

it('every request of the table is answered', async () => {
  const requests = [...text.matchAll(/`(GET|POST) (\/api\/[^`]+)`/g)].filter(([, , path]) => path !== '/api/events');
  expect(requests.length).toBe(5);
  for (const [, method = '', path = ''] of requests) {
    const outbox = new FakeOutbox([entry({ id: 'ID' })]);
    const watch = new Watch({ outbox, store: 'x', probe: () => Promise.resolve(), now: () => NOW_MS });
    const url = new URL(path, 'http://outbox');
    const { signal } = new AbortController();
    const answer = await route({ method, path: url.pathname, query: url.searchParams, signal }, { outbox, watch });
    expect([path, answer?.status]).toEqual([path, 200]);
  }
});
