/** What a pool does next. */
import fc from 'fast-check';
import { decide, type Decision, type PoolView } from '../../src/mailer/decide.js';

const CALM: PoolView = {
  nowMs: 100,
  queued: 1,
  idle: 0,
  busy: 0,
  leaving: 0,
  dialing: 0,
  awaitsDial: false,
  maxConnections: 2,
  tokenAtMs: -Infinity,
  dialAtMs: -Infinity,
};

describe('a pool', () => {
  it.each<[string, Partial<PoolView>, Decision]>([
    ['rests without a message', { queued: 0, idle: 2 }, { kind: 'rest' }],
    ['dials for the first message', {}, { kind: 'dial' }],
    ['prefers a connection that is idle', { idle: 1, busy: 1 }, { kind: 'run' }],
    ['dials when all are busy and there is room', { busy: 1 }, { kind: 'dial' }],
    ['waits for a dial that is under way for it', { dialing: 1 }, { kind: 'rest' }],
    ['dials once more for one more', { dialing: 1, queued: 2 }, { kind: 'dial' }],
    [
      'dials no more before the dial is answered that decides about the others',
      { dialing: 1, queued: 2, awaitsDial: true },
      { kind: 'rest' },
    ],
    [
      'but lets busy ones work',
      { dialing: 1, queued: 2, busy: 1, maxConnections: 3, awaitsDial: true },
      { kind: 'wake' },
    ],
    ['lets the busy ones take it when there is no room', { busy: 2, queued: 5 }, { kind: 'wake' }],
    ['lets the busy ones take what waits for a dial if they can', { busy: 1, dialing: 1 }, { kind: 'wake' }],
    ['counts those that say goodbye', { leaving: 2 }, { kind: 'rest' }],
    ['waits for the rate, idle or not', { idle: 1, tokenAtMs: 150 }, { kind: 'wait', untilMs: 150 }],
    ['waits until it may dial again', { dialAtMs: 300 }, { kind: 'wait', untilMs: 300 }],
    ['does not wait for a dial alone', { dialAtMs: 300, busy: 1 }, { kind: 'wake', untilMs: 300 }],
    ['dials at the moment that it waited for', { dialAtMs: 100 }, { kind: 'dial' }],
    ['goes on at the moment that the rate allows', { idle: 1, tokenAtMs: 100 }, { kind: 'run' }],
  ])('%s', (_name, view, decision) => {
    expect(decide({ ...CALM, ...view })).toEqual(decision);
  });

  it('never has more connections than it may, never dials for nobody, never leaves a message without a next step', () => {
    const small = fc.nat(6);
    const at = fc.oneof(fc.constant(-Infinity), fc.integer({ min: 90, max: 110 }));
    const views = fc
      .tuple(small, small, small, small, small, fc.integer({ min: 1, max: 6 }), at, at, fc.boolean())
      .map(([queued, idle, busy, leaving, dialing, maxConnections, tokenAtMs, dialAtMs, awaits]) => ({
        nowMs: 100,
        queued,
        idle,
        busy,
        leaving,
        dialing,
        awaitsDial: awaits && dialing > 0,
        maxConnections,
        tokenAtMs,
        dialAtMs,
      }));
    fc.assert(
      fc.property(views, (view) => {
        const decision = decide(view);
        const { queued, idle, busy, leaving, dialing } = view;
        if (decision.kind === 'dial') {
          expect(busy + leaving + dialing).toBeLessThan(view.maxConnections);
          expect(queued).toBeGreaterThan(dialing);
          expect(idle).toBe(0);
        }
        if (decision.kind === 'run') expect(Math.min(idle, queued)).toBeGreaterThan(0);
        if (decision.kind === 'wait') expect(decision.untilMs).toBeGreaterThan(view.nowMs);
        if (decision.kind === 'wake') expect(busy).toBeGreaterThan(0);
        // Somebody will come back to it: a dial, or a connection that leaves.
        if (decision.kind === 'rest' && queued > 0) expect(dialing + leaving).toBeGreaterThan(0);
      }),
    );
  });
});
