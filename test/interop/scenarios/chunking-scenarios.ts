// BDAT (RFC 3030) beyond what every scenario shows in the modes that chunk.
import { MessageError, SMTPNotSupportedError } from '../../../src/index.js';
import { content } from '../contents.js';
import { ALICE, SENDER } from '../mailboxes.js';
import { needs, rejectionOf, type Scenario } from './scenario.js';
import { expectDelivered } from '../trial.js';

const BINARY = { mailOptions: { BODY: 'BINARYMIME' } };

export const CHUNKING_SCENARIOS: readonly Scenario[] = [
  {
    name: 'BODY=BINARYMIME: line ends of all kinds and NUL arrive as they are',
    inability: needs('BINARYMIME', async (trial) => {
      const message = content('binary', 'a\nb\rc\0d');
      const refusal = await rejectionOf(trial.sender.sendMessage(message, { from: SENDER, to: ALICE, ...BINARY }));
      expect(refusal instanceof SMTPNotSupportedError || refusal instanceof MessageError).toBe(true);
      expect(refusal).toMatchObject({ delivery: 'not-sent' });
      await expectDelivered(trial, { recipients: [], bytes: message });
    }),
    modes: ['session', 'safe', 'window'],
    run: async (trial) => {
      const message = content('binary', 'a\nb\rc\0d');
      await trial.sender.sendMessage(message, { from: SENDER, to: ALICE, ...BINARY });
      await expectDelivered(trial, { recipients: [ALICE], bytes: message });
    },
  },
];
