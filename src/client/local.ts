/** Whether a target is this machine: what goes there crosses no network. */
import { isIPv4 } from 'node:net';
import type { Target } from '../io/target.js';

export function isLocal(target: Target): boolean {
  if ('path' in target) return true;
  const host = target.host.toLowerCase().replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1') return true;
  const mapped = host.replace(/^::ffff:/, '');
  return isIPv4(mapped) && mapped.startsWith('127.');
}
