/** The snippets of docs/bullmq.md do what the page says, on a real Redis. */
import { jest } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BullOutbox } from '../../../src/bullmq/index.js';
import { ScriptedServer } from '../../../src/testing/index.js';
import { compilerSays, runSnippet, snippetsOf, type Snippet } from '../../support/snippets.js';
import { waitFor } from '../wait-for.js';
import { RedisServer } from './redis-server.js';

const snippets = snippetsOf('docs/bullmq.md');
const [enqueue, send, large] = snippets;

/** Runs it, and gives what it printed by its end or, where it goes on, by the time that `until` resolves. */
async function printed(
  snippet: Snippet | undefined,
  env: Readonly<Record<string, string>>,
  until?: (lines: readonly string[]) => Promise<void>,
): Promise<readonly string[]> {
  if (snippet === undefined) throw new Error('the page has lost a snippet');
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
    lines.push(words.join(' '));
  });
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    // What would be closed at the end of the program is kept open while it is looked at.
    if (until === undefined) await runSnippet(snippet);
    else await runSnippet({ ...snippet, code: `${snippet.code}\nawait globalThis.snippetUntil();\n` });
    return lines;
  } finally {
    process.env = before;
    log.mockRestore();
  }
}

it('compile under strict settings', () => {
  expect(snippets).toHaveLength(3);
  expect(compilerSays(snippets)).toEqual([]);
}, 120_000);

it('enqueue, send, and keep what is large elsewhere', async () => {
  await using redis = await RedisServer.start();
  await using server = await ScriptedServer.start({ behave: {} });
  const blobs = await mkdtemp(join(tmpdir(), 'posthaste-blobs-'));
  const env = { REDIS_URL: redis.url, SMTP_URL: server.url, BLOBS: blobs };
  try {
    const [first] = await printed(enqueue, env);
    const [again] = await printed(enqueue, env);
    expect(first).toMatch(/^queued k_/);
    expect(again).toBe(first);
    const sent: string[] = [];
    const scope = globalThis as { snippetUntil?: () => Promise<void> };
    scope.snippetUntil = async () => {
      await waitFor('the message to arrive', () => Promise.resolve(server.messages.length === 1));
      await using outbox = await BullOutbox.open({ connection: redis.url });
      await waitFor('the job to complete', async () => (await outbox.counts()).sent === 1);
    };
    sent.push(...(await printed(send, env, scope.snippetUntil)));
    delete scope.snippetUntil;
    expect(sent).toEqual([`${String(first).split(' ')[1] ?? ''} sent`]);
    const [sizeBytes] = await printed(large, env);
    expect(Number(sizeBytes)).toBeGreaterThan(200_000);
    const files = await readdir(blobs, { recursive: true });
    expect(files.filter((path) => path.includes('.'))).toHaveLength(1);
  } finally {
    await rm(blobs, { recursive: true, force: true });
  }
});
