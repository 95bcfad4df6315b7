/** The files of the outbox's page. In the sources there are none; scripts/build-page.mjs writes the built form of this module. */
import type { PageAssets } from '../web/index.js';

export const PAGE_ASSETS: PageAssets = {};
