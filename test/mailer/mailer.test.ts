/** The Mailer against scripted servers. */
import { Mailer } from '../../src/mailer/mailer.js';
import { ScriptedServer } from '../../src/testing/index.js';

const MESSAGE = { from: 'ann@example.org', to: ['bob@example.org'], subject: 'Hi', text: 'Hello' };

describe('a mailer', () => {
  it('sends a message over a connection that it opens, and the next one over the same', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { final: '250 2.0.0 Ok: queued as 4F2' } } });
    await using mailer = new Mailer(server.url);
    const first = await mailer.send(MESSAGE);
    expect([first.accepted, first.queueId]).toEqual([['bob@example.org'], '4F2']);
    expect(first.timing.total).toBeGreaterThanOrEqual(first.timing.queued ?? Infinity);
    await mailer.send(MESSAGE, { to: 'eve@example.org' });
    await mailer.close();
    expect(server.connections).toHaveLength(1);
    expect(server.messages.map(({ envelope }) => envelope.to)).toEqual([['bob@example.org'], ['eve@example.org']]);
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).not.toContain('NOOP');
    expect(server.connections[0]?.commands.at(-1)?.verb).toBe('QUIT');
  });
});
