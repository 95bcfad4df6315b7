import { jest } from '@jest/globals';
import { contentOf } from '../../src/inbox/inspection.js';

// The parser of bodies is loaded with the first message, which may take seconds on a busy machine.
jest.setTimeout(30_000);

const crlf = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'));

it('reads subject, people, date, texts and files', async () => {
  const content = await contentOf(
    crlf(
      'From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\nTo: Team: a@b.org, Bob <b@c.org>;\nCc: c@d.org\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n' +
        'Date: Mon, 10 Jul 2023 09:12:44 +0100\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n' +
        '--b\nContent-Type: text/html\n\n<p>x</p>\n' +
        '--b\nContent-Type: image/png\nContent-ID: <logo>\nContent-Disposition: inline; filename=l.png\nContent-Transfer-Encoding: base64\n\nAAEC\n--b--\n',
    ),
  );
  expect(content).toMatchObject({
    subject: 'Grüße',
    from: 'Jürgen <j@example.org>',
    to: 'Team: a@b.org, Bob <b@c.org>;',
    cc: 'c@d.org',
    date: new Date('2023-07-10T08:12:44Z'),
    attachments: [
      { filename: 'l.png', contentType: 'image/png', cid: 'logo', isInline: true, content: Buffer.from([0, 1, 2]) },
    ],
  });
  expect(content.html).toContain('<p>x</p>');
});

it('a field that is no list of addresses is shown as it stands', async () => {
  const { from } = await contentOf(crlf('From: Doe, John <j@example.org\nTo: b@c.org\n\nx\n'));
  expect(from).toContain('Doe, John');
});
