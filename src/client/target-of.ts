/** Where a client with these options connects to: known, and wrong where it is wrong, before anything is dialed. */
import { parseTarget, type Target } from '../io/target.js';
import type { Dialect } from './conversation.js';
import type { ResolvedOptions } from './options.js';

/** Throws MessageError, code `ERR_INVALID_TARGET`. */
export function targetOf({ host, port }: ResolvedOptions, { defaultPort }: Dialect): Target {
  return parseTarget(host, port, defaultPort);
}
