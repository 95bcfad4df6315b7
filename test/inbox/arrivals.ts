/** Messages as an inbox makes them, without a session. */
import { jest } from '@jest/globals';
import { makeInboxMessage, type Arrival, type InboxMessage } from '../../src/inbox/inbox-message.js';

// The parser of bodies is loaded with the first message, which may take seconds on a busy machine.
jest.setTimeout(30_000);

export function arrival(raw: string, given: Partial<Arrival> = {}): Arrival {
  return {
    receivedAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
    from: 'ann@example.org',
    asked: [{ address: 'bob@example.org', reply: undefined }],
    outcome: 'accepted',
    raw: Buffer.from(raw.replaceAll('\n', '\r\n'), 'latin1'),
    transcript: { opening: [], lines: [], ordinal: 1, leftOut: 0 },
    client: { address: '127.0.0.1', hello: 'client.test', user: undefined, tls: undefined, mailParameters: [] },
    ...given,
  };
}

export const PLAIN = 'From: Ann <ann@example.org>\nTo: bob@example.org\nSubject: Hello\n\nHello Bob\n';

export function stored(id: number, raw = PLAIN, given: Partial<Arrival> = {}): Promise<InboxMessage> {
  return makeInboxMessage(id, arrival(raw, given));
}
