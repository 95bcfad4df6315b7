import fc from 'fast-check';
import type { LineJson } from '../../../src/inbox/api-types.js';
import { linesOfTransaction, timelineOf } from '../../../src/inbox/page/timeline.js';

const client = (atMs: number, packet: number, text = 'X'): LineJson => ({ by: 'client', text, atMs, packet });
const server = (atMs: number, text = '250 ok'): LineJson => ({ by: 'server', text, atMs });
const content = (atMs: number, endMs: number): LineJson => ({ by: 'client', text: '', atMs, endMs, octets: 10 });

it('the greeting, a packet of commands, the content: whose turn it was', () => {
  const { spans, sums, marks } = timelineOf(
    [
      server(2, '220 hi'),
      client(5, 1),
      server(6),
      client(5, 1),
      server(8),
      client(5, 1),
      server(9, '354'),
      content(12, 15),
      server(20),
    ],
    0,
  );
  expect(spans).toEqual([
    { turn: 'server', fromMs: 0, toMs: 2 },
    { turn: 'client', fromMs: 2, toMs: 5 },
    { turn: 'server', fromMs: 5, toMs: 9 },
    { turn: 'client', fromMs: 9, toMs: 12 },
    { turn: 'content', fromMs: 12, toMs: 15 },
    { turn: 'server', fromMs: 15, toMs: 20 },
  ]);
  expect(sums).toEqual({ client: 6, server: 11, content: 3 });
  expect(marks.map(({ by, atMs, texts }) => [by, atMs, texts.length])).toEqual([
    ['server', 2, 1],
    ['client', 5, 3],
    ['server', 9, 3],
    ['client', 12, 1],
    ['server', 20, 1],
  ]);
});

it('a transaction ends with the reply to its content', () => {
  const lines = [client(1, 1), server(2), content(3, 4), server(5), client(99, 3, 'QUIT'), server(100)];
  expect(linesOfTransaction(lines)).toEqual(lines.slice(0, 4));
  expect(linesOfTransaction(lines.slice(0, 2))).toEqual(lines.slice(0, 2));
  expect(linesOfTransaction(lines.slice(0, 3))).toEqual(lines.slice(0, 3));
});

it('nothing said is an empty picture', () => {
  expect(timelineOf([], 7)).toEqual({
    fromMs: 7,
    toMs: 7,
    spans: [],
    marks: [],
    sums: { client: 0, server: 0, content: 0 },
  });
});

it('spans follow each other without a gap, and their sums are the whole', () => {
  const line = fc.record({
    kind: fc.constantFrom('client', 'server', 'content'),
    step: fc.nat(50),
    length: fc.nat(30),
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (steps) => {
      let now = 0;
      const lines = steps.map(({ kind, step, length }, index) => {
        now += step;
        if (kind === 'server') return server(now);
        if (kind === 'client') return client(now, index);
        now += length;
        return content(now - length, now);
      });
      const { fromMs, toMs, spans, sums } = timelineOf(lines, 0);
      let at = fromMs;
      for (const span of spans) {
        expect(span.fromMs).toBe(at);
        expect(span.toMs).toBeGreaterThan(span.fromMs);
        at = span.toMs;
      }
      expect(at).toBe(toMs);
      expect(sums.client + sums.server + sums.content).toBeCloseTo(toMs - fromMs);
    }),
  );
});
