/** Chromium as test/browser/run.sh has unpacked it, driven by the playwright-core of tools/. Only what these tests need of it is typed. */
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface Page {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  goBack(): Promise<unknown>;
  title(): Promise<string>;
  url(): string;
  /** The expression is read in the page. */
  evaluate(expression: string): Promise<unknown>;
  waitForSelector(selector: string, options?: { state?: 'attached' | 'detached' | 'visible' }): Promise<unknown>;
  textContent(selector: string): Promise<string | null>;
  getAttribute(selector: string, name: string): Promise<string | null>;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  focus(selector: string): Promise<void>;
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  waitForEvent(event: 'download'): Promise<Download>;
  frames(): readonly Frame[];
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'dialog', listener: (dialog: { dismiss(): Promise<void> }) => void): void;
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
}

export interface Frame {
  url(): string;
  textContent(selector: string): Promise<string | null>;
  waitForSelector(selector: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  click(selector: string): Promise<void>;
}

export interface Download {
  suggestedFilename(): string;
  path(): Promise<string>;
}

export interface Context {
  newPage(): Promise<Page>;
  waitForEvent(event: 'page'): Promise<Page>;
  close(): Promise<void>;
}

export interface ContextOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly deviceScaleFactor?: number;
  readonly locale?: string;
  readonly timezoneId?: string;
  readonly reducedMotion?: 'reduce';
}

export interface Browser {
  newContext(options?: ContextOptions): Promise<Context>;
  version(): string;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

const tools = join(import.meta.dirname, '..', '..', 'tools', 'package.json');

export async function launchChromium(): Promise<Browser> {
  const { chromium } = createRequire(tools)('playwright-core') as Playwright;
  return await chromium.launch({
    ...whichBrowser(),
    timeout: 20_000,
    // The kernel's sandbox needs rights that a container may not give. What the page may do is decided above it.
    args: ['--no-sandbox', '--disable-gpu'],
  });
}

/** The one that is installed and named, else the one that was unpacked, with its own libraries and fonts. */
function whichBrowser(): { readonly executablePath: string; readonly env?: NodeJS.ProcessEnv } {
  const { POSTHASTE_BROWSER: named = '', POSTHASTE_BROWSER_ROOT: root } = process.env;
  if (named !== '') return { executablePath: named };
  if (root === undefined) throw new Error('no browser is known: run these tests with npm run test:browser');
  const libraries = ['usr/lib', 'lib'].flatMap((folder) => {
    const path = join(root, folder, triplet());
    return [path, join(path, 'pulseaudio')];
  });
  return {
    executablePath: join(root, 'usr/lib/chromium/chromium-headless-shell'),
    env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_FILE: join(root, 'fonts.conf') },
  };
}

function triplet(): string {
  return { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch as string] ?? `${process.arch}-linux-gnu`;
}

/** Waits until an expression is true in the page; its policy forbids what the driver would use. Bounded: 2,000 frames. */
export async function until(page: Page, expression: string): Promise<void> {
  for (let frames = 0; frames < 2_000; frames += 1) {
    if ((await page.evaluate(expression)) === true) return;
    await page.evaluate('new Promise((done) => requestAnimationFrame(done))');
  }
  throw new Error(`it never became true in the page: ${expression}`);
}
