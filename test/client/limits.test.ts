import { timeLeft } from '../../src/client/limits.js';
import { deadlineIn } from '../../src/io/deadline.js';

describe('timeLeft', () => {
  it('is the time-out of the stage where the send has no deadline', () => {
    expect(timeLeft(300, { signal: undefined, deadline: undefined })).toBe(300);
    expect(timeLeft(Infinity, { signal: undefined, deadline: undefined })).toBe(Infinity);
  });

  it('is no more than what is left of the send, and never nothing', () => {
    expect(timeLeft(300, { signal: undefined, deadline: deadlineIn(10_000) })).toBe(300);
    const left = timeLeft(300_000, { signal: undefined, deadline: deadlineIn(10_000) });
    expect(left).toBeLessThanOrEqual(10_000);
    expect(left).toBeGreaterThan(1);
    expect(timeLeft(300, { signal: undefined, deadline: { atMs: performance.now() - 5, timeoutMs: 5 } })).toBe(1);
  });
});
