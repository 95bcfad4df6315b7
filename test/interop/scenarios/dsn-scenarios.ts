// Delivery status notifications (RFC 3461): what was asked for comes back in the report, or is seen by the server.
import type { CallOptions } from '../../../src/index.js';
import { content } from '../contents.js';
import { ALICE, BOB, SENDER } from '../mailboxes.js';
import type { Arrival, InteropServer } from '../servers/server.js';
import { expectArrivals, type Trial } from '../trial.js';
import { waitFor } from '../wait-for.js';
import { type Inability, needs, type Scenario } from './scenario.js';

const ENVELOPE_ID = { decoded: 'job+42=x y', xtext: 'job+2B42+3Dx+20y', 'left out': undefined };
const ORIGINAL = { decoded: 'first+1@example.org', xtext: 'first+2B1@example.org', 'left out': undefined };

const PER_RECIPIENT: CallOptions = {
  rcptOptions: (_recipient, index) =>
    index === 0 ? { NOTIFY: 'NEVER' } : { NOTIFY: 'SUCCESS', ORCPT: `rfc822;${ORIGINAL.decoded}` },
};

function mixesRecipients({ name }: InteropServer): Inability | undefined {
  if (name !== 'OpenSMTPD') return undefined;
  return {
    reason: 'holds NOTIFY of one recipient against the next',
    prove: async (trial) => {
      const result = await trial.sender.sendmail(SENDER, [ALICE, BOB], content('for one', 'body\r\n'), PER_RECIPIENT);
      expect(result.refused.get(BOB)?.text).toContain('NEVER cannot be combined');
    },
  };
}

export const DSN_SCENARIOS: readonly Scenario[] = [
  {
    name: 'DSN: a report of success asked for, with an envelope id, headers only',
    inability: needs('DSN'),
    run: async (trial) => {
      const { notifications } = trial.server;
      if (notifications === undefined) throw new Error('The table of the server says nothing of its notifications.');
      const message = content('report, please', 'body\r\n');
      const result = await trial.sender.sendmail(SENDER, ALICE, message, {
        dsn: { ret: 'headers', envid: ENVELOPE_ID.decoded, notify: ['success', 'failure'] },
      });
      expect(result.accepted).toEqual([ALICE]);
      const envelopeId = ENVELOPE_ID[notifications.texts];
      if (notifications.toldBy === 'report') {
        const report = await takeReport(trial, message, [ALICE]);
        expect(report).toContain('Subject: report, please');
        expect(report).not.toContain('body');
        expect(valuesOf(report, 'Final-Recipient')).toEqual([ALICE]);
        expect(valuesOf(report, 'Original-Envelope-Id')).toEqual(envelopeId === undefined ? [] : [envelopeId]);
        return;
      }
      const arrivals = await trial.received();
      expectArrivals(arrivals, { recipients: [ALICE], bytes: message });
      expect(arrivals[0]?.parameters).toMatchObject({ RET: 'HDRS', ENVID: envelopeId, NOTIFY: 'SUCCESS,FAILURE' });
    },
  },
  {
    name: 'DSN: parameters of each recipient: NOTIFY=NEVER for one, SUCCESS and ORCPT for the other',
    inability: (server) => needs('DSN')(server) ?? mixesRecipients(server),
    run: async (trial) => {
      const { notifications } = trial.server;
      if (notifications === undefined) throw new Error('The table of the server says nothing of its notifications.');
      const message = content('a report for one', 'body\r\n');
      const result = await trial.sender.sendmail(SENDER, [ALICE, BOB], message, PER_RECIPIENT);
      expect(result.accepted).toEqual([ALICE, BOB]);
      const original = ORIGINAL[notifications.texts];
      if (notifications.toldBy === 'report') {
        const report = await takeReport(trial, message, [ALICE, BOB]);
        expect(valuesOf(report, 'Final-Recipient')).toEqual([BOB]);
        expect(valuesOf(report, 'Original-Recipient')).toEqual(original === undefined ? [] : [original]);
        return;
      }
      const arrivals = await trial.received();
      expectArrivals(arrivals, { recipients: [ALICE, BOB], bytes: message });
      expect(arrivals.map(({ parameters }) => parameters?.['NOTIFY'])).toEqual(['NEVER', 'SUCCESS']);
      expect(arrivals[1]?.parameters?.['ORCPT']).toBe(`rfc822;${String(original)}`);
    },
  },
];

/** The lines of the one report, behind the check that the message itself arrived. */
async function takeReport(trial: Trial, message: Buffer, recipients: readonly string[]): Promise<string[]> {
  const arrivals: Arrival[] = [];
  const isReport = ({ recipient }: Arrival): boolean => recipient === SENDER;
  const take = async (): Promise<boolean> => {
    arrivals.push(...(await trial.received()));
    return arrivals.some(isReport);
  };
  await waitFor('the report', take, () => trial.server.log());
  expectArrivals(
    arrivals.filter((arrival) => !isReport(arrival)),
    { recipients, bytes: message },
  );
  const reports = arrivals.filter(isReport);
  expect(reports.map(({ envelopeFrom }) => envelopeFrom)).toEqual(['']);
  return reports[0]?.bytes.toString('latin1').split('\r\n') ?? [];
}

/** Values of the report's fields of that name, without the type of an address. */
function valuesOf(report: readonly string[], name: string): string[] {
  const lines = report.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return lines.map((line) => line.slice(name.length + 1).replace(/^ *(?:rfc822;)? ?/, ''));
}
