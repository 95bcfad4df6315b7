/** The files of a page, in memory: path below `/` to content. scripts/build-page.mjs writes them into the built modules. Types only. */

export interface PageAsset {
  readonly type: string;
  readonly text: string;
}

export type PageAssets = Readonly<Record<string, PageAsset>>;
