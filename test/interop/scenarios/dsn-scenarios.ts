// Delivery status notifications (RFC 3461): what was asked for comes back in the report, or is seen by the server.
import { content } from '../contents.js';
import type { Arrival } from '../servers/server.js';
import { expectArrivals, SENDER, type Trial } from '../trial.js';
import { waitFor } from '../wait-for.js';
import { ALICE, needs, type Scenario } from './scenario.js';

const ENVELOPE_ID = { decoded: 'job+42=x y', xtext: 'job+2B42+3Dx+20y', 'left out': undefined };

export const DSN_SCENARIOS: readonly Scenario[] = [
  {
    name: 'DSN: a report of success asked for, with an envelope id, headers only',
    inability: needs('DSN'),
    run: async (trial) => {
      const { notifications } = trial.server;
      if (notifications === undefined) throw new Error('The table of the server says nothing of its notifications.');
      const message = content('report, please', 'body\r\n');
      const result = await trial.client.sendmail(SENDER, ALICE, message, {
        dsn: { ret: 'headers', envid: ENVELOPE_ID.decoded, notify: ['success', 'failure'] },
      });
      expect(result.accepted).toEqual([ALICE]);
      const envelopeId = ENVELOPE_ID[notifications.envelopeId];
      if (notifications.toldBy === 'report') await expectReport(trial, message, envelopeId);
      else await expectParameters(trial, message, envelopeId);
    },
  },
];

async function expectReport(trial: Trial, message: Buffer, envelopeId: string | undefined): Promise<void> {
  const arrivals: Arrival[] = [];
  const isReport = ({ recipient }: Arrival): boolean => recipient === SENDER;
  const take = async (): Promise<boolean> => {
    arrivals.push(...(await trial.server.received()));
    return arrivals.some(isReport);
  };
  await waitFor('the report', take, () => trial.server.log());
  expectArrivals(
    arrivals.filter((arrival) => !isReport(arrival)),
    { recipients: [ALICE], bytes: message },
  );
  const reports = arrivals.filter(isReport);
  expect(reports.map(({ envelopeFrom }) => envelopeFrom)).toEqual(['']);
  const lines = reports[0]?.bytes.toString('latin1').split('\r\n') ?? [];
  expect(lines).toContainEqual(expect.stringMatching(/^Content-Type: message\/delivery-status$/i));
  expect(lines).toContainEqual(expect.stringMatching(/^Final-Recipient: rfc822; ?alice@interop\.test$/));
  expect(lines).toContain('Subject: report, please');
  expect(lines).not.toContain('body');
  const ids = lines
    .filter((line) => /^Original-Envelope-Id:/i.test(line))
    .map((line) => line.slice(line.indexOf(' ') + 1));
  expect(ids).toEqual(envelopeId === undefined ? [] : [envelopeId]);
}

async function expectParameters(trial: Trial, message: Buffer, envelopeId: string | undefined): Promise<void> {
  const arrivals = await trial.server.received();
  expectArrivals(arrivals, { recipients: [ALICE], bytes: message });
  expect(arrivals[0]?.parameters).toMatchObject({ RET: 'HDRS', ENVID: envelopeId, NOTIFY: 'SUCCESS,FAILURE' });
}
