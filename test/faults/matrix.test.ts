/**
 * Every fault at every step has the outcome that the table says: no false success, no silent loss, no hang. The document
 * says what was seen.
 */
import { plainFaults, outcomesOf } from './outcomes.js';
import { expectedOf, modes } from './modes.js';
import type { FaultName } from '../../src/testing/index.js';
import { inBatches } from './in-batches.js';
import { cannotBeTold as cannotBeToldAlone, type Desync, desyncsOf, situationOfDesync } from './desync.js';
import { documentOf, publishedDocument } from './document.js';
import {
  cannotBeTold,
  type RidingCell,
  ridingCells,
  type RidingDesync,
  ridingDesyncs,
  type RidingSeen,
  runRidingCell,
  runRidingDesync,
} from './riding.js';
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
    const expected = { success: cannotBeToldAlone(one), connection: 'C', queued: false };
    const got = { success, connection, queued };
    const log = JSON.stringify(got) === JSON.stringify(expected) ? '' : what.log;
    expect({ ...got, log }).toEqual({ ...expected, log: '' });
  });
});

const ridingCases = ridingCells();
const seenRiding = new Map<RidingCell, RidingSeen | Error>();
const ridingSurplus = ridingDesyncs();
const seenRidingSurplus = new Map<RidingDesync, RidingSeen | Error>();
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function seenOf<T>(all: ReadonlyMap<T, RidingSeen | Error>, one: T): RidingSeen {
  const what = all.get(one);
  if (what === undefined || what instanceof Error) throw what ?? new Error('it was not run');
  return what;
}

describe('a message that rides behind another', () => {
  beforeAll(async () => {
    await inBatches(ridingCases, 24, async (cell) => {
      seenRiding.set(cell, await runRidingCell(cell).catch(asError));
    });
    await inBatches(ridingSurplus, 24, async (one) => {
      seenRidingSurplus.set(one, await runRidingDesync(one).catch(asError));
    });
  }, 240_000);

  it.each(ridingCases)('$step, $fault, $reading: $expected', (cell) => {
    const { cell: got, faults, log } = seenOf(seenRiding, cell);
    const shown = got === cell.expected && faults.length === 0 ? '' : log;
    expect({ cell: got, faults, log: shown }).toEqual({ cell: cell.expected, faults: [], log: '' });
  });

  it.each(ridingSurplus.map((one) => ({ ...one, one })))(
    '$step, $arrival, $reading: $count x $surplus: nobody is delivered',
    ({ one }) => {
      const told = cannotBeTold(one);
      const { success, cell, log } = seenOf(seenRidingSurplus, one);
      const got = { ...success, connection: cell.at(-1) };
      const expected = { front: told === 'front', rider: told === 'rider', connection: 'C' };
      const shown = JSON.stringify(got) === JSON.stringify(expected) ? '' : log;
      expect({ ...got, log: shown }).toEqual({ ...expected, log: '' });
    },
  );
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
      ridingCases.map((one) => ({ ...one, cell: seenOf(seenRiding, one).cell })),
      ridingSurplus.map((one) => ({ ...one, success: seenOf(seenRidingSurplus, one).success })),
    );
    expect(publishedDocument(text)).toBe(text);
  });
});
