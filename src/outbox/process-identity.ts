/**
 * Which process this is, and whether another one is gone. One rule: gone is only what provably is; who cannot be looked up (another
 * machine, another container) may be alive.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  readonly processStart?: string;
}

export function thisProcess(): ProcessIdentity {
  const processStart = statOf(process.pid)?.start;
  return { host: thisHost(), pid: process.pid, ...(processStart !== undefined && { processStart }) };
}

export function isProcessGone({ host, pid, processStart }: ProcessIdentity): boolean {
  if (host !== thisHost()) return false;
  if (!exists(pid)) return true;
  const stat = statOf(pid);
  if (stat?.state === 'Z') return true;
  // The number may have been given to another process since.
  return processStart !== undefined && stat?.start !== undefined && stat.start !== processStart;
}

/** Process numbers mean the same where name, boot and namespace (Linux: one for each container) are the same. */
function thisHost(): string {
  const boot = orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());
  const namespace = orNothing(() => readlinkSync('/proc/self/ns/pid'));
  return [hostname(), boot, namespace].filter((part) => part !== undefined).join(' ');
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and another user's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

interface ProcessStat {
  /** `Z`: ended, and nobody has asked yet what became of it. */
  readonly state: string | undefined;
  /** Since the boot, in ticks. */
  readonly start: string | undefined;
}

/** The 3rd and the 22nd field of proc(5), where the 2nd may have spaces; undefined where the system does not say. */
function statOf(pid: number): ProcessStat | undefined {
  const stat = orNothing(() => readFileSync(`/proc/${String(pid)}/stat`, 'latin1'));
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], start: fields[19] };
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
