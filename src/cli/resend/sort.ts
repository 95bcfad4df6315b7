/** `--sort date`: the messages by their Date fields. Where each one stands is kept in memory, not the messages. */
import { entryAt, type Entry, type EntryFault, type Place } from './archive.js';

/** Those without a date that can be read come last; equal ones keep their order. Faults come first. */
export async function* byDate(
  entries: AsyncIterable<Entry | EntryFault>,
  signal: AbortSignal,
): AsyncGenerator<Entry | EntryFault, void, undefined> {
  const dated: { readonly atMs: number; readonly place: Place }[] = [];
  for await (const entry of entries) {
    if (signal.aborted) return;
    if (entry.kind === 'fault') yield entry;
    else dated.push({ atMs: await dateOf(entry), place: entry.place });
  }
  dated.sort((a, b) => (a.atMs === b.atMs ? 0 : a.atMs - b.atMs));
  for (const { place } of dated) {
    if (signal.aborted) return;
    yield entryAt(place);
  }
}

async function dateOf(entry: Entry): Promise<number> {
  try {
    const text = (await entry.open()).headers.get('Date') ?? '';
    const atMs = Date.parse(text.replaceAll(/\([^()]*\)/g, ' ').trim());
    return Number.isNaN(atMs) ? Infinity : atMs;
  } catch {
    // What is wrong with it is said when its turn comes.
    return Infinity;
  }
}
