import fc from 'fast-check';
import { parseDeliveryStatus } from '../../src/inspect/delivery-status.js';
import { runs } from '../message/runs.js';

const recipients = (body: string): unknown => parseDeliveryStatus(body)?.recipients;

describe('a report', () => {
  it.each(['\r\n', '\n', '\r'])('has lines that end in %j', (lineEnd) => {
    const lines = ['Reporting-MTA: dns; a.example', '', '', 'Final-Recipient: rfc822; u@x', ' ', 'Action: failed'];
    const status = parseDeliveryStatus(Buffer.from(lines.join(lineEnd)));
    expect(status?.reportingMta).toEqual({ type: 'dns', value: 'a.example' });
    expect(status?.recipients).toHaveLength(2);
  });

  it('may lack the fields about the message', () => {
    const status = parseDeliveryStatus('Final-Recipient: rfc822; u@x\nStatus: 5.0.0\n');
    expect(status).toMatchObject({ reportingMta: undefined, recipients: [{ status: '5.0.0' }] });
    expect(status?.fields.size).toBe(0);
  });

  it('may have text in front of it, and lack empty lines between its groups', () => {
    const body = [
      'This is a report: read on',
      '',
      'Reporting-MTA: dns; a.example',
      'Final-Recipient: rfc822; u@x',
      'Status: 5.1.1',
      'Final-Recipient: rfc822; v@x',
      'Status: 5.2.2',
    ].join('\n');
    expect(parseDeliveryStatus(body)).toMatchObject({
      reportingMta: { value: 'a.example' },
      recipients: [
        { finalRecipient: { address: 'u@x' }, status: '5.1.1' },
        { finalRecipient: { address: 'v@x' }, status: '5.2.2' },
      ],
    });
  });

  it.each(['', '\n\n', 'no fields at all', 'Reporting-MTA: dns; a.example\n', 'Note: x\n\nOther: y\n'])(
    'is none without a recipient: %j',
    (body) => {
      expect(parseDeliveryStatus(body)).toBeUndefined();
    },
  );

  it('in octets that are no UTF-8 is read as Latin-1', () => {
    const body = Buffer.from('Final-Recipient: rfc822; u@x\nDiagnostic-Code: smtp; 550 \xfcnknown\n', 'latin1');
    expect(recipients(body.toString('latin1'))).toEqual(parseDeliveryStatus(body)?.recipients);
  });
});

describe('a field', () => {
  it.each<[fact: string, lines: string, expected: object]>([
    [
      'without a type has the usual one',
      'Final-Recipient: u@x',
      { finalRecipient: { type: 'rfc822', address: 'u@x' } },
    ],
    [
      'may have angle brackets',
      'Final-Recipient: RFC822; <u@x>',
      { finalRecipient: { type: 'rfc822', address: 'u@x' } },
    ],
    ['may have a comment', 'Action: failed (no user)\nStatus: 5.1.1 (bad)', { action: 'failed', status: '5.1.1' }],
    ['has its first value', 'Action: failed\nAction: delayed', { action: 'failed' }],
    ['may be in any case', 'FINAL-RECIPIENT: x400; /S=u/\nACTION: Relayed', { action: 'relayed' }],
    ['with an unknown word is undefined', 'Action: vanished\nStatus: 5.1', { action: undefined, status: undefined }],
    ['with an unknown class is undefined', 'Action: failed\nStatus: 3.1.1', { status: undefined }],
    ['with more numbers is undefined', 'Action: failed\nStatus: 5.1.1.1', { status: undefined }],
    [
      'that is empty is undefined',
      'Action: failed\nDiagnostic-Code:\nRemote-MTA: dns;',
      { diagnosticCode: undefined, remoteMta: undefined },
    ],
    [
      'may be folded',
      'Action: failed\nDiagnostic-Code: smtp; 550\n  no\n\tuser',
      { diagnosticCode: { type: 'smtp', value: '550 no user' } },
    ],
    ['with a date that is none is undefined', 'Action: delayed\nWill-Retry-Until: soon', { willRetryUntil: undefined }],
    ['has a log identifier', 'Action: failed\nFinal-Log-ID: 7', { finalLogId: '7' }],
  ])('%s', (_fact, lines, expected) => {
    expect(recipients(`Reporting-MTA: dns; a\n\n${lines}\n`)).toEqual([expect.objectContaining(expected)]);
  });

  it('of the same name stands in fields each time', () => {
    const [first] = parseDeliveryStatus('Action: failed\nX-A: 1\nx-a: 2')?.recipients ?? [];
    expect(first?.fields.get('x-a')).toEqual(['1', '2']);
  });
});

const word = fc.stringMatching(/^[a-z0-9.]{1,20}$/);
const address = fc.tuple(word, word).map(([local, domain]) => `${local}@${domain}`);
const recipient = fc.record({
  final: address,
  original: fc.option(address, { nil: undefined }),
  action: fc.constantFrom('failed', 'delayed', 'delivered', 'relayed', 'expanded'),
  status: fc.tuple(fc.constantFrom(2, 4, 5), fc.nat(999), fc.nat(999)).map((digits) => digits.join('.')),
  diagnostic: fc.option(fc.array(word, { minLength: 1, maxLength: 10 }), { nil: undefined }),
  lastAttempt: fc.option(fc.integer({ min: 0, max: 4_000_000_000 }), { nil: undefined }),
});

it('what was written by the standard is read as it was meant, however it is folded', () => {
  fc.assert(
    fc.property(
      fc.array(recipient, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('\r\n', '\n', '\r'),
      fc.constantFrom(' ', '\n ', '\n\t  '),
      (given, lineEnd, fold) => {
        const groups = given.map(({ final, original, action, status, diagnostic, lastAttempt }) =>
          [
            `Final-Recipient: rfc822;${fold}${final}`,
            ...(original === undefined ? [] : [`Original-Recipient: rfc822;${original}`]),
            `Action:${fold}${action}`,
            `Status: ${status}`,
            ...(diagnostic === undefined ? [] : [`Diagnostic-Code: smtp; ${diagnostic.join(fold)}`]),
            ...(lastAttempt === undefined ? [] : [`Last-Attempt-Date: ${new Date(lastAttempt * 1000).toUTCString()}`]),
          ].join('\n'),
        );
        const body = ['Reporting-MTA: dns; mta', ...groups].join('\n\n').replaceAll('\n', lineEnd);
        const read = parseDeliveryStatus(body);
        expect(read?.reportingMta).toEqual({ type: 'dns', value: 'mta' });
        expect(
          read?.recipients.map(
            ({ finalRecipient, originalRecipient, action, status, diagnosticCode, lastAttemptDate }) => ({
              final: finalRecipient?.address,
              original: originalRecipient?.address,
              action,
              status,
              diagnostic: diagnosticCode?.value.split(' '),
              lastAttempt: lastAttemptDate && lastAttemptDate.getTime() / 1000,
            }),
          ),
        ).toEqual(given);
      },
    ),
    runs(300),
  );
});

it('any text is read, or is no report', () => {
  const piece = fc.constantFrom(
    '\n',
    '\r',
    ' ',
    ':',
    ';',
    'Action',
    'Final-Recipient',
    'Status',
    'failed',
    '5.1.1',
    '<',
    '>',
    '\0',
    'ü',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const status = parseDeliveryStatus(pieces.join(''));
      if (status !== undefined) expect(status.recipients.length).toBeGreaterThan(0);
    }),
    runs(1000),
  );
});
