/** `posthaste outbox DIR --serve`: says where the page is, and shows it until it is told to end. */
import { rmSync } from 'node:fs';
import { run } from '../../../src/cli/run.js';
import { entry } from '../../outbox-view/fake-outbox.js';
import { Kept, posthaste, worldWith } from '../cli-world.js';
import { StoredOutbox } from './stored-outbox.js';

let stored: StoredOutbox;
/** What was started; a test that fails ends it, too. */
const serving: Serving[] = [];
beforeEach(async () => {
  stored = await StoredOutbox.with([entry({ id: 'e1', state: 'unknown' })]);
});
afterEach(async () => {
  for (const { end } of serving.splice(0)) await end();
  await stored[Symbol.asyncDispose]();
});

interface Serving {
  readonly url: string;
  readonly err: Kept;
  end(): Promise<number>;
}

async function serve(...words: string[]): Promise<Serving> {
  const err = new Kept();
  const finish = new AbortController();
  let said: (text: string) => void;
  const first = new Promise<string>((resolve) => {
    said = resolve;
  });
  const stdout = {
    write: (text: string): Promise<void> => {
      said(text);
      return Promise.resolve();
    },
  };
  const world = worldWith({ stdout, stderr: err, finish: finish.signal });
  const ended = run(['outbox', stored.path, '--serve', '--port', '0', ...words], world);
  const text = await Promise.race([first, ended.then((code) => `ended with ${String(code)}: ${err.text}`)]);
  const url = /^Web {3}(http:\S+)\n$/.exec(text)?.[1];
  if (url === undefined) throw new Error(text);
  const started: Serving = {
    url,
    err,
    end: async () => {
      finish.abort('SIGINT');
      return await ended;
    },
  };
  serving.push(started);
  return started;
}

it('shows the store and obeys the page, beside the processes that have it open, and ends with 0', async () => {
  const { url, err, end } = await serve();
  expect(await (await fetch(`${url}api/overview`)).json()).toMatchObject({
    store: stored.path,
    counts: { unknown: 1 },
  });
  const posted = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  expect((await fetch(`${url}api/entries/e1/cancel`, posted)).status).toBe(200);
  expect(await stored.stateOf('e1')).toBe('cancelled');
  await stored.add([entry({ id: 'e2' })]);
  expect(await (await fetch(`${url}api/entries/e2`)).json()).toMatchObject({ id: 'e2', state: 'queued' });
  expect([await end(), err.text]).toEqual([0, '']);
});

it('says when the store is gone', async () => {
  const { url, end } = await serve();
  rmSync(stored.path, { recursive: true });
  const answer = await fetch(`${url}api/overview`);
  expect([answer.status, await answer.text()]).toEqual([
    503,
    expect.stringContaining('there is no store in this folder'),
  ]);
  expect(await end()).toBe(0);
});

it('warns when others can reach it', async () => {
  const { err, end } = await serve('--host', '0.0.0.0');
  await end();
  expect(err.text).toMatch(/^posthaste: everybody who can reach 0\.0\.0\.0 can see who gets mail /);
});

it('a port that is in use is 78, and a host that is none 64', async () => {
  const { url, end } = await serve();
  const words = ['outbox', stored.path, '--serve'];
  expect(await posthaste([...words, '--port', new URL(url).port])).toMatchObject({
    code: 78,
    err: expect.stringMatching(/^posthaste: the page cannot listen on .*: the port is in use\. .*\n$/) as unknown,
  });
  expect((await posthaste([...words, '--host', 'a b'])).code).toBe(64);
  await end();
});
