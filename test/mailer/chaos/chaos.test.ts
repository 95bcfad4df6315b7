/**
 * Messages over five connections to a server that refuses, drops and delays at random. The nightly run sends 100,000 of them
 * (POSTHASTE_CHAOS_MESSAGES).
 */
import { runChaos } from './chaos.js';

const messages = Number(process.env['POSTHASTE_CHAOS_MESSAGES'] ?? 3_000);
const seed = Number(process.env['POSTHASTE_CHAOS_SEED'] ?? 1);

describe('many messages to a server that refuses, drops and delays', () => {
  it(
    'are all settled, with equal counts on both sides, and none arrives twice',
    async () => {
      const report = await runChaos({ messages, seed });
      const { told, queued, queuedUnknown, unanswered, faults } = report;
      expect({ ...report, faults: faults.slice(0, 5) }).toMatchObject({ faults: [] });
      expect(queued).toBe(told.accepted + queuedUnknown);
      expect(unanswered).toBeLessThanOrEqual(told.unknown);
      // It was a bad server: all four happened.
      for (const [status, count] of Object.entries(told)) expect([status, count > 0]).toEqual([status, true]);
      if (messages >= 50_000) process.stderr.write(`${JSON.stringify(report)}\n`);
    },
    60_000 + messages * 10,
  );
});
