import { carriedName, isOfWholeMessage } from '../../src/message/carried-fields.js';

it.each(['X-Campaign', 'List-Unsubscribe', 'Importance', 'Auto-Submitted', 'Comments', 'Organization', 'x-resent-by'])(
  '%s goes over',
  (name) => {
    expect(carriedName(name)).toBe(true);
  },
);

it.each([
  ['has a place of its own', 'Subject'],
  ['names blind copies', 'BCC'],
  ['is trace', 'received'],
  ['is trace of a resending', 'Resent-From'],
  ['is where a server delivered', 'Delivered-To'],
  ['asks something of servers', 'TLS-Required'],
  ['signs', 'DKIM-Signature'],
  ['seals', 'ARC-Seal'],
  ['is a result that a server vouched for', 'Authentication-Results'],
  ['is a result of a filter', 'X-Spam-Status'],
  ['describes the structure', 'Content-Type'],
  ['describes the structure too', 'MIME-Version'],
  ['belongs to the copy in a mailbox', 'X-Mozilla-Status2'],
  ['is no name', 'X A'],
  ['is none at all', ''],
])('a field that %s does not: %s', (_why, name) => {
  expect(carriedName(name)).toBe(false);
});

it.each([
  'From',
  'Sender',
  'Reply-To',
  'To',
  'Cc',
  'Bcc',
  'Subject',
  'Date',
  'Message-ID',
  'In-Reply-To',
  'References',
])('%s does not: a new message has its own', (name) => {
  expect(carriedName(name)).toBe(false);
  expect(carriedName(name.toLowerCase())).toBe(false);
});

it.each([
  ['bcc', true],
  ['resent-bcc', true],
  ['return-path', true],
  ['subject', true],
  ['content-description', false],
  ['x-a', false],
])('%s speaks of the whole message: %s', (key, expected) => {
  expect(isOfWholeMessage(key)).toBe(expected);
});
