import { resolveOutboxOptions, resolvePurge, resolveSchedule } from '../../src/outbox/resolve-options.js';
import { FakeEnvironment } from './fake-environment.js';

const settings = resolveOutboxOptions({ store: 'box' }, new FakeEnvironment());
const DAY = 86_400_000;
const NOW = 1_000_000;
const refusal: Error = expect.objectContaining({ code: 'ERR_INVALID_OPTION' }) as Error;

describe('what is not said', () => {
  it('of an outbox is at most once, five days, seven days, half a minute, a second', () => {
    expect(settings).toMatchObject({
      onUnknown: 'hold',
      expiresAfterMs: 5 * DAY,
      retentionMs: 7 * DAY,
      leaseMs: 30_000,
      pollMs: 1_000,
      maxMessageBytes: 52_428_800,
    });
  });

  it('of a message is now, and so long from then', () => {
    const schedule = resolveSchedule({}, settings, NOW);
    expect(schedule).toEqual({ key: undefined, priority: 0, notBeforeMs: NOW, expiresAtMs: NOW + 5 * DAY });
    const later = resolveSchedule({ notBefore: new Date(NOW + DAY) }, settings, NOW);
    expect(later).toMatchObject({ notBeforeMs: NOW + DAY, expiresAtMs: NOW + 6 * DAY });
    expect(resolveSchedule({ notBefore: 5 }, settings, NOW).notBeforeMs).toBe(NOW);
  });
});

describe('what is said of a message', () => {
  it.each([
    { key: '' },
    { key: 5 as never },
    { key: 'ü'.repeat(251) },
    { priority: 0.5 },
    { priority: -101 },
    { notBefore: new Date(NaN) },
    { expires: 'tomorrow' as never },
    { expires: NOW - 1 },
    { notBefore: NOW + 2, expires: NOW + 1 },
    { rcptOptions: (() => []) as never },
  ])('is refused where it is not understood: %p', (options) => {
    expect(() => resolveSchedule(options, settings, NOW)).toThrow(refusal);
  });
});

describe('a purge', () => {
  it('is of what is over, and of what is held only where that is named', () => {
    expect(resolvePurge({})).toEqual({ olderThanMs: 0, states: ['sent', 'partial', 'failed', 'cancelled'] });
    expect(resolvePurge({ states: ['unknown', 'quarantined'] }).states).toEqual(['unknown', 'quarantined']);
    for (const state of ['queued', 'deferred', 'sending', 'nonsense'] as const) {
      expect(() => resolvePurge({ states: [state as 'queued'] })).toThrow(refusal);
    }
    expect(() => resolvePurge({ olderThanMs: -1 })).toThrow(refusal);
  });
});
