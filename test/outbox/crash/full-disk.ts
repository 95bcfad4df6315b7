/** What an outbox does on a disk without room, as its own process tells it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface FullDisk {
  readonly enqueued: number;
  readonly refusals: readonly { readonly code: string; readonly retryable: boolean }[];
  readonly queued: number;
  readonly afterwards: Readonly<Record<string, number>>;
  readonly again: number;
  readonly unhandled: readonly string[];
}

/** @param command what is to run it, with the worker and the folder of the store as its last words. */
export async function fillDisk(command: string, args: readonly string[]): Promise<FullDisk> {
  const { stdout } = await promisify(execFile)(command, [...args]);
  return JSON.parse(stdout) as FullDisk;
}

export function expectUnharmed({ enqueued, queued, afterwards, again, unhandled }: FullDisk): void {
  expect(enqueued).toBeGreaterThan(0);
  // What was refused is not half there, what was taken is, is sent, and makes room.
  expect(queued).toBe(enqueued);
  expect(afterwards).toMatchObject({ queued: 0, sending: 0, sent: enqueued, deliveries: enqueued });
  expect(again).toBe(3);
  expect(unhandled).toEqual([]);
}
