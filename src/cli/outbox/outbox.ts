/** `posthaste outbox`: looks at a store that other processes send from, and asks things of it. */
import type { Outbox } from '../../outbox/index.js';
import { Tally } from '../../outbox-view/index.js';
import type { Arguments } from '../command.js';
import type { ExitName } from '../exit-codes.js';
import type { Io } from '../io.js';
import { oneLine } from '../one-line.js';
import { change, list, purge, show } from './manage.js';
import { openOutbox } from './open-outbox.js';
import { outboxSettings, type OutboxSettings } from './outbox-settings.js';
import { overviewText } from './overview-text.js';
import { serve } from './serve.js';

export async function outbox(given: Arguments, io: Io): Promise<ExitName> {
  const settings = outboxSettings(given);
  await using opened = await openOutbox(settings.path);
  return await perform(opened, settings, io);
}

async function perform(opened: Outbox, settings: OutboxSettings, io: Io): Promise<ExitName> {
  switch (settings.kind) {
    case 'overview':
      return await overview(opened, settings, io);
    case 'serve':
      return await serve(opened, settings, io);
    case 'list':
      return await list(opened, settings, io);
    case 'show':
      return await show(opened, settings, io);
    case 'retry':
    case 'cancel':
      return await change(opened, settings, io);
    case 'purge':
      return await purge(opened, settings, io);
  }
}

async function overview(
  opened: Outbox,
  { path, window, json }: Extract<OutboxSettings, { readonly kind: 'overview' }>,
  io: Io,
): Promise<ExitName> {
  const tally = new Tally(oneLine(path), Date.now());
  for await (const entry of opened.list()) {
    if (io.finish.aborted) return 'interrupted';
    tally.add(entry);
  }
  const seen = tally.overview(window);
  await io.stdout.write(json ? `${JSON.stringify(seen)}\n` : overviewText(seen));
  return 'ok';
}
