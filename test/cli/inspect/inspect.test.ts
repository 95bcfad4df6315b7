import { eml, Folder, posthaste, type Ended } from '../cli-world.js';

async function inspectText(text: string, ...words: string[]): Promise<Ended> {
  return await posthaste(['inspect', ...words], { stdin: Buffer.from(text, 'latin1') });
}

const codes = ({ out }: Ended): string[] =>
  (JSON.parse(out) as { warnings: { code: string }[] }).warnings.map(({ code }) => code);

const whole = [
  'From: a@example.org',
  'To: b@example.org, c@example.org',
  'Bcc: d@example.org',
  'Date: Thu, 1 Jan 2026 10:00:00 +0000',
  'Message-ID: <1@example.org>',
];

it('shows envelope, structure, size and signatures', async () => {
  const signature = 'DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=sel; h=from:to; bh=x; b=y';
  const { code, out, err } = await inspectText(eml([...whole, signature]));
  expect([code, err]).toEqual([0, '']);
  expect(out).toBe(
    [
      'standard input',
      '  from       a@example.org  (From)',
      '  to         b@example.org  (To)',
      '             c@example.org  (To)',
      '             d@example.org  (Bcc)',
      '  removed    Bcc',
      '  structure  text/plain 7 octets',
      '  size       245 octets, 9 lines, the longest of 77',
      '  DKIM       example.org (rsa-sha256, simple/simple, key sel._domainkey.example.org) signs from to',
      '',
    ].join('\n'),
  );
});

it.each<[string, string, readonly string[]]>([
  ['nothing', eml(whole), []],
  ['8-bit that is not declared', eml(whole, 'Gr\xfc\xdfe\r\n'), ['WARN_UNDECLARED_EIGHT_BIT']],
  ['8-bit', eml([...whole, 'Content-Transfer-Encoding: 8bit'], 'Gr\xfc\xdfe\r\n'), ['WARN_EIGHT_BIT']],
  ['long lines', eml(whole, `${'x'.repeat(999)}\r\n`), ['WARN_LONG_LINES']],
  ['missing fields', eml(), ['WARN_MISSING_FIELD', 'WARN_MISSING_FIELD']],
  ['a date that is none', eml(whole.map((field) => field.replace(/Thu.*/, 'tomorrow'))), ['WARN_BAD_DATE']],
  [
    'a boundary that is never used',
    eml([...whole, 'Content-Type: multipart/mixed; boundary=x']),
    ['WARN_MIME_STRUCTURE'],
  ],
  ['LF line ends', `${whole.join('\n')}\n\nx\n`, ['WARN_LINE_ENDS']],
  ['NUL', eml(whole, '\0\r\n'), ['WARN_NUL']],
  [
    'a signature of a part of the body',
    eml([...whole, 'DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=sel; h=from:to; bh=x; b=y; l=5']),
    ['WARN_DKIM_BODY_LENGTH'],
  ],
])('warns of %s', async (_, text, expected) => {
  expect(codes(await inspectText(text, '--json'))).toEqual(expected);
});

it('warns of several authors without Sender', async () => {
  expect(codes(await inspectText(eml(['From: a@b.c, d@e.f', ...whole.slice(1)]), '--json'))).toEqual([
    'WARN_SEVERAL_AUTHORS',
  ]);
});

it('shows why there is no envelope', async () => {
  const text = eml(['From: a b@c.d', ...whole.slice(1)]);
  const { code, out } = await inspectText(text, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ envelope: null, envelopeError: { message: expect.any(String) as string } });
  expect((await inspectText(text)).out).toMatch(/ {2}envelope {3}none: /);
});

it('goes on behind a file that cannot be read, and behind one that is no message', async () => {
  using folder = new Folder();
  const files = ['/nowhere/x.eml', folder.path, folder.file('empty', ''), folder.file('ok.eml', eml(whole))];
  const { code, out, err } = await posthaste(['inspect', ...files]);
  expect([code, out.split('\n')[0]]).toEqual([66, files[3]]);
  expect(err.split('\n').map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual([
    ...files.slice(0, 3).map((file) => `posthaste: ${file}`),
    '',
  ]);
});
