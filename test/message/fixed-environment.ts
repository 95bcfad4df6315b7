import type { MessageEnvironment } from '../../src/message/environment.js';

/** An environment in which everything that is made can be foretold. */
export const fixedEnvironment: MessageEnvironment = {
  now: () => new Date(Date.UTC(2025, 10, 22, 8, 12, 5)),
  randomBytes: (sizeBytes) => new Uint8Array(sizeBytes).fill(0xab),
  hostname: () => 'host.example',
};
