/** What a message may have read for it: files inside of folders, URLs below URLs, and nothing else. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createTransport, type CommonOptions, type SendMailOptions } from '../../src/nodemailer/index.js';
import { rejectionOf } from '../support/rejection.js';

const MAIL = { from: 'ann@example.org', to: 'bob@example.org', subject: 'Hi', text: 'Hello' };

let folder: string;
let server: Server;
let base: string;
const asked: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'access-'));
  mkdirSync(join(folder, 'assets/deep'), { recursive: true });
  mkdirSync(join(folder, 'assets-of-others'));
  writeFileSync(join(folder, 'assets/deep/a.txt'), 'a file');
  writeFileSync(join(folder, 'assets-of-others/b.txt'), 'a secret');
  symlinkSync(join(folder, 'assets-of-others/b.txt'), join(folder, 'assets/link.txt'));
  server = createServer((request, response) => {
    asked.push(
      `${request.url ?? ''} ${request.headers['x-key'] === undefined ? '' : String(request.headers['x-key'])}`.trim(),
    );
    if (request.url === '/mail/away') response.writeHead(302, { location: '/private' }).end();
    else if (request.url === '/mail/on') response.writeHead(302, { location: 'a.txt' }).end();
    else if (request.url === '/mail/round') response.writeHead(302, { location: 'round' }).end();
    else if (request.url === '/mail/missing') response.writeHead(404).end('nothing');
    else response.end(`content of ${request.url ?? ''}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`;
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await new Promise((resolve) => server.close(resolve));
});

async function built(options: CommonOptions, mail: SendMailOptions): Promise<string> {
  const transport = createTransport({ streamTransport: true, buffer: true, ...options });
  const { message } = await transport.sendMail({ ...MAIL, ...mail });
  return message.toString('latin1');
}

const carries = (text: string): string => Buffer.from(text).toString('base64');

describe('files', () => {
  it('are read from inside of the folder, by a path that is relative to the working directory', async () => {
    const path = relative(process.cwd(), join(folder, 'assets/deep/a.txt'));
    expect(await built({ files: join(folder, 'assets') }, { attachments: [{ path }] })).toContain(carries('a file'));
  });

  it.each([
    ['in front of it', 'assets/../assets-of-others/b.txt'],
    ['beside it', 'assets-of-others/b.txt'],
    ['behind a link in it', 'assets/link.txt'],
    ['that is the folder itself', 'assets'],
  ])('are refused %s', async (_where, path) => {
    const sending = built({ files: [join(folder, 'assets')] }, { attachments: [{ path: join(folder, path) }] });
    expect(await rejectionOf(sending)).toMatchObject({
      code: 'EFILEACCESS',
      delivery: 'not-sent',
      hint: expect.stringContaining('files:') as string,
    });
  });

  it.each<[string, SendMailOptions]>([
    ['an attachment', { attachments: [{ path: '/etc/passwd' }] }],
    ['the text', { text: { path: '/etc/passwd' } }],
    ['the html', { html: { path: '/etc/passwd' } }],
    ['a form of the text', { alternatives: [{ path: '/etc/passwd', contentType: 'text/plain' }] }],
    ['an invitation', { icalEvent: { path: '/etc/passwd' } }],
    ['the whole message', { raw: { path: '/etc/passwd' } }],
    ['a file URL', { attachments: [{ path: 'file:///etc/passwd' }] }],
  ])('are not read for %s unless the transport says so', async (_what, mail) => {
    expect(await rejectionOf(built({}, mail))).toMatchObject({ code: 'EFILEACCESS' });
    expect(await rejectionOf(built({ allowFileAccess: true, disableFileAccess: true }, mail))).toMatchObject({
      code: 'EFILEACCESS',
    });
    expect(await rejectionOf(built({ allowFileAccess: true }, { ...mail, disableFileAccess: true }))).toMatchObject({
      code: 'EFILEACCESS',
    });
  });

  it('are all read where all are allowed', async () => {
    const path = join(folder, 'assets/link.txt');
    expect(await built({ allowFileAccess: true }, { attachments: [{ path }] })).toContain(carries('a secret'));
  });

  it('never become content that is an object', async () => {
    const attachments = [{ content: { path: join(folder, 'assets/deep/a.txt') } }];
    expect(await rejectionOf(built({ allowFileAccess: true }, { attachments }))).toMatchObject({ code: 'EMESSAGE' });
  });
});

describe('URLs', () => {
  it('are fetched where they begin as allowed, redirections too', async () => {
    const options = { urls: `${base}/mail` };
    expect(await built(options, { attachments: [{ href: `${base}/mail/a.txt` }] })).toContain(
      carries('content of /mail/a.txt'),
    );
    expect(await built(options, { attachments: [{ path: `${base}/mail/on` }] })).toContain(
      carries('content of /mail/a.txt'),
    );
    expect(await built({ allowUrlAccess: true }, { html: { href: `${base}/private` } })).toContain(
      'content of /private',
    );
  });

  it('are asked for with the headers that are given', async () => {
    const attachments = [{ href: `${base}/mail/key`, httpHeaders: { 'X-Key': 'k' } }];
    await built({ urls: [base] }, { attachments });
    expect(asked).toContain('/mail/key k');
  });

  it.each([
    ['without leave', {}, '/mail/a.txt', 'EURLACCESS'],
    ['beside what is allowed', { urls: '/mail' }, '/mailing', 'EURLACCESS'],
    ['by a redirection', { urls: '/mail/' }, '/mail/away', 'EURLACCESS'],
    ['round in circles', { urls: '/mail/' }, '/mail/round', 'EFETCH'],
    ['that are not there', { urls: '/mail/' }, '/mail/missing', 'EFETCH'],
    ['where the message closes them', { allowUrlAccess: true, closed: true }, '/mail/a.txt', 'EURLACCESS'],
  ])(
    'are not fetched %s',
    async (
      _how,
      { urls, closed, ...rest }: { urls?: string; closed?: boolean; allowUrlAccess?: boolean },
      path,
      code,
    ) => {
      const before = asked.filter((one) => one.startsWith('/private')).length;
      const options = urls === undefined ? rest : { urls: base + urls };
      const sending = built(options, { attachments: [{ href: base + path }], disableUrlAccess: closed ?? false });
      expect(await rejectionOf(sending)).toMatchObject({ code });
      expect(asked.filter((one) => one.startsWith('/private'))).toHaveLength(before);
    },
  );

  it.each(['ftp://example.org/a', 'javascript:1', 'nonsense'])('are no %s', async (href) => {
    expect(await rejectionOf(built({ allowUrlAccess: true }, { attachments: [{ href }] }))).toMatchObject({
      code: 'EURLACCESS',
    });
  });
});

it.each([
  { urls: 'not a url' },
  { urls: 'file:///' },
  { urls: 'http://user:secret@example.org/' },
  { files: [7] },
  { files: 'a\0b' },
])('options that open nothing are refused: %p', (options) => {
  expect(() => createTransport(options as CommonOptions)).toThrow(
    expect.objectContaining({ code: 'ECONFIG' }) as Error,
  );
});
