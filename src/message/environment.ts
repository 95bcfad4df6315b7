/**
 * What a new message needs from outside: the time, randomness, and the name of this host. One rule: this folder asks here and
 * nowhere else, so that what it makes can be foretold in a test.
 */
import { MessageError } from '../errors.js';

export interface MessageEnvironment {
  readonly now: () => Date;
  readonly randomBytes: (sizeBytes: number) => Uint8Array;
  readonly hostname: () => string;
}

let bound: MessageEnvironment | undefined;

/** Called once by the entry points of the package. */
export function bindMessageEnvironment(environment: MessageEnvironment): void {
  bound = environment;
}

export function messageEnvironment(): MessageEnvironment {
  if (bound !== undefined) return bound;
  throw new MessageError('the message layer has neither clock nor randomness', {
    code: 'ERR_NO_ENVIRONMENT',
    hint: 'Import from "posthaste" itself: a bundler must keep that module, which binds them.',
  });
}
