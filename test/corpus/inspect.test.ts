/** Every real message can be inspected; the reports among them are read. */
import { inspect, type Inspection } from '../../src/inspect/index.js';
import { realMessages } from './corpus.js';

const read = new Map<string, Inspection | string>();

beforeAll(async () => {
  for (const { file, bytes } of realMessages()) {
    read.set(file, await inspect(bytes, { deadlineMs: 10_000 }).catch((error: unknown) => String(error)));
  }
}, 120_000);

it('none of them is refused', () => {
  expect([...read].filter(([, inspection]) => typeof inspection === 'string')).toEqual([]);
  expect(read.size).toBeGreaterThanOrEqual(263);
});

it('the reports are read, recipient by recipient', () => {
  const recipients = [...read].flatMap(([file, inspection]) => {
    if (typeof inspection === 'string' || inspection.deliveryStatus === undefined) return [];
    const { recipients: of, returned } = inspection.deliveryStatus;
    return [[file, of.map(({ action, status }) => `${action ?? '?'} ${status ?? '?'}`), returned?.headersOnly]];
  });
  expect(recipients).toEqual([
    ['mikel-mail/mime_emails-raw_email_with_mimepart_without_content_type.eml', ['delayed 4.5.0'], false],
    [
      'mikel-mail/multipart_report_emails-multi_address_bounce1.eml',
      ['failed 5.1.1', 'failed 5.1.1', 'failed 5.1.1', 'failed 5.1.1', 'failed 5.1.1'],
      false,
    ],
    ['mikel-mail/multipart_report_emails-multipart_report_multiple_status.eml', ['failed 5.3.0'], false],
    ['mikel-mail/multipart_report_emails-report_422.eml', ['delayed 4.2.2'], true],
    ['mikel-mail/multipart_report_emails-report_530.eml', ['failed 5.3.0'], true],
  ]);
});
