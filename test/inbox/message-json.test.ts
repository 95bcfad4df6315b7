import type { MessageJson } from '../../src/inbox/api-types.js';
import { messageJson, summaryOf } from '../../src/inbox/message-json.js';
import { stored } from './arrivals.js';

const LEAKING =
  'From: ann@example.org\nTo: dan@example.org\nBcc: bob@example.org\nSubject: Hi\n\n  Line one\n\n  line two\n';

it('a summary counts what the list shows', async () => {
  const asked = [
    { address: 'bob@example.org', reply: undefined },
    { address: 'cid@example.org', reply: undefined },
    { address: 'eve@example.org', reply: { code: 451, text: 'later' } },
  ];
  const message = await stored(3, LEAKING, { asked });
  expect(summaryOf(message)).toEqual({
    id: 3,
    receivedAt: '2026-01-02T03:04:05.000Z',
    envelope: { from: 'ann@example.org', to: ['bob@example.org', 'cid@example.org'] },
    outcome: 'accepted',
    subject: 'Hi',
    from: 'ann@example.org',
    to: 'dan@example.org',
    preview: 'Line one line two',
    octets: message.raw.length,
    attachments: 0,
    refused: 1,
    blind: 1,
    leaked: true,
  });
});

it('a message survives JSON, with its fields in order', async () => {
  const json: MessageJson = messageJson(await stored(3, LEAKING));
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  expect(json.headers.map(([name]) => name)).toEqual(['From', 'To', 'Bcc', 'Subject']);
  expect([json.hasText, json.hasHtml, json.hasRemoteContent]).toEqual([true, false, false]);
  expect(json.provenance.notAddressed.map(({ address }) => address)).toEqual(['dan@example.org']);
});

it('octets without a header block have no fields', async () => {
  expect(messageJson(await stored(1, '')).headers).toEqual([]);
});
