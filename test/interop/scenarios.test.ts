// Every scenario on every server, through an SMTP and through a Mailer, in every mode that the server has.
import { content } from './contents.js';
import { extensionOf, MODES, type Mode } from './modes.js';
import { SCENARIOS } from './scenarios.js';
import { sendAndExpect } from './scenarios/scenario.js';
import { startAiosmtpd } from './servers/aiosmtpd.js';
import { startDovecotLmtp } from './servers/dovecot-lmtp.js';
import { startExim } from './servers/exim.js';
import { startOpenSmtpd } from './servers/opensmtpd.js';
import { startPostfix } from './servers/postfix.js';
import type { InteropServer } from './servers/server.js';
import { startSmtpServer } from './servers/smtp-server.js';
import { startSmtpSink } from './servers/smtp-sink.js';
import { publish, Table } from './table.js';
import { type Trial, withTrial } from './trial.js';

const SERVERS: readonly { name: string; start: () => Promise<InteropServer>; lacks?: string }[] = [
  { name: 'Postfix', start: startPostfix },
  { name: 'smtp-sink', start: () => startSmtpSink(), lacks: 'CHUNKING' },
  { name: 'Exim', start: startExim },
  { name: 'OpenSMTPD', start: startOpenSmtpd, lacks: 'PIPELINING CHUNKING' },
  { name: 'Dovecot LMTP', start: startDovecotLmtp },
  { name: 'aiosmtpd', start: startAiosmtpd, lacks: 'PIPELINING CHUNKING' },
  { name: 'smtp-server', start: startSmtpServer, lacks: 'CHUNKING' },
];

const table = new Table();

afterAll(() => publish(table));

describe.each(SERVERS)('$name', ({ name, start, lacks = '' }) => {
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
      await withTrial(server, mode, work, (roundTrips) => {
        table.recordRoundTrips(name, mode, roundTrips);
      });
    } catch (error) {
      process.stdout.write(`\n--- ${name}, ${mode}, ${scenario}: the server's log\n${tail(await server.log())}\n`);
      throw error;
    }
  };

  describe.each(MODES)('%s', (mode) => {
    const extension = extensionOf(mode);
    if (extension !== undefined && lacks.includes(extension)) {
      it(`is not offered, and a message that asks for it goes without`, async () => {
        table.addLacking(name, mode, `does not offer ${extension}`);
        await attempt(mode, extension, async (trial) => {
          expect(trial.client.hasExtn(extension)).toBe(false);
          await sendAndExpect(trial, content(`without ${extension}`, '.dot\r\n'));
        });
      });
      return;
    }

    const scenarios = SCENARIOS.filter(({ modes = MODES }) => modes.includes(mode));
    it.each(scenarios)('$name', async ({ name: scenario, run, inability }) => {
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
