/** What somebody should look at, in sentences: each says what is so, and what to do. Pure. */
import type { OverviewJson } from './api-types.js';
import { number, span } from './words.js';

/** Work that is due for so long waits for somebody who does it. */
const NOBODY_WORKS_MS = 60_000;

export function notesOf({ sending, unknown, quarantined }: OverviewJson['counts'], due: OverviewJson['due']): string[] {
  const notes: string[] = [];
  if (due.count > 0 && sending === 0 && due.longestMs >= NOBODY_WORKS_MS) {
    notes.push(
      `Nothing is being sent, and ${messages(due.count)} ${due.count === 1 ? 'has' : 'have'} been due for up to ` +
        `${span(due.longestMs)}: is a process running that has called start()?`,
    );
  }
  if (unknown > 0) {
    notes.push(
      `${messages(unknown)} may have arrived or not, because no answer came to the end of the content. Ask the recipients or ` +
        'the log of the server, then retry or cancel.',
    );
  }
  if (quarantined > 0) {
    notes.push(
      quarantined === 1
        ? '1 entry cannot be read, and stands aside.'
        : `${number(quarantined)} entries cannot be read, and stand aside.`,
    );
  }
  return notes;
}

function messages(count: number): string {
  return `${number(count)} ${count === 1 ? 'message' : 'messages'}`;
}
