/** How long a server that cannot be reached is let be. */
import { dialPauseMs } from '../../src/mailer/dial-pause.js';

describe('the pause behind a failed dial', () => {
  it('is none behind the first failure, and grows to two seconds, when messages have no other connection', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 50].map((failures) => dialPauseMs(failures, false))).toEqual([
      0, 0, 100, 200, 400, 800, 1_600, 2_000, 2_000,
    ]);
  });

  it('is longer, from the first failure on, when it would only be one connection more', () => {
    expect([0, 1, 2, 3, 6, 50].map((failures) => dialPauseMs(failures, true))).toEqual([
      0, 1_000, 2_000, 4_000, 30_000, 30_000,
    ]);
  });
});
