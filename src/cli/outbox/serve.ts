/** `posthaste outbox DIR --serve`: shows the page until it is told to end. */
import { isPosthasteError } from '../../index.js';
import { OutboxError, type Outbox } from '../../outbox/index.js';
import { OutboxPage } from '../../outbox-view/index.js';
import { isLoopback } from '../../web/index.js';
import { CliError } from '../cli-error.js';
import type { ExitName } from '../exit-codes.js';
import type { Io } from '../io.js';
import { oneLine } from '../one-line.js';
import { findOutbox } from './open-outbox.js';
import type { OutboxSettings } from './outbox-settings.js';

export async function serve(
  outbox: Outbox,
  { path, host, port, allowedHosts }: Extract<OutboxSettings, { readonly kind: 'serve' }>,
  io: Io,
): Promise<ExitName> {
  const probe = async (): Promise<void> => {
    await findOutbox(path).catch(gone);
  };
  const page = await start({ outbox, store: oneLine(path), host, port, allowedHosts, probe });
  try {
    await io.stdout.write(`Web   ${page.url}\n`);
    if (!isLoopback(host)) {
      await io.stderr.write(
        `posthaste: everybody who can reach ${host} can see who gets mail from this outbox, retry and cancel.\n`,
      );
    }
    await new Promise<void>((resolve) => {
      if (io.finish.aborted) resolve();
      io.finish.addEventListener('abort', () => {
        resolve();
      });
    });
  } finally {
    await page.close();
  }
  // Being ended is how it ends.
  return 'ok';
}

/** What the page says of a store that was there. */
function gone(error: unknown): never {
  if (!(error instanceof CliError)) throw error;
  throw new OutboxError(error.message, { code: 'ERR_OUTBOX_STORE', hint: error.hint, cause: error });
}

async function start(options: Parameters<typeof OutboxPage.start>[0]): Promise<OutboxPage> {
  try {
    return await OutboxPage.start(options);
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    throw new CliError(
      error.code === 'ERR_INVALID_OPTION' ? 'usage' : 'configuration',
      error.message,
      error.hint,
      error,
    );
  }
}
