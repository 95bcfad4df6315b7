/**
 * An answer to a content, and behind it in the same read one of the other kind to the envelope that rode there: who was meant
 * shows when the rider's DATA is answered, and whoever waits for that is not kept waiting by anything else.
 */
import { type Answer, ScriptedServer } from '../../src/testing/index.js';
import { job, laneTo, messages, type Sent, start, words } from '../mailer/lane-harness.js';

interface World {
  readonly server: ScriptedServer;
  readonly sent: readonly [Sent, Sent];
}

/** Two messages on one connection. The second is refused at MAIL, in one read with the answer to the first, and then comes a pause. */
async function refusedBehind(
  rest: Answer,
  { signal, deadlineInMs }: { readonly signal?: AbortSignal; readonly deadlineInMs?: number } = {},
): Promise<World> {
  const server = await ScriptedServer.start(
    {
      behave: {
        extensions: ['PIPELINING'],
        on: { 'final:1': ['(listen)', '250 2.0.0 taken'], 'MAIL:2': ['550 5.1.0 no', '(flush)', '(hold pause)', rest] },
      },
    },
    { listen: false, coalesce: true, violations: 'record' },
  );
  const made = await laneTo(server.connect());
  const [one, two] = messages(2);
  if (one === undefined || two === undefined) throw new Error('no messages');
  const limits = {
    ...(signal === undefined ? {} : { signal }),
    ...(deadlineInMs === undefined ? {} : { deadlineInMs }),
  };
  const sent = [job(one), job(two, limits)] as const;
  start(made, sent);
  await server.held('pause');
  return { server, sent };
}

/** Lets all that can happen by itself happen. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a yes to a content and a no to the envelope behind it, in one read', () => {
  it('count when DATA behind them is answered, and not before', async () => {
    const { server, sent } = await refusedBehind([]);
    await turns();
    expect(sent[0].times()).toBe(0);
    server.release('pause');
    expect(await words(sent)).toEqual(['accepted 250', 'SMTPSenderRefused refused']);
    await server.close();
  });

  it('are worthless when one answer is left over', async () => {
    const { server, sent } = await refusedBehind(['250 2.1.0 the true answer to MAIL']);
    server.release('pause');
    expect(await words(sent)).toEqual(['SMTPProtocolError unknown', 'returned']);
    await server.close();
  });

  it('count when the connection ends, and the one behind goes another way', async () => {
    const { server, sent } = await refusedBehind('(close)');
    server.release('pause');
    expect(await words(sent)).toEqual(['accepted 250', 'returned']);
    await server.close();
  });

  it('count when the one behind is aborted', async () => {
    const abort = new AbortController();
    const { server, sent } = await refusedBehind([], { signal: abort.signal });
    await turns();
    expect(sent[0].times()).toBe(0);
    abort.abort();
    expect((await words(sent))[0]).toBe('accepted 250');
    await server.close();
  });

  it('count when the time of the one behind is up', async () => {
    const { server, sent } = await refusedBehind([], { deadlineInMs: 150 });
    expect((await words(sent))[0]).toBe('accepted 250');
    await server.close();
  });
});
