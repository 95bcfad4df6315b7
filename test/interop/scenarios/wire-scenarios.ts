// How the commands leave, which no mailbox shows.
import { content } from '../contents.js';
import type { Trial } from '../trial.js';
import { ALICE, BOB, type Scenario, sendAndExpect } from './scenario.js';

export const WIRE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'MAIL, RCPT and DATA: in one group, or each behind the reply to the one before',
    run: async (trial) => {
      const before = trial.wire.length;
      await sendAndExpect(trial, content('order', 'body\r\n'), { recipients: [ALICE, BOB] });
      const verbs = trial.wire.slice(before).filter(({ direction }) => direction !== 'state');
      const order = verbs.map(({ direction, text }) =>
        direction === 'sent' ? (text.split(' ')[0] ?? '') : text.slice(0, 3),
      );
      expect(order.slice(0, 8)).toEqual(expectedOrder(trial));
    },
  },
  {
    name: 'SIZE and BODY=8BITMIME declared where they are offered',
    run: async (trial) => {
      const message = content('8-bit', 'ü\r\n');
      await sendAndExpect(trial, message);
      const mail =
        trial.wire.find(({ direction, text }) => direction === 'sent' && text.startsWith('MAIL '))?.text ?? '';
      expect(mail.includes(` SIZE=${String(message.length)}`)).toBe(trial.client.hasExtn('size'));
      expect(mail.includes(' BODY=8BITMIME')).toBe(trial.client.hasExtn('8bitmime'));
    },
  },
];

function expectedOrder({ mode }: Trial): string[] {
  return mode === 'pipelined'
    ? ['MAIL', 'RCPT', 'RCPT', 'DATA', '250', '250', '250', '354']
    : ['MAIL', '250', 'RCPT', '250', 'RCPT', '250', 'DATA', '354'];
}
