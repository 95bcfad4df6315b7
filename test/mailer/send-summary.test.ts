/** What is told about a send that is over. */
import { summaryOf } from '../../src/mailer/send-summary.js';
import { outcomeOf, preparedFor } from './fake-lanes.js';

const SERVER = { host: 'mx.example', port: 25, path: undefined };
const TO = ['a@x', 'b@x', 'c@x', 'd@x'];

describe('the summary of a send', () => {
  const { recipients } = outcomeOf(TO, ['accepted', 550, 'unknown', 'accepted']);
  const sending = { prepared: preparedFor(TO), attempt: 2 };

  it('has counts, and no address', () => {
    const summary = summaryOf(sending, { server: SERVER, recipients, withEnvelope: false });
    expect(summary).toEqual({
      server: SERVER,
      attempts: 2,
      messageId: '<1@example.org>',
      accepted: 2,
      refused: 1,
      unknown: 1,
      recipients: 4,
      sizeBytes: 7,
    });
  });

  it('has the envelope where it was asked for', () => {
    const { envelope } = summaryOf(sending, { server: SERVER, recipients, withEnvelope: true });
    expect(envelope).toEqual({ from: 'ann@example.org', to: TO });
  });

  it('knows little of a message that could not be read', () => {
    const summary = summaryOf(
      { prepared: undefined, attempt: 1 },
      { server: undefined, recipients: [], withEnvelope: true },
    );
    expect(summary).toEqual({
      server: undefined,
      attempts: 1,
      messageId: undefined,
      accepted: 0,
      refused: 0,
      unknown: 0,
    });
  });
});
