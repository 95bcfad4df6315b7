/**
 * Every fault at every step has the outcome that the table says: no false success, no silent loss, no hang. The document
 * says what was seen.
 */
import { plainFaults, outcomesOf } from './outcomes.js';
import { expectedOf, modes } from './modes.js';
import type { FaultName } from '../../src/testing/index.js';
import { inBatches } from './in-batches.js';
import { cannotBeTold, type Desync, desyncsOf, situationOfDesync } from './desync.js';
import { documentOf, publishedDocument } from './document.js';
import { runCell, runSituation, type Seen } from './run-cell.js';

const cells = modes.flatMap((mode) =>
  [...expectedOf(mode, outcomesOf)].flatMap(([step, row]) =>
    [...row].map(([fault, expected]) => ({ mode, step, fault: fault as FaultName, expected })),
  ),
);
const seen = new Map<(typeof cells)[number], Seen | Error>();

/** Without the recipients, where the table does not speak of them. */
function inItsWords(expected: string, got: string): string {
  return got.split('/').slice(0, expected.split('/').length).join('/');
}

beforeAll(async () => {
  await inBatches(cells, 24, async (cell) => {
    seen.set(
      cell,
      await runCell(cell.mode, cell).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      ),
    );
  });
}, 240_000);

describe.each(modes)('$name', (mode) => {
  const own = cells.filter((cell) => cell.mode === mode);
  describe.each([...new Set(own.map(({ step }) => step))])('%s', (step) => {
    it.each(own.filter((cell) => cell.step === step))('$fault: $expected', (cell) => {
      const what = seen.get(cell);
      if (what === undefined || what instanceof Error) throw what ?? new Error('the cell was not run');
      const got = inItsWords(cell.expected, what.cell);
      // The conversation stands in the difference only when there is one.
      const log = got === cell.expected && what.faults.length === 0 ? '' : what.log;
      expect({ cell: got, faults: what.faults, log }).toEqual({ cell: cell.expected, faults: [], log: '' });
    });
  });
});

it('is a table of more than 650 cells, and the 170 of plain faults are among them', () => {
  expect(cells.length).toBeGreaterThan(650);
  expect(plainFaults).toHaveLength(10);
});

const cases = desyncsOf(modes);
const seenCases = new Map<Desync, Seen | Error>();

describe('replies that nobody asked for, in a session whose message is refused', () => {
  beforeAll(async () => {
    await inBatches(cases, 24, async (one) => {
      const run = runSituation(one.mode, situationOfDesync(one));
      seenCases.set(
        one,
        await run.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))),
      );
    });
  }, 240_000);

  const titled = cases.map((one) => ({
    ...one,
    one,
    title: `${one.mode.name}, ${one.step}, ${one.arrival}: ${String(one.count)} x ${one.surplus.slice(0, 3)}`,
  }));
  it.each(titled)('$title', ({ one }) => {
    const what = seenCases.get(one);
    if (what === undefined || what instanceof Error) throw what ?? new Error('the case was not run');
    const { success, connection, queued } = what;
    const expected = { success: cannotBeTold(one), connection: 'C', queued: false };
    const got = { success, connection, queued };
    const log = JSON.stringify(got) === JSON.stringify(expected) ? '' : what.log;
    expect({ ...got, log }).toEqual({ ...expected, log: '' });
  });
});

describe('docs/faults.md', () => {
  it('says what was seen', () => {
    const cellOf = (what: Seen | Error | undefined): string =>
      what === undefined || what instanceof Error ? 'none' : what.cell;
    const text = documentOf(
      modes,
      cells.map((one) => ({ ...one, cell: inItsWords(one.expected, cellOf(seen.get(one))) })),
      cases.map((one) => {
        const what = seenCases.get(one);
        return { ...one, success: what !== undefined && !(what instanceof Error) && what.success };
      }),
    );
    expect(publishedDocument(text)).toBe(text);
  });
});
