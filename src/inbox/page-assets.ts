/**
 * The files of the page, in memory: path below `/` to content. In the sources there are none; scripts/build-page.mjs compiles
 * page/ and writes the built form of this module.
 */

export interface PageAsset {
  readonly type: string;
  readonly text: string;
}

export type PageAssets = Readonly<Record<string, PageAsset>>;

export const PAGE_ASSETS: PageAssets = {};
