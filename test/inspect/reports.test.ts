/** Delivery status notifications as whole messages, in the shapes of several mail servers. */
import { inspect } from '../../src/inspect/index.js';
import { report } from './fixture.js';

const subjectOf = async (name: string): Promise<[subject: string | undefined, headersOnly: boolean | undefined]> => {
  const { deliveryStatus } = await inspect(report(name));
  return [deliveryStatus?.returned?.message.headers.get('Subject'), deliveryStatus?.returned?.headersOnly];
};

it('in the shape of Postfix: two refused recipients, the message returned', async () => {
  const { text, deliveryStatus } = await inspect(report('postfix'));
  expect(text).toContain('One message could not be delivered');
  expect(deliveryStatus).toMatchObject({
    reportingMta: { type: 'dns', value: 'mx1.relay.example' },
    originalEnvelopeId: 'order-2025/0303=17',
    arrivalDate: new Date('2025-03-03T08:14:00Z'),
    recipients: [
      {
        finalRecipient: { type: 'rfc822', address: 'gone+tag@firm.example' },
        originalRecipient: { type: 'rfc822', address: 'gone+tag@firm.example' },
        action: 'failed',
        status: '5.1.1',
        remoteMta: { type: 'dns', value: 'mail.firm.example' },
        diagnosticCode: {
          type: 'smtp',
          value: '550 5.1.1 <gone+tag@firm.example>: Recipient address rejected: no such user',
        },
        lastAttemptDate: undefined,
      },
      { finalRecipient: { address: 'full@firm.example' }, status: '5.2.2' },
    ],
  });
  expect(deliveryStatus?.fields.get('x-postfix-queue-id')).toEqual(['4XyZ0D0vBkz5vNb']);
  expect(await subjectOf('postfix')).toEqual(['What is new in March', false]);
  const returned = deliveryStatus?.returned;
  expect(returned?.message.headers.get('Message-ID')).toBe('<issue-17@shop.example>');
  expect((await inspect(returned?.message ?? new Uint8Array())).text).toContain('Grüße vom Laden.');
});

it('in the shape of Exim: the action in front of the recipient', async () => {
  const { deliveryStatus } = await inspect(report('exim'));
  expect(deliveryStatus).toMatchObject({
    reportingMta: { type: 'dns', value: 'smtp.host.example' },
    arrivalDate: undefined,
    originalEnvelopeId: undefined,
    recipients: [
      {
        finalRecipient: { type: 'rfc822', address: 'nobody@far.example' },
        originalRecipient: undefined,
        action: 'failed',
        status: '5.0.0',
        diagnosticCode: { type: 'smtp', value: '554 5.7.1 no relaying here' },
      },
    ],
  });
  expect(await subjectOf('exim')).toEqual(['A note', false]);
});

it('in the shape of Exchange: only header fields returned, an address left in xtext', async () => {
  const { html, deliveryStatus } = await inspect(report('exchange'));
  expect(html).toContain('Delivery has failed');
  expect(deliveryStatus).toMatchObject({
    reportingMta: { type: 'dns', value: 'EX01.corp.example' },
    receivedFromMta: { type: 'dns', value: 'mail.out.example' },
    recipients: [
      {
        finalRecipient: { type: 'rfc822', address: 'carol@corp.example' },
        originalRecipient: { type: 'rfc822', address: 'carol+x@corp.example' },
        action: 'failed',
        status: '5.1.10',
      },
    ],
  });
  expect(deliveryStatus?.recipients[0]?.fields.get('x-display-name')).toEqual(['Carol']);
  expect(await subjectOf('exchange')).toEqual(['Meeting', true]);
});

it('in the shape of Gmail: a delay, with what happens next', async () => {
  const { attachments, deliveryStatus } = await inspect(report('gmail'));
  expect(deliveryStatus?.recipients).toEqual([
    expect.objectContaining({
      action: 'delayed',
      status: '4.4.1',
      remoteMta: {
        type: 'dns',
        value: 'mx.slow.example. (203.0.113.77, the server for the domain slow.example.)',
      },
      lastAttemptDate: new Date('2025-03-03T08:40:05Z'),
      willRetryUntil: new Date('2025-03-05T05:39:51Z'),
    }),
  ]);
  expect(attachments.map(({ contentType }) => contentType)).toEqual([
    'image/png',
    'message/delivery-status',
    'message/rfc822',
  ]);
  expect(await subjectOf('gmail')).toEqual(['Hello', false]);
});

it('with addresses beyond ASCII (RFC 6533), encoded for the way', async () => {
  const { text, deliveryStatus } = await inspect(report('internationalized'));
  expect(text).toBe('Zugestellt\n');
  expect(deliveryStatus?.recipients).toEqual([
    expect.objectContaining({
      finalRecipient: { type: 'utf-8', address: 'jörg@example.net' },
      originalRecipient: { type: 'utf-8', address: 'jörg@example.net' },
      action: 'delivered',
      status: '2.0.0',
    }),
  ]);
  expect(await subjectOf('internationalized')).toEqual(['Grüße', true]);
});

it('a report that is attached to another message does not make that one a report', async () => {
  const outer = Buffer.concat([
    Buffer.from('From: a@x.example\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n'),
    Buffer.from('Content-Type: message/rfc822\r\n\r\n'),
    report('postfix'),
    Buffer.from('\r\n--outer--\r\n'),
  ]);
  const { deliveryStatus, attachments } = await inspect(outer);
  expect(deliveryStatus).toBeUndefined();
  expect((await inspect(attachments[0]?.content ?? new Uint8Array())).deliveryStatus?.recipients).toHaveLength(2);
});
