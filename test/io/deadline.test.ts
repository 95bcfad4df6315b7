import { jest } from '@jest/globals';
import { deadlineIn } from '../../src/io/deadline.js';

describe('deadlineIn', () => {
  beforeEach(() => {
    jest.spyOn(performance, 'now').mockReturnValue(1000);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('counts from now', () => {
    expect(deadlineIn(50)).toEqual({ atMs: 1050, timeoutMs: 50 });
    expect(deadlineIn(Infinity)).toEqual({ atMs: Infinity, timeoutMs: Infinity });
  });

  it('is the nearer of a stage and the whole send, and says whose time it was', () => {
    const overall = { atMs: 1040, timeoutMs: 500 };
    expect(deadlineIn(50, overall)).toBe(overall);
    expect(deadlineIn(40, overall)).toEqual({ atMs: 1040, timeoutMs: 40 });
    expect(deadlineIn(30, overall)).toEqual({ atMs: 1030, timeoutMs: 30 });
  });

  it('does not put off a send whose time is up', () => {
    expect(deadlineIn(50, { atMs: 900, timeoutMs: 5 }).atMs).toBe(900);
  });
});
