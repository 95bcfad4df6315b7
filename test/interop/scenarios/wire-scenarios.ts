// How the commands leave and are answered, which no mailbox shows.
import { MessageError } from '../../../src/index.js';
import { content } from '../contents.js';
import { ALICE, BOB, SENDER } from '../mailboxes.js';
import { CLIENT_MODES } from '../modes.js';
import { clientSender } from '../senders.js';
import type { Trial } from '../trial.js';
import { rejectionOf, type Scenario, sendAndExpect } from './scenario.js';

export const WIRE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'MAIL, RCPT and DATA: in one group, or each behind the reply to the one before',
    modes: ['serial', 'pipelined', 'none', 'message'],
    run: async (trial) => {
      await sendAndExpect(trial, content('first', 'body\r\n'));
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
      const sent = trial.wire.filter(({ direction, text }) => direction === 'sent' && text.startsWith('MAIL '));
      const mails = (parameter: string) => sent.filter(({ text }) => text.includes(` ${parameter}`)).length;
      expect(mails(`SIZE=${String(message.length)}`)).toBe(trial.client.hasExtn('size') ? 1 : 0);
      expect(mails('BODY=8BITMIME')).toBe(trial.client.hasExtn('8bitmime') ? 1 : 0);
    },
  },
  {
    name: 'HELO in place of EHLO',
    modes: CLIENT_MODES,
    inability: ({ plain }) =>
      plain.protocol === 'smtp'
        ? undefined
        : {
            reason: 'speaks LMTP, which has LHLO only',
            prove: async ({ client }) => {
              expect(await rejectionOf(client.helo())).toBeInstanceOf(MessageError);
            },
          },
    run: async (trial) => {
      const client = await trial.dial(trial.server.plain);
      expect((await client.helo()).code).toBe(250);
      expect(client.doesEsmtp).toBe(false);
      await sendAndExpect(trial, content('after HELO', '.body\r\n'), {
        recipients: [ALICE, BOB],
        sender: clientSender(client),
      });
    },
  },
  {
    name: 'NOOP, VRFY, EXPN, HELP, RSET and an unknown verb, each with its own answer',
    modes: CLIENT_MODES,
    run: async (trial) => {
      const { client } = trial;
      expect((await client.mail(SENDER)).code).toBe(250);
      expect((await client.rset()).code).toBe(250);
      expect((await client.noop()).code).toBe(250);
      const answers = [client.vrfy(ALICE), client.expn('members'), client.docmd('XPOSTHASTE', 'x'), client.noop()];
      const codes = (await Promise.all(answers)).map(({ code }) => code);
      expect(codes.map((code) => code >= 200 && code < 600)).toEqual([true, true, true, true]);
      expect(codes[2]).toBeGreaterThanOrEqual(500);
      expect(codes[3]).toBe(250);
      expect(typeof (await client.help())).toBe('string');
      await sendAndExpect(trial, content('after the verbs', 'body\r\n'));
    },
  },
];

function expectedOrder({ mode, client }: Trial): string[] {
  return mode === 'pipelined' || (mode === 'message' && client.hasExtn('pipelining'))
    ? ['MAIL', 'RCPT', 'RCPT', 'DATA', '250', '250', '250', '354']
    : ['MAIL', '250', 'RCPT', '250', 'RCPT', '250', 'DATA', '354'];
}
