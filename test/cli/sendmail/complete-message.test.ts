import { completeMessage } from '../../../src/cli/sendmail/complete-message.js';

const missing = { address: 'ann@host', name: undefined, date: new Date(0), messageId: '1@host' };

async function completed(text: string, more: Partial<typeof missing> | { name: string } = {}): Promise<string> {
  return Buffer.from(await completeMessage(Buffer.from(text), { ...missing, ...more }).toBytes()).toString();
}

const added = 'From: ann@host\r\nDate: Thu, 01 Jan 1970 00:00:00 +0000\r\nMessage-ID: <1@host>\r\n';

it.each([
  ['a header block without any of them', 'To: b@c.d\n\nx\n', `${added}To: b@c.d\r\n\r\nx\r\n`],
  ['a body alone', 'hello, world\nSubject: not this\n', `${added}\r\nhello, world\r\nSubject: not this\r\n`],
  ['an empty line and a body', '\nSubject: body\n', `${added}\r\nSubject: body\r\n`],
  ['nothing at all', '', `${added}\r\n`],
  ['an mbox line', 'From x Thu Jan  1 00:00:00 1970\nTo: b@c.d\n', `${added}To: b@c.d\r\n`],
])('adds From, Date and Message-ID to %s', async (_, text, expected) => {
  expect(await completed(text)).toBe(expected);
});

it('leaves alone what is there', async () => {
  const text = 'DATE: x\r\nfrom: y@z\r\nMessage-Id: <2@host>\r\n\r\n';
  expect(await completed(text)).toBe(text);
});

it('names the sender as -F says', async () => {
  expect(await completed('To: b@c.d\n', { name: 'Ann, B.' })).toMatch(/^From: "Ann, B\." <ann@host>\r\n/);
});
