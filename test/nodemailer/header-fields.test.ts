/** Header fields that are given in any form: what a reader sees is what was given, and nothing begins another field. */
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { decodeWords } from '../../src/index.js';
import { createTransport, type SendMailOptions } from '../../src/nodemailer/index.js';
import { rejectionOf } from '../support/rejection.js';

const MAIL = { from: 'ann@example.org', to: 'bob@example.org', subject: 'Hi', text: 'Hello' };
const NAMES = [
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
];

async function built(mail: SendMailOptions): Promise<string> {
  return (
    await createTransport({ streamTransport: true, buffer: true }).sendMail({ ...MAIL, ...mail })
  ).message.toString();
}

function namesOf(message: string): readonly string[] {
  const [block = ''] = message.split('\r\n\r\n');
  const lines = block.replace(/\r\n[ \t]/g, ' ').split('\r\n');
  return lines.map((line) => line.split(':', 1)[0]?.toLowerCase() ?? '').sort();
}

it('no value adds a field of its own, wherever it is given', async () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'ü', '\r', '\n', ':', '<', '>', '"', '\\', ' ', '(', ')', ',', '\0', '%'),
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      const forms: SendMailOptions[] = [
        { headers: { 'X-One': value } },
        { headers: [{ key: 'X-One', value: { prepared: true, value } }] },
        { list: { help: { url: `http://x.example/${value}`, comment: value } } },
        { list: { id: { url: 'l.example', comment: value } } },
        { xMailer: value },
        { replyTo: { name: value, address: 'r@x.example' } },
        { inReplyTo: value },
        { subject: value },
      ];
      for (const form of forms) {
        const names = await built(form).then(namesOf, (error: unknown) => {
          expect(error).toMatchObject({ delivery: 'not-sent' });
          return NAMES;
        });
        const added = names.filter((name) => !NAMES.includes(name));
        expect(['x-one', 'list-help', 'list-id', 'x-mailer', 'reply-to', 'in-reply-to', undefined]).toContain(added[0]);
        expect(added.length).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

it('a text arrives as it was given', async () => {
  const parsed = await simpleParser(
    await built({
      headers: { 'X-One': 'Größe =?utf-8?q?x?=', 'X-Two': ['a', 'b'] },
      list: { help: { url: 'x.example', comment: 'Hilfe für (alle)' } },
    }),
  );
  expect(decodeWords(parsed.headers.get('x-one') as string)).toBe('Größe =?utf-8?q?x?=');
  expect(parsed.headers.get('x-two')).toEqual(['a', 'b']);
});

it('a field with a place of its own gets there, and one that is given there outweighs it', async () => {
  const message = await built({
    headers: {
      To: 'other@example.org',
      'Message-ID': '<own@x.example>',
      'reply-to': ['a@x.example', 'b@x.example'],
      'MIME-Version': '1.0',
    },
  });
  expect(message).toContain('To: bob@example.org\r\n');
  expect(message).not.toContain('other@');
  expect(message).toContain('Message-ID: <own@x.example>\r\n');
  expect(message).toContain('Reply-To: a@x.example, b@x.example\r\n');
  expect(namesOf(message).filter((name) => name === 'mime-version')).toHaveLength(1);
});

const refused: readonly object[] = [
  { headers: { 'Content-Type': 'text/html' } },
  { headers: { 'X Y': 'a' } },
  { headers: { 'X-A': { a: 1 } } },
  { headers: [7] },
  { list: { help: 'http://x.example/ y' } },
  { list: { help: { url: '' } } },
  { attachments: [{ content: 'x', raw: 'y' }] },
  { attachments: [{ content: 7 }] },
  { attachments: ['x'] },
  { attachments: [{ content: 'x', encoding: 'rot13' }] },
  { attachments: [{ content: 'x', contentDisposition: 'form-data' }] },
  { attachments: [{ content: 'x', filename: {} }] },
  { text: Buffer.from([0xff]) },
  { date: 'the day before' },
  { encoding: 'zip' },
  { references: [7] },
  { envelope: 'a@x.example' },
  { from: { name: 'Ann' } },
  { to: [{ address: undefined }] },
  { to: 7 },
  { icalEvent: { method: 'a\r\nb', content: 'x' } },
  { baseBoundary: 'x' },
];

it.each(refused.map((mail) => [JSON.stringify(mail), mail] as const))(
  'what is not understood is refused: %s',
  async (_name, mail) => {
    expect(await rejectionOf(built(mail))).toMatchObject({ code: 'EMESSAGE', hint: expect.any(String) as string });
  },
);

it.each([{ dsn: { notify: 'sometimes' } }, { dsn: { ret: 'half' } }, { dsn: 'x' }])('so is %p', async (mail) => {
  const transport = createTransport('smtp://127.0.0.1:1');
  expect(await rejectionOf(transport.sendMail({ ...MAIL, ...mail } as SendMailOptions))).toMatchObject({
    code: 'EENVELOPE',
    command: 'API',
  });
});
