/** Two processes with one store: each message goes out once, also when one of the two is killed, and then the other one goes on at once. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Outbox } from '../../../src/outbox/index.js';
import { ScriptedServer } from '../../../src/testing/index.js';
import { temporaryFolder } from '../folder.js';

const MESSAGES = 120;

async function filledBox(): Promise<string> {
  const path = temporaryFolder();
  await using outbox = await Outbox.open({ store: path });
  await outbox.enqueueAll(
    Array.from({ length: MESSAGES }, (_, number) => ({
      message: { from: 'a@example.org', to: 'b@example.org', subject: `m${String(number)}`, text: 'x' },
      key: `m${String(number)}`,
    })),
  );
  return path;
}

function startWorker(worker: string, path: string, url: string): ChildProcess {
  const config = { path, url, onUnknown: 'hold', concurrency: 3, keys: [] };
  return spawn(process.execPath, [worker, JSON.stringify(config)], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** How often each message came, whole. */
function copiesOf(server: ScriptedServer): readonly number[] {
  const copies = new Map<string, number>();
  for (const { content, outcome } of server.messages) {
    if (outcome === 'incomplete') continue;
    const key = /^Subject: (.*)\r$/m.exec(content.toString('latin1'))?.[1] ?? '';
    copies.set(key, (copies.get(key) ?? 0) + 1);
  }
  return [...copies.values()];
}

/** @param worker the path of the program, once it is built. */
export function twoProcesses(worker: () => string): void {
  it('two processes on one store send each message once', async () => {
    const path = await filledBox();
    await using server = await ScriptedServer.start({ behave: {} });
    const workers = [startWorker(worker(), path, server.url), startWorker(worker(), path, server.url)];
    const codes = await Promise.all(workers.map(async (worker) => (await once(worker, 'exit'))[0] as unknown));
    expect(codes).toEqual([0, 0]);
    expect(copiesOf(server)).toEqual(Array.from({ length: MESSAGES }, () => 1));
  });

  it('what a killed process had in hand is taken over by the other one at once, and nothing is sent twice', async () => {
    const path = await filledBox();
    let finals = 0;
    const victims: ChildProcess[] = [];
    const final = (): undefined => {
      finals += 1;
      if (finals === 20) victims[0]?.kill('SIGKILL');
    };
    await using server = await ScriptedServer.start({ behave: { on: { final } } }, { violations: 'record' });
    const killed = startWorker(worker(), path, server.url);
    victims.push(killed);
    const ended = once(killed, 'exit');
    const other = startWorker(worker(), path, server.url);
    // It drains: it ends only when nothing is in anybody's hand any more. A lease is 30 seconds, which nobody waits for.
    const [code] = (await once(other, 'exit')) as [number | null];
    expect(code).toBe(0);
    expect((await ended)[1]).toBe('SIGKILL');
    await using outbox = await Outbox.open({ store: path });
    const { sent, unknown, ...rest } = await outbox.counts();
    expect(Object.values(rest).every((count) => count === 0)).toBe(true);
    expect(sent + unknown).toBe(MESSAGES);
    expect(unknown).toBeLessThanOrEqual(3);
    const copies = copiesOf(server);
    expect(copies.every((count) => count === 1)).toBe(true);
    expect(copies.length).toBeGreaterThanOrEqual(sent);
  });
}
