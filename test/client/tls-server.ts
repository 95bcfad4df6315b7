/** Options that lead a client under a made-up remote name to a scripted server on loopback. */
import { connect } from 'node:net';
import type { SMTPOptions } from '../../src/index.js';
import type { ScriptedServer } from '../../src/testing/index.js';

export function remote(server: ScriptedServer, options: SMTPOptions = {}): SMTPOptions {
  return {
    host: 'mail.example.org',
    connector: () => Promise.resolve(connect({ host: server.host, port: server.port })),
    ...options,
  };
}
