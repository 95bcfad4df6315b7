/** What a message may try on its reader, in Chromium: nothing runs, nothing is asked for, nothing escapes. */
import { SMTP } from '../../src/index.js';
import type { Inbox } from '../../src/inbox/index.js';
import { launchChromium, until, type Browser, type Context, type Page } from './chromium.js';
import { useBuiltPage } from './page-build.js';
import { Trap } from './trap.js';

let browser: Browser;
let start: typeof Inbox.start;
let inbox: Inbox;
let trap: Trap;
let context: Context;
let page: Page;
let dialogs: number;

beforeAll(async () => {
  await useBuiltPage('inbox');
  const { Inbox: Built } = await import('../../src/inbox/index.js');
  start = (options) => Built.start(options);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  inbox = await start();
  trap = await Trap.open();
  context = await browser.newContext({ viewport: { width: 1100, height: 760 } });
  page = await context.newPage();
  dialogs = 0;
  page.on('dialog', (dialog) => {
    dialogs += 1;
    void dialog.dismiss();
  });
});

afterEach(async () => {
  await context.close();
  await inbox.close();
  await trap[Symbol.asyncDispose]();
});

async function deliver(raw: string): Promise<void> {
  await using smtp = await SMTP.connect(inbox.smtpUrl);
  await smtp.sendmail('evil@example.org', ['bob@example.org'], raw.replaceAll('\n', '\r\n'));
}

const html = (body: string): string =>
  `From: evil@example.org\nTo: bob@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n${body}\n`;

async function open(view = 'message'): Promise<void> {
  await page.goto(`${inbox.webUrl}#/1/${view}`);
  await page.waitForSelector('.panel');
}

const pwn = 'top.pwned = 1; parent.pwned = 1; window.pwned = 1; alert(1)';

it.each([
  ['a script', `<script>${pwn}</script>`],
  ['a script of somebody else', '<script src="ORIGIN/x.js"></script>'],
  ['a handler', `<img src="x" onerror="${pwn}"><svg onload="${pwn}"><body onload="${pwn}">`],
  ['a link to a script', `<a id="go" href="javascript:${pwn}">x</a>`],
  ['a frame', `<iframe srcdoc="<script>${pwn}</script>"></iframe><iframe src="ORIGIN/"></iframe>`],
  ['an object', `<object data="data:text/html,<script>${pwn}</script>"></object><embed src="ORIGIN/x.swf">`],
  ['a refresh', '<meta http-equiv="refresh" content="0; url=ORIGIN/refresh">'],
  ['a policy of its own', `<meta http-equiv="Content-Security-Policy" content="script-src *"><script>${pwn}</script>`],
  ['a base', '<base href="ORIGIN/"><img src="a.gif"><link rel="stylesheet" href="b.css">'],
  [
    'pictures',
    '<img src="ORIGIN/1.gif" srcset="ORIGIN/2.gif 2x"><picture><source srcset="ORIGIN/3.gif"><img></picture>',
  ],
  [
    'backgrounds',
    '<table background="ORIGIN/4.gif"><td style="background:url(ORIGIN/5.gif)">x</td></table><style>@import url(ORIGIN/6.css); p { background: url(ORIGIN/7.gif) } @font-face { font-family: f; src: url(ORIGIN/8.woff) } p { font-family: f }</style><p>x',
  ],
  [
    'media',
    '<video src="ORIGIN/9.mp4" poster="ORIGIN/10.gif" autoplay></video><audio src="ORIGIN/11.mp3" autoplay></audio>',
  ],
  [
    'links that are fetched early',
    '<link rel="preconnect" href="ORIGIN"><LINK rel="dns-prefetch" href="ORIGIN"><link\nrel="prefetch" href="ORIGIN/12"><link rel="preload" as="image" href="ORIGIN/13.gif"><link rel=icon href="ORIGIN/14.ico">',
  ],
  [
    'a picture of SVG',
    '<svg><image href="ORIGIN/15.gif"/><use href="ORIGIN/16.svg#a"/><script>parent.pwned = 1</script></svg>',
  ],
  ['a form', '<form id="f" action="ORIGIN/form"><input name="a" autofocus onfocus="f.submit()"></form>'],
])('HTML with %s does nothing', async (_name, body) => {
  await deliver(html(`<p id="here">here</p>${body.replaceAll('ORIGIN', trap.origin)}`));
  await open();
  const frame = page.frames().find((candidate) => candidate.url().endsWith('/html'));
  await frame?.waitForSelector('#here');
  // What would happen on its own has happened when the page has gone on for two frames, and the inbox has answered once more.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  await page.evaluate('fetch("/api/messages").then((answer) => answer.text())');
  expect(await page.evaluate('typeof window.pwned')).toBe('undefined');
  expect([dialogs, trap.connections]).toEqual([0, 0]);
  expect(await page.evaluate('document.querySelector(".subject").textContent')).toBe('x');
});

it('remote pictures are asked for after a press on the button that says so, and for this message alone', async () => {
  await deliver(html(`<p id="here">here</p><img src="${trap.origin}/pixel.gif">`));
  await deliver(html(`<p id="here">here</p><img src="${trap.origin}/other.gif">`));
  await open();
  await page.waitForSelector('.blocked button');
  expect(trap.requests).toEqual([]);
  await page.click('.blocked button');
  await until(page, 'document.querySelector(".frame").src.endsWith("images=remote")');
  for (let tries = 0; trap.requests.length === 0 && tries < 500; tries += 1) {
    await page.evaluate('new Promise((done) => requestAnimationFrame(done))');
  }
  expect(trap.requests).toEqual(['GET /pixel.gif HTTP/1.1']);
  await page.goto(`${inbox.webUrl}#/2`);
  await until(page, 'document.querySelector(".frame")?.src.endsWith("/2/html")');
  expect(trap.requests).toEqual(['GET /pixel.gif HTTP/1.1']);
});

it('a link of a message opens in a tab of its own, and the page cannot be reached from the frame', async () => {
  await deliver(html(`<a id="here" href="${trap.origin}/landing">here</a>`));
  await open();
  const frame = page.frames().find((candidate) => candidate.url().endsWith('/html'));
  await frame?.waitForSelector('#here');
  expect(await page.evaluate('document.querySelector(".frame").contentDocument')).toBeNull();
  const [popup] = await Promise.all([context.waitForEvent('page'), frame?.click('#here')]);
  for (let frames = 0; trap.requests.length === 0 && frames < 2_000; frames += 1) {
    await page.evaluate('new Promise((done) => requestAnimationFrame(done))');
  }
  expect(trap.requests).toEqual(['GET /landing HTTP/1.1']);
  expect(await popup.evaluate('window.opener')).toBeNull();
  expect(page.url()).toContain(inbox.webUrl);
});

it('markup in the subject, the names, the fields and the names of files is shown as it stands', async () => {
  const tag = '<img src=x onerror=window.pwned=1>';
  await deliver(
    `From: "${tag}" <evil@example.org>\nTo: "${tag}" <bob@example.org>\nSubject: ${tag}\nX-Evil: ${tag}\nMIME-Version: 1.0\n` +
      `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n${tag}\n` +
      `--b\nContent-Type: text/html\nContent-Disposition: attachment; filename="${tag}.html"\n\n<script>${pwn}</script>\n--b--\n`,
  );
  for (const view of ['message', 'envelope', 'session', 'headers', 'source']) {
    await open(view);
    expect(await page.evaluate('document.querySelectorAll("img[onerror]").length')).toBe(0);
  }
  expect(await page.textContent('.subject')).toBe(tag);
  expect(await page.textContent('.row-subject')).toBe(tag);
  expect(await page.textContent('.file-name')).toBe(`${tag}.html`);
  expect(await page.evaluate('typeof window.pwned')).toBe('undefined');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.file')]);
  expect(download.suggestedFilename()).not.toMatch(/[<>/\\]/);
});

it('the HTML of a message runs nothing in a tab of its own either', async () => {
  await deliver(html(`<p id="here">here</p><script>${pwn}</script><img src=x onerror="${pwn}">`));
  await page.goto(`${inbox.webUrl}api/messages/1/html`);
  await page.waitForSelector('#here');
  expect(await page.evaluate('typeof window.pwned')).toBe('undefined');
  expect(dialogs).toBe(0);
});

it('a page of somebody else can neither read nor delete mail', async () => {
  await deliver(html('<p>secret</p>'));
  await page.goto(`${trap.origin}/`);
  const attempt = (code: string): Promise<unknown> =>
    page.evaluate(`(async () => { try { return await ${code} } catch (error) { return String(error.name) } })()`);
  const api = `${inbox.webUrl}api/messages`;
  expect(await attempt(`fetch("${api}").then((answer) => answer.text())`)).toBe('TypeError');
  expect(await attempt(`fetch("${api}", { mode: "no-cors" }).then((answer) => answer.type)`)).not.toContain('secret');
  expect(await attempt(`fetch("${api}", { method: "DELETE" }).then((answer) => answer.status)`)).toBe('TypeError');
  expect(
    await attempt(
      `new Promise((done) => { const s = new EventSource("${inbox.webUrl}api/events"); s.onopen = () => done("open"); s.onerror = () => done("refused") })`,
    ),
  ).toBe('refused');
  expect(inbox.messages).toHaveLength(1);
});
