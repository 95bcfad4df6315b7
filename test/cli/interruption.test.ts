import { join } from 'node:path';
import { Readable } from 'node:stream';
import { watchInterruption } from '../../src/cli/interruption.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { eml, Folder, Kept, posthaste, type Ended } from './cli-world.js';

describe('watchInterruption', () => {
  it('is silent when it is told to ignore', () => {
    const [finish, stop, aborted] = [new AbortController(), new AbortController(), new AbortController()];
    const io = { finish: finish.signal, stop: stop.signal, stderr: new Kept() };
    watchInterruption(io, aborted, () => false).ignore();
    finish.abort();
    stop.abort();
    expect([aborted.signal.aborted, io.stderr.text]).toEqual([false, '']);
  });
});

describe('Ctrl-C', () => {
  let folder: Folder;
  let finish: AbortController;
  let stop: AbortController;
  beforeEach(() => {
    folder = new Folder();
    finish = new AbortController();
    stop = new AbortController();
  });
  afterEach(() => {
    folder[Symbol.dispose]();
  });

  /** Sends one.eml and two.eml to a server that holds at a step. */
  async function sendTwo(
    on: Behaviour['on'],
    meanwhile: (server: ScriptedServer) => Promise<void>,
  ): Promise<{ ended: Ended; server: ScriptedServer }> {
    await using server = await ScriptedServer.start({ behave: on === undefined ? {} : { on } });
    const files = [folder.file('one.eml', eml()), folder.file('two.eml', eml())];
    const signals = { finish: finish.signal, stop: stop.signal };
    const sending = posthaste(['send', ...files, '--url', server.url], signals);
    await server.held();
    await meanwhile(server);
    return { ended: await sending, server };
  }

  it.each<[string, Behaviour['on']]>([
    ['greeting', { greeting: '(hold)' }],
    ['MAIL', { MAIL: '(hold)' }],
    ['DATA', { DATA: '(hold)' }],
  ])('while %s is waited for: ends at once with 130, and says what was not sent', async (_, on) => {
    const { ended, server } = await sendTwo(on, async () => {
      finish.abort('SIGINT');
      await Promise.resolve();
    });
    expect(ended.code).toBe(130);
    expect(ended.err.trimEnd().split('\n')).toEqual(
      ['one.eml', 'two.eml'].map(
        (name) => `posthaste: ${join(folder.path, name)}: it was not sent: the run was interrupted.`,
      ),
    );
    expect(server.totals).toMatchObject({ queued: 0, connections: 1 });
  });

  it('while the answer to the content is waited for: waits on, sends no more, says QUIT, ends with 130', async () => {
    const { ended, server } = await sendTwo({ final: ['(hold)', '250 2.0.0 queued as 1'] }, async (held) => {
      finish.abort('SIGINT');
      await Promise.resolve();
      held.release();
    });
    expect(ended.code).toBe(130);
    expect(ended.out).toMatch(/one\.eml: sent to 1 recipient/);
    expect(ended.err).toMatch(
      /^posthaste: waiting for the answer .* Interrupt again to give it up\.\n.*two\.eml: it was not sent/,
    );
    expect(server.totals.queued).toBe(1);
    expect(server.connections[0]?.commands.at(-1)?.verb).toBe('QUIT');
  });

  it('twice while the answer to the content is waited for: 70, because nobody knows what became of it', async () => {
    const { ended } = await sendTwo({ final: '(hold)' }, async () => {
      finish.abort('SIGINT');
      await Promise.resolve();
      stop.abort('SIGINT');
    });
    expect(ended.code).toBe(70);
    expect(ended.err).toMatch(/one\.eml: .*may have been delivered/);
    expect(ended.err).toMatch(/two\.eml: it was not sent/);
  });

  it('SIGTERM does the same, and ends with 143', async () => {
    const { ended } = await sendTwo({ greeting: '(hold)' }, async () => {
      finish.abort('SIGTERM');
      await Promise.resolve();
    });
    expect(ended.code).toBe(143);
  });

  it('ends a wait for standard input', async () => {
    const silent = new Readable({ read: () => undefined });
    const sending = posthaste(['send', '--dry-run', '--json'], { stdin: silent, finish: finish.signal });
    finish.abort('SIGINT');
    const { code, out } = await sending;
    expect(code).toBe(130);
    expect(JSON.parse(out)).toMatchObject({ file: '-', status: 'not-sent', error: { code: 'ERR_INTERRUPTED' } });
  });
});
