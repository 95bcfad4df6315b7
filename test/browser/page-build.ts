/** The page, compiled as the build does it, in place of the empty module of the sources. */
import { jest } from '@jest/globals';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PageAssets } from '../../src/inbox/page-assets.js';

const script = join(import.meta.dirname, '..', '..', 'scripts', 'build-page.mjs');

/** Call it before the inbox is imported. */
export async function useBuiltPage(): Promise<PageAssets> {
  const { pageAssets } = (await import(pathToFileURL(script).href)) as { pageAssets: () => Promise<PageAssets> };
  const assets = await pageAssets();
  jest.unstable_mockModule('../../src/inbox/page-assets.js', () => ({ PAGE_ASSETS: assets }));
  return assets;
}
