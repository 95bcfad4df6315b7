// Every scenario on every server, serial and pipelined.
import { SCENARIOS } from './scenarios.js';
import { startAiosmtpd } from './servers/aiosmtpd.js';
import { startDovecotLmtp } from './servers/dovecot-lmtp.js';
import { startExim } from './servers/exim.js';
import { startOpenSmtpd } from './servers/opensmtpd.js';
import { startPostfix } from './servers/postfix.js';
import type { InteropServer } from './servers/server.js';
import { startSmtpServer } from './servers/smtp-server.js';
import { startSmtpSink } from './servers/smtp-sink.js';
import { publish, Table } from './table.js';
import { type Mode, type Trial, withTrial } from './trial.js';

const SERVERS: readonly { name: string; start: () => Promise<InteropServer>; pipelining?: boolean }[] = [
  { name: 'Postfix', start: startPostfix },
  { name: 'smtp-sink', start: () => startSmtpSink() },
  { name: 'Exim', start: startExim },
  { name: 'OpenSMTPD', start: startOpenSmtpd, pipelining: false },
  { name: 'Dovecot LMTP', start: startDovecotLmtp },
  { name: 'aiosmtpd', start: startAiosmtpd, pipelining: false },
  { name: 'smtp-server', start: startSmtpServer },
];
const MODES: readonly Mode[] = ['serial', 'pipelined'];

const table = new Table();

afterAll(() => publish(table));

describe.each(SERVERS)('$name', ({ name, start, pipelining = true }) => {
  let server: InteropServer | undefined;

  beforeAll(async () => {
    server = await start();
    table.addServer(name, server.version);
  });
  afterAll(async () => {
    await server?.stop();
  });

  const attempt = async (mode: Mode, scenario: string, work: (trial: Trial) => Promise<void>): Promise<void> => {
    if (server === undefined) throw new Error('the server did not start');
    await server.received();
    try {
      await withTrial(server, mode, work);
    } catch (error) {
      process.stdout.write(`\n--- ${name}, ${mode}, ${scenario}: the server's log\n${tail(await server.log())}\n`);
      throw error;
    }
  };

  describe.each(MODES)('%s', (mode) => {
    if (mode === 'pipelined' && !pipelining) {
      it('is not offered', async () => {
        table.addSerialOnly(name, 'does not offer PIPELINING');
        await attempt(mode, 'PIPELINING', ({ client }) => {
          expect(client.hasExtn('pipelining')).toBe(false);
          return Promise.resolve();
        });
      });
      return;
    }

    it.each(SCENARIOS)('$name', async ({ name: scenario, run, inability }) => {
      const unable = server === undefined ? undefined : inability?.(server);
      table.record(scenario, name, mode, { kind: 'failed' });
      await attempt(mode, scenario, unable?.prove ?? run);
      table.record(
        scenario,
        name,
        mode,
        unable === undefined ? { kind: 'passed' } : { kind: 'unable', reason: unable.reason },
      );
    });
  });
});

function tail(log: string): string {
  return log.split('\n').slice(-60).join('\n');
}
