/** The outbox's page in Chromium: what a person sees and does. Screenshots go to .tmp/browser. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { OutboxError } from '../../src/outbox/index.js';
import type { OutboxPage } from '../../src/outbox-view/index.js';
import { busyOutbox } from '../outbox-view/busy-outbox.js';
import { entry, FakeOutbox } from '../outbox-view/fake-outbox.js';
import { launchChromium, until, type Browser, type Context, type ContextOptions, type Page } from './chromium.js';
import { contrast } from './contrast.js';
import { useBuiltPage } from './page-build.js';

const shots = join(import.meta.dirname, '..', '..', '.tmp', 'browser');
const WIDE = { width: 1280, height: 820 };
const PHONE = { width: 390, height: 844 };

const gone = new OutboxError('there is no outbox in ./var/outbox any more', {
  code: 'ERR_OUTBOX_STORE',
  hint: 'Name the folder that Outbox.open() was given as its store.',
});

let browser: Browser;
let start: typeof OutboxPage.start;
let outbox: FakeOutbox;
let served: OutboxPage;
let context: Context;
let page: Page;
/** What the browser complained about. */
let complaints: string[];

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  await useBuiltPage('outbox-view');
  const { OutboxPage: Built } = await import('../../src/outbox-view/index.js');
  start = (options) => Built.start(options);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
});

beforeEach(async () => {
  outbox = new FakeOutbox();
  served = await start({ outbox, store: './var/outbox', host: '127.0.0.1', port: 0, allowedHosts: [] });
});

afterEach(async () => {
  await context.close();
  await served.close();
});

async function openPage(options: ContextOptions = {}): Promise<void> {
  context = await browser.newContext({ viewport: WIDE, locale: 'en-GB', timezoneId: 'UTC', ...options });
  page = await context.newPage();
  complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(served.url);
  await page.waitForSelector('[data-state="live"], [data-state="lost"]');
}

const focusedKey = async (): Promise<unknown> => page.evaluate('document.activeElement?.dataset.key ?? ""');
const texts = async (selector: string): Promise<unknown> =>
  page.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.textContent)`);
/** Read in the page: what reaches beyond the right edge, and nothing when nothing does. */
const tooWide = `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5).map((one) => one.outerHTML.slice(0, 60))`;

it('an empty outbox says so, and what is enqueued shows up by itself', async () => {
  await openPage();
  expect(await page.textContent('.state')).toContain('Nothing here yet');
  outbox.entries = [entry({ to: ['ann@example.org'], enqueuedAtMs: Date.now() - 1_000, subject: 'First' })];
  await page.waitForSelector('.entry');
  expect(await texts('.entry-who')).toEqual(['ann@example.org']);
  expect(await page.title()).toBe('(1) Outbox');
  expect(complaints).toEqual([]);
});

it('states, chart, next attempts, replies and domains show what is there', async () => {
  outbox.entries = busyOutbox(Date.now());
  await openPage();
  await page.waitForSelector('.stage svg');
  expect(await page.textContent('[data-key="state-deferred"]')).toBe('4deferred');
  expect(await page.getAttribute('.stage svg', 'aria-label')).toMatch(
    /^Queue depth over the last 24 hours: 10 now, at most \d+ at /,
  );
  expect(await page.textContent('#next .lines')).toContain('bob@gmail.example');
  expect(await page.textContent('#replies .lines')).toContain('250 2.0.0 Ok: queued as');
  expect(await texts('.domain-table tbody th')).toContain('gmail.example');
  expect(await page.getAttribute('.spark', 'aria-label')).toMatch(/: \d+ accepted in the last 24 hours$/);
  expect(await page.textContent('.notes')).toContain('1 message may have arrived or not');
  expect(complaints).toEqual([]);
});

it('another window is another chart, and the chart is there as words and as a table', async () => {
  outbox.entries = busyOutbox(Date.now());
  await openPage();
  await page.waitForSelector('.stage svg');
  await page.click('.windows input[value="1h"]');
  await until(page, 'document.querySelector(".stage svg").getAttribute("aria-label").includes("the last hour")');
  await page.focus('.slider');
  await page.keyboard.press('End');
  expect(await page.getAttribute('.slider', 'aria-valuenow')).toBe('59');
  await page.keyboard.press('ArrowLeft');
  expect(await page.getAttribute('.slider', 'aria-valuenow')).toBe('58');
  const spoken = await page.getAttribute('.slider', 'aria-valuetext');
  expect(spoken).toMatch(/^.*\d\d:\d\d to .*\d\d:\d\d: at most \d+ at once/);
  expect(await page.textContent('.reading')).toBe(spoken);
  await page.click('.as-table summary');
  await page.waitForSelector('.as-table tbody tr');
  expect(await page.evaluate('document.querySelectorAll(".as-table tbody tr").length')).toBe(60);
});

it('a state and a text choose among the messages', async () => {
  outbox.entries = busyOutbox(Date.now());
  await openPage();
  await page.waitForSelector('.entry');
  await page.click('[data-key="state-failed"]');
  await until(page, '[...document.querySelectorAll(".entry .tag")].every((tag) => tag.textContent === "failed")');
  expect(await page.getAttribute('[data-key="state-failed"]', 'aria-pressed')).toBe('true');
  await page.click('#all');
  await page.keyboard.type('order-1777');
  await until(page, 'document.querySelectorAll(".entry").length === 1');
  await page.click('.entry-head');
  expect(await page.textContent('.recipients')).toContain('550 5.1.1 No such user here');
  expect(await page.textContent('.facts')).toContain('order-1777');
  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  await until(page, 'document.querySelectorAll(".entry").length === 25');
  await page.click('[data-key="more"]');
  await until(page, 'document.querySelectorAll(".entry").length === 100');
});

it('a retry is one press; a cancel, and a retry that may deliver twice, are two', async () => {
  const at = { enqueuedAtMs: Date.now() - 60_000 };
  outbox.entries = [
    entry({ ...at, id: 'late', state: 'deferred', nextAttemptAtMs: Date.now() + 60_000, subject: 'Later' }),
    entry({ ...at, id: 'lost', state: 'unknown' }),
  ];
  await openPage();
  await page.waitForSelector('[data-key="retry-late"]');
  await page.click('[data-key="retry-late"]');
  await until(page, 'document.querySelector("[data-key=\'entry-late\'] .tag").textContent === "queued"');
  expect(outbox.asked).toEqual(['retry late']);
  await page.click('[data-key="retry-lost"]');
  expect(await page.textContent('[data-key="retry-lost"]')).toBe('It may arrive twice. Retry?');
  await page.click('[data-key="cancel-late"]');
  expect(await page.textContent('[data-key="cancel-late"]')).toBe('Really cancel?');
  expect(await page.textContent('[data-key="retry-lost"]')).toBe('Retry');
  expect(outbox.asked).toEqual(['retry late']);
  await page.click('[data-key="cancel-late"]');
  await until(page, 'document.querySelector("[data-key=\'entry-late\'] .tag").textContent === "cancelled"');
  expect(outbox.asked).toEqual(['retry late', 'cancel late']);
  expect(await page.textContent('#said')).toBe('Cancelled: bob@example.org');
  expect(complaints).toEqual([]);
});

it('what the outbox refuses is said', async () => {
  outbox.entries = [entry({ id: 'late', state: 'deferred', enqueuedAtMs: Date.now() - 60_000 })];
  await openPage();
  await page.waitForSelector('[data-key="retry-late"]');
  outbox.entries = [entry({ id: 'late', state: 'sending', enqueuedAtMs: Date.now() - 60_000 })];
  await page.click('[data-key="retry-late"]');
  await page.waitForSelector('#notice:not([hidden])');
  expect(await page.textContent('#notice')).toContain('the entry is sending. Wait.');
});

it('all of it can be done with the keyboard, and the list drawn anew leaves nobody behind', async () => {
  const at = { enqueuedAtMs: Date.now() - 60_000, nextAttemptAtMs: Date.now() + 60_000 };
  outbox.entries = [entry({ ...at, id: 'one', state: 'deferred' }), entry({ ...at, id: 'two', state: 'deferred' })];
  await openPage();
  await page.waitForSelector('[data-key="entry-two"]');
  await page.focus('[data-key="entry-two"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.entry-details');
  expect(await focusedKey()).toBe('entry-two');
  await page.keyboard.press('Tab');
  expect(await focusedKey()).toBe('retry-two');
  outbox.entries = [...outbox.entries, entry({ ...at, id: 'three', state: 'deferred' })];
  await page.waitForSelector('[data-key="entry-three"]');
  expect(await focusedKey()).toBe('retry-two');
  await page.focus('#next [data-key="line-three"]');
  await page.keyboard.press('Enter');
  expect(await focusedKey()).toBe('entry-three');
  expect(await page.evaluate('document.querySelectorAll(".entry-details").length')).toBe(2);
});

it('a store that cannot be read is said: in place of the page, or above what was seen last', async () => {
  outbox.fault = gone;
  await openPage();
  await page.waitForSelector('.state h2');
  expect(await page.textContent('.state')).toContain('no outbox in ./var/outbox any more');
  outbox.fault = undefined;
  outbox.entries = [entry({ enqueuedAtMs: Date.now() })];
  await page.waitForSelector('.entry');
  outbox.fault = gone;
  await page.waitForSelector('[data-state="lost"]');
  expect(await page.textContent('#notice')).toContain('What is shown is of ');
  expect(await page.evaluate('document.querySelectorAll(".entry").length')).toBe(1);
});

it('a server that is gone is said', async () => {
  outbox.entries = [entry({ enqueuedAtMs: Date.now() })];
  await openPage();
  await served.close();
  await page.waitForSelector('[data-state="lost"]');
  expect(await page.textContent('#state')).toBe('Connection lost, trying again');
});

it.each([
  ['a phone', PHONE],
  ['a small window', { width: 760, height: 900 }],
  ['the narrowest', { width: 320, height: 640 }],
])('on %s nothing is wider than the screen', async (_name, viewport) => {
  outbox.entries = busyOutbox(Date.now());
  await openPage({ viewport });
  await page.waitForSelector('.entry');
  await page.click('.entry-head');
  await page.click('.as-table summary');
  expect(await page.evaluate(tooWide)).toEqual([]);
});

it('a message with markup in it is text', async () => {
  const evil = '<img src=x onerror="document.title=\'pwned\'">';
  outbox.entries = [
    entry({
      id: evil,
      state: 'failed',
      to: [`${evil}@example.org`],
      subject: evil,
      enqueuedAtMs: Date.now() - 5_000,
      attemptedAtMs: Date.now() - 1_000,
      failure: { code: 'ERR_X', message: evil, delivery: 'not-sent' },
    }),
  ];
  await openPage();
  await page.waitForSelector('.entry');
  await page.click('.entry-head');
  expect(await page.evaluate('document.querySelectorAll("main img").length')).toBe(0);
  expect(await page.textContent('.entry-subject')).toBe(evil);
  await page.click('.entry-acts button');
  await until(page, 'document.querySelector("#said").textContent !== ""');
  expect(outbox.asked).toEqual([`retry ${evil}`]);
  expect(complaints).toEqual([]);
});

it.each(['light', 'dark'] as const)('its colours are told apart in the %s theme', async (colorScheme) => {
  outbox.entries = busyOutbox(Date.now());
  await openPage({ colorScheme });
  await page.waitForSelector('.entry');
  const selectors = [
    '.tile-name',
    '.tile.good .tile-count',
    '.tile.warn .tile-count',
    '.tile.bad .tile-count',
    '.tile.note .tile-count',
    '.tile.none .tile-count',
    '.notes li',
    '.reading',
    '.legend',
    '.line-when',
    '.reply.bad',
    '.reply.warn',
    '.tag.good',
    '.tag.warn',
    '.tag.note',
    '.tag.bad',
    '.entry-said',
    '.entry-subject',
    '.windows :checked + span',
    '.domain-table thead th',
    '.domain-table .zero',
  ];
  for (const selector of selectors) {
    const ratio = await page.evaluate(`(${contrast})(${JSON.stringify(selector)})`);
    // WCAG 2.1 AA for text.
    expect([selector, Number(ratio) >= 4.5, ratio]).toEqual([selector, true, ratio]);
  }
});

describe('screenshots', () => {
  const sizes = [
    ['wide', WIDE],
    ['phone', PHONE],
  ] as const;
  const cases = (['light', 'dark'] as const).flatMap((theme) =>
    sizes.map(([name, size]) => [theme, name, size] as const),
  );
  it.each(cases)('%s, %s', async (colorScheme, name, viewport) => {
    const shoot = async (what: string, fullPage = false): Promise<void> => {
      await page.screenshot({ path: join(shots, `outbox-${colorScheme}-${name}-${what}.png`), fullPage });
    };
    await openPage({ colorScheme, viewport, reducedMotion: 'reduce' });
    await shoot('empty');
    outbox.entries = busyOutbox(Date.now());
    await page.waitForSelector('.entry');
    await page.focus('body');
    await shoot('top');
    await page.click('[data-key="state-partial"]');
    await until(page, 'document.querySelectorAll(".entry").length === 1');
    await page.click('.entry-head');
    await page.evaluate('document.querySelector("#messages").scrollIntoView()');
    await shoot('details');
    await page.click('#all');
    await until(page, 'document.querySelectorAll(".entry").length === 25');
    await page.evaluate('document.activeElement.blur(); scrollTo(0, 0)');
    await shoot('all', true);
    outbox.fault = gone;
    await page.waitForSelector('[data-state="lost"]');
    await shoot('old');
    await page.reload();
    await page.waitForSelector('.state h2');
    await shoot('fault');
  });
});
