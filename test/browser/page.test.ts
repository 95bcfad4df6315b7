/** The inbox's page in Chromium: what a person sees and does. Screenshots go to .tmp/browser. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTP } from '../../src/index.js';
import type { Inbox } from '../../src/inbox/index.js';
import { launchChromium, until, type Browser, type Context, type ContextOptions, type Page } from './chromium.js';
import { contrast } from './contrast.js';
import { sendAll } from './messages.js';
import { useBuiltPage } from './page-build.js';
import { Trap } from './trap.js';

const shots = join(import.meta.dirname, '..', '..', '.tmp', 'browser');
const WIDE = { width: 1280, height: 820 };
const PHONE = { width: 390, height: 844 };

let browser: Browser;
let start: typeof Inbox.start;
let inbox: Inbox;
let trap: Trap;
let context: Context;
let page: Page;
/** What the browser complained about. */
let complaints: string[];

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
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
});

afterEach(async () => {
  await context.close();
  await inbox.close();
  await trap[Symbol.asyncDispose]();
});

async function openPage(hash = '', options: ContextOptions = {}): Promise<void> {
  context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', timezoneId: 'UTC', ...options });
  page = await context.newPage();
  complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(inbox.webUrl + hash);
  await page.waitForSelector('[data-state="live"]');
}

const subjects = async (): Promise<unknown> =>
  page.evaluate('[...document.querySelectorAll(".row-subject")].map((row) => row.textContent)');
const focused = async (): Promise<unknown> => page.evaluate('document.activeElement?.textContent ?? ""');

it('an empty inbox says where to send, and a message shows up at once', async () => {
  await openPage();
  expect(await page.textContent('.recipes')).toContain(inbox.smtpUrl);
  expect(await page.title()).toBe('Inbox');
  await using smtp = await SMTP.connect(inbox.smtpUrl);
  await smtp.sendMessage({ from: 'ann@example.org', to: 'bob@example.org', subject: 'First', text: 'Hello' });
  await page.waitForSelector('.row');
  expect(await subjects()).toEqual(['First']);
  expect(await page.title()).toBe('(1) Inbox');
  await smtp.sendMessage({ from: 'ann@example.org', to: 'bob@example.org', subject: 'Second', text: 'Hello' });
  await page.waitForSelector('li:nth-child(2)');
  expect(await subjects()).toEqual(['Second', 'First']);
  await page.click('.row');
  await page.waitForSelector('.text');
  expect(await page.title()).toBe('(1) Inbox');
  expect(complaints).toEqual([]);
});

it('a message shows its HTML, its text, its fields, its source and its files', async () => {
  await sendAll(inbox.smtpUrl, trap.origin);
  await openPage('#/6');
  await page.waitForSelector('iframe');
  const frame = page.frames().find((candidate) => candidate.url().endsWith('/html'));
  await frame?.waitForSelector('#greeting');
  expect(await frame?.textContent('#greeting')).toContain('Hello Bob');
  await page.click('#tab-text');
  expect(await page.textContent('.text')).toContain('your order is on its way');
  await page.click('#tab-headers');
  expect(await page.textContent('.headers')).toContain('Message-ID');
  await page.click('#tab-source');
  await until(page, 'document.querySelector(".source")?.textContent.includes("MIME-Version") === true');
  expect(await page.textContent('.files')).toContain('invoice.pdf');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.file >> text=invoice.pdf')]);
  expect(download.suggestedFilename()).toBe('invoice.pdf');
  expect(readFileSync(await download.path()).equals(Buffer.alloc(48_211, 1))).toBe(true);
});

it('the envelope says where each recipient came from, and what was not stripped', async () => {
  await sendAll(inbox.smtpUrl, trap.origin);
  await openPage('#/6/envelope');
  await page.waitForSelector('.origins');
  const rows = await page.evaluate(
    '[...document.querySelectorAll(".origins tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent).join(" | "))',
  );
  expect(rows).toEqual([
    'MAIL FROM | orders@shop.example | From',
    'RCPT TO | bob@example.org | To',
    'RCPT TO | fail-550@example.org | Torefused: 550 No, as the address asks',
    'RCPT TO | delay-30@example.org | Cc',
    'RCPT TO | audit@shop.example | no field: blind copy or list',
    'RCPT TO | cid@example.org | no field: blind copy or list',
  ]);
  await page.goto(`${inbox.webUrl}#/5/envelope`);
  await page.waitForSelector('.verdict.bad');
  expect(await page.textContent('.verdict')).toContain('Bcc arrived');
});

it('the session is a picture and its lines', async () => {
  await sendAll(inbox.smtpUrl, trap.origin);
  await openPage('#/6/session');
  await page.waitForSelector('.stage svg');
  expect(await page.getAttribute('.stage svg', 'aria-label')).toMatch(/^Session of .*client waited for the server/);
  expect(await page.evaluate('document.querySelectorAll(".turn.server").length')).toBeGreaterThan(0);
  expect(await page.textContent('.lines')).toContain('RCPT TO:<audit@shop.example>');
});

it('all of it can be done with the keyboard', async () => {
  await sendAll(inbox.smtpUrl, trap.origin);
  await openPage();
  await page.waitForSelector('.row');
  await page.keyboard.press('/');
  await page.keyboard.type('engine');
  await until(page, 'document.querySelectorAll(".row").length === 1');
  await page.keyboard.press('Escape');
  await until(page, 'document.querySelectorAll(".row").length === 6');
  await page.keyboard.press('End');
  expect(await focused()).toContain('Lines that a mailer may eat');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toContain('A sender that leaves the Bcc in');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.subject');
  expect(await page.textContent('.subject')).toBe('A sender that leaves the Bcc in');
  await page.focus('[role="tab"][aria-selected="true"]');
  await page.keyboard.press('ArrowRight');
  await page.waitForSelector('.origins');
  expect(await focused()).toContain('Envelope');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.subject', { state: 'detached' });
  await page.keyboard.press('Delete');
  await until(page, 'document.querySelectorAll(".row").length === 5');
  expect(inbox.messages).toHaveLength(5);
  expect(await page.evaluate('document.activeElement.classList.contains("row")')).toBe(true);
});

it('all messages are deleted by a second press alone', async () => {
  await sendAll(inbox.smtpUrl, trap.origin);
  await openPage();
  await page.waitForSelector('.row');
  await page.click('#clear');
  expect(await page.textContent('#clear')).toBe('Delete 6 messages?');
  expect(inbox.messages).toHaveLength(6);
  await page.click('#clear');
  await page.waitForSelector('.recipes');
  expect(inbox.messages).toHaveLength(0);
});

it('a message that is gone, and an inbox that is gone, are said', async () => {
  await openPage('#/99');
  await page.waitForSelector('.reader .state');
  expect(await page.textContent('.reader')).toContain('gone');
  await inbox.close();
  await page.waitForSelector('[data-state="lost"]');
  expect(await page.textContent('#state')).toContain('Connection lost');
});

it('on a phone one pane is shown at a time, nothing is wider than the screen, and back leads back', async () => {
  await sendAll(inbox.smtpUrl, trap.origin);
  await openPage('', { viewport: PHONE });
  await page.waitForSelector('.row');
  const fits = 'document.documentElement.scrollWidth <= innerWidth';
  expect(await page.evaluate(fits)).toBe(true);
  await page.click('.row');
  await page.waitForSelector('.subject');
  expect(await page.evaluate('getComputedStyle(document.querySelector(".list-pane")).display')).toBe('none');
  for (const view of ['message', 'text', 'envelope', 'session', 'headers', 'source']) {
    await page.click(`#tab-${view}`);
    await page.waitForSelector(`#tab-${view}[aria-selected="true"]`);
    expect([view, await page.evaluate(fits)]).toEqual([view, true]);
  }
  await page.click('.back');
  await page.waitForSelector('.row');
  expect(await page.evaluate('getComputedStyle(document.querySelector(".reader")).display')).toBe('none');
});

it.each(['light', 'dark'] as const)('its colours are told apart in the %s theme', async (colorScheme) => {
  await sendAll(inbox.smtpUrl, trap.origin);
  await openPage('#/5/envelope', { colorScheme });
  await page.waitForSelector('.verdict');
  const selectors = [
    '.subject',
    '.row-preview',
    '.row-to',
    '.tag',
    '.tag.bad',
    '.tag.note',
    '.people dt',
    '.verdict',
    '.tabs a',
    '.origin.field',
  ];
  for (const selector of selectors) {
    const ratio = await page.evaluate(`(${contrast})(${JSON.stringify(selector)})`);
    // WCAG 2.1 AA for text.
    expect([selector, Number(ratio) >= 4.5]).toEqual([selector, true]);
  }
});

describe('screenshots', () => {
  const themes = ['light', 'dark'] as const;
  const sizes = [
    ['wide', WIDE],
    ['phone', PHONE],
  ] as const;
  it.each(themes.flatMap((theme) => sizes.map(([name, size]) => [theme, name, size] as const)))(
    '%s, %s',
    async (colorScheme, name, viewport) => {
      await openPage('', { colorScheme, viewport, reducedMotion: 'reduce' });
      await page.waitForSelector('.recipes');
      await page.screenshot({ path: join(shots, `${colorScheme}-${name}-empty.png`) });
      await sendAll(inbox.smtpUrl, trap.origin);
      await page.waitForSelector('li:nth-child(6)');
      await page.screenshot({ path: join(shots, `${colorScheme}-${name}-list.png`) });
      for (const [id, view, part] of [
        [6, 'message', 'iframe'],
        [6, 'envelope', '.origins'],
        [6, 'session', '.stage svg'],
        [5, 'envelope', '.verdict.bad'],
        [2, 'headers', '.headers'],
      ] as const) {
        await page.goto(`${inbox.webUrl}#/${String(id)}/${view}`);
        await page.waitForSelector(part);
        if (view === 'message') {
          const frame = page.frames().find((candidate) => candidate.url().endsWith('/html'));
          await frame?.waitForSelector('#greeting');
        }
        await page.screenshot({ path: join(shots, `${colorScheme}-${name}-${String(id)}-${view}.png`) });
      }
      expect(complaints.filter((text) => !text.includes('/pixel.gif'))).toEqual([]);
    },
  );
});
