/** The trace in docs/pipelining.md is what a lane writes and a server answers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { job, messages, rig, start, words } from './lane-harness.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/pipelining.md'), 'utf8');

function lines(mark: string, octets: string): string[] {
  return octets
    .replace(/\r\n$/, '')
    .split('\r\n')
    .map((line, index) => `${index === 0 ? mark : '  '} ${line}`.trimEnd());
}

describe('docs/pipelining.md', () => {
  it('shows the writes of three queued messages, and what answers each', async () => {
    const trace: string[] = [];
    const { server, ...made } = await rig();
    server.become({
      cut: (reply) => {
        // What was written since the last answer: one write.
        trace.push(...server.writes.splice(0).flatMap((write) => lines('->', write)));
        trace.push(...lines('<-', reply.toString()));
        return [reply];
      },
    });
    const sent = messages(3).map((send) => job(send));
    const quiet = made.feed.quiet();
    start(made, sent);
    expect(await words(sent)).toEqual(['accepted 250', 'accepted 250', 'accepted 250']);
    await quiet;
    expect(/```text\n(.*?)\n```/s.exec(page)?.[1]).toBe(trace.join('\n'));
    expect(server.answers).toBe(4);
  });
});
