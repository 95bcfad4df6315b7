// LMTP answers the content once for each recipient (RFC 2033 section 4.2).
import { content } from '../contents.js';
import { ALICE, BOB, FULL, SENDER } from '../mailboxes.js';
import type { InteropServer } from '../servers/server.js';
import { expectDelivered } from '../trial.js';
import { type Inability, type Scenario } from './scenario.js';

export function needsLmtp({ plain }: InteropServer): Inability | undefined {
  if (plain.protocol === 'lmtp') return undefined;
  return {
    reason: 'speaks SMTP, which has one answer to the content for all recipients',
    prove: async ({ client }) => {
      expect((await client.docmd('LHLO', 'localhost')).code).toBeGreaterThanOrEqual(500);
    },
  };
}

export const LMTP_SCENARIOS: readonly Scenario[] = [
  {
    name: 'one of three recipients refused after the content',
    inability: needsLmtp,
    run: async (trial) => {
      const message = content('for a full mailbox', 'body\r\n');
      const result = await trial.sender.sendmail(SENDER, [ALICE, FULL, BOB], message);
      expect(result.recipients.map(({ status, stage }) => [status, stage])).toEqual([
        ['accepted', 'final'],
        ['refused', 'final'],
        ['accepted', 'final'],
      ]);
      expect([...result.refused.keys()]).toEqual([FULL]);
      await expectDelivered(trial, { recipients: [ALICE, BOB], bytes: message });
    },
  },
];
