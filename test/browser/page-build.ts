/** A page, compiled as the build does it, in place of the empty module of the sources. */
import { jest } from '@jest/globals';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PageAssets } from '../../src/web/index.js';

const script = join(import.meta.dirname, '..', '..', 'scripts', 'build-page.mjs');

/** Call it before what serves the page is imported. `folder` is below src/. */
export async function useBuiltPage(folder: string): Promise<PageAssets> {
  const { pageAssets } = (await import(pathToFileURL(script).href)) as {
    pageAssets: (folder: string) => Promise<PageAssets>;
  };
  const assets = await pageAssets(folder);
  jest.unstable_mockModule(`../../src/${folder}/page-assets.js`, () => ({ PAGE_ASSETS: assets }));
  return assets;
}
