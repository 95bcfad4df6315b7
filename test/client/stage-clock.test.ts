import { jest } from '@jest/globals';
import { StageClock } from '../../src/client/stage-clock.js';

describe('StageClock', () => {
  let nowMs = 0;
  beforeEach(() => {
    nowMs = 1000;
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const pass = (ms: number): void => {
    nowMs += ms;
  };

  it('counts each stage from the end of the one before it, and adds up those that come again', () => {
    const clock = new StageClock();
    clock.start();
    pass(5);
    clock.reached('mail');
    pass(7);
    clock.reached('rcpt');
    pass(11);
    clock.reached('rcpt');
    clock.reached('data');
    expect(clock.timing).toEqual({ mail: 5, rcpt: 18, data: 0 });
  });

  it('counts nothing before its start and behind its stop', () => {
    const clock = new StageClock();
    clock.reached('greeting');
    expect(clock.timing).toEqual({});
    clock.start();
    pass(5);
    clock.reached('mail');
    clock.stop();
    pass(7);
    clock.reached('rset');
    expect(clock.timing).toEqual({ mail: 5 });
  });

  it('starts afresh, and leaves what it told before as it was', () => {
    const clock = new StageClock();
    clock.start();
    pass(5);
    clock.reached('mail');
    const { timing } = clock;
    pass(100);
    clock.start();
    pass(3);
    clock.reached('mail');
    expect(timing).toEqual({ mail: 5 });
    expect(clock.timing).toEqual({ mail: 3 });
  });
});
