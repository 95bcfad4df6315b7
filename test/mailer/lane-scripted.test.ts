/** One connection that runs jobs, against a scripted server. */
import { Lane, type LaneFeed, type LaneJob } from '../../src/mailer/lane.js';
import { resolveOptions } from '../../src/client/options.js';
import { prepareMessage } from '../../src/client/send-message.js';
import { Message } from '../../src/message/message.js';
import { ScriptedServer } from '../../src/testing/index.js';

const DIALECT = { implicitTls: false, hello: 'EHLO', finalReplies: 'one', defaultPort: 25 } as const;
const LIMITS = { signal: undefined, deadline: undefined };

interface Watched {
  readonly settled: string[];
  readonly job: LaneJob;
}

async function jobFor(subject: string): Promise<Watched> {
  const message = Message.parse(`From: a@example.org\r\nTo: b@example.org\r\nSubject: ${subject}\r\n\r\nhello\r\n`);
  const { shipment } = await prepareMessage(message, {});
  const settled: string[] = [];
  const job: LaneJob = {
    shipment,
    options: {},
    limits: LIMITS,
    shipped: ({ outcome }) => settled.push(outcome.failure?.kind ?? 'delivered'),
    failed: (error) => settled.push(`failed ${error.code}`),
    returned: (cause) => settled.push(`returned ${cause.message}`),
  };
  return { settled, job };
}

function feedOf(queue: LaneJob[], events: string[]): LaneFeed & { readonly over: Promise<void> } {
  let resolve = (): void => undefined;
  const over = new Promise<void>((done) => (resolve = done));
  return {
    over,
    next: () => queue.shift(),
    anomaly: () => undefined,
    policy: () => ({ overlap: 'session', chunking: 'off' }),
    idle: () => {
      events.push('idle');
      resolve();
    },
    closed: () => {
      events.push('closed');
      resolve();
    },
  };
}

async function openLane(server: ScriptedServer, feed: LaneFeed): Promise<Lane> {
  const options = resolveOptions({ connector: server.connector });
  return await Lane.open(options, DIALECT, { host: 'localhost', port: 25 }, feed, LIMITS);
}

describe('a lane', () => {
  it('runs its job and all that the feed has, and says when it is idle', async () => {
    await using server = await ScriptedServer.start({ behave: {} }, { listen: false });
    const [one, two] = [await jobFor('1'), await jobFor('2')];
    const events: string[] = [];
    const feed = feedOf([two.job], events);
    const lane = await openLane(server, feed);
    lane.run(one.job);
    expect(lane.idle).toBe(false);
    await feed.over;
    expect([one.settled, two.settled, events]).toEqual([['delivered'], ['delivered'], ['idle']]);
    expect([lane.idle, lane.usable, lane.messages]).toEqual([true, true, 2]);
    await lane.quit();
    expect([lane.usable, events]).toEqual([false, ['idle', 'closed']]);
    expect(server.connections[0]?.commands.at(-1)?.verb).toBe('QUIT');
  });

  it('returns a job when the connection was dead before a word of it was answered', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { 'MAIL:2': '(close)' } } }, { listen: false });
    const [one, two] = [await jobFor('1'), await jobFor('2')];
    const events: string[] = [];
    const feed = feedOf([two.job], events);
    const lane = await openLane(server, feed);
    lane.run(one.job);
    await feed.over;
    expect(one.settled).toEqual(['delivered']);
    expect(two.settled).toEqual([expect.stringMatching(/^returned the server closed the connection/)]);
    expect([events, lane.usable]).toEqual([['closed'], false]);
  });

  it('leaves the session as it was when a message cannot go there, and says so', async () => {
    await using server = await ScriptedServer.start({ behave: { extensions: ['SIZE 10'] } }, { listen: false });
    const one = await jobFor('1');
    const events: string[] = [];
    const feed = feedOf([], events);
    const lane = await openLane(server, feed);
    lane.run(one.job);
    await feed.over;
    expect(one.settled).toEqual(['failed ERR_MESSAGE_TOO_LARGE']);
    expect([lane.usable, events]).toEqual([true, ['idle']]);
    lane.destroy();
    expect(events).toEqual(['idle', 'closed']);
  });

  it('throws what the client throws, and leaves nothing open, when it cannot be opened', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { greeting: '554 no' } } }, { listen: false });
    await expect(openLane(server, feedOf([], []))).rejects.toMatchObject({ code: 'ERR_CONNECT' });
    await server.finished();
  });
});
