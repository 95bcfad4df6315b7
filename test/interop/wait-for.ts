// Waiting for something that another program does and does not announce. Every wait has a limit and a name.
import { setTimeout as pause } from 'node:timers/promises';

const LIMIT_MS = 20_000;
const INTERVAL_MS = 20;

/** Resolves when `condition` holds; rejects after 20 seconds with `what` and, where given, the server's log. */
export async function waitFor(
  what: string,
  condition: () => Promise<boolean>,
  log: () => Promise<string> = () => Promise.resolve(''),
): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${String(LIMIT_MS)} ms for ${what}.\n${await log()}`);
    await pause(INTERVAL_MS);
  }
}
