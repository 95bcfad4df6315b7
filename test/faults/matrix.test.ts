/** Every fault at every step has the outcome that the table says: no false success, no silent loss, no hang. */
import { plainFaults, outcomesOf } from './outcomes.js';
import { expectedOf, modes } from './modes.js';
import type { FaultName } from '../../src/testing/index.js';
import { inBatches } from './in-batches.js';
import { runCell, type Seen } from './run-cell.js';

const cells = modes.flatMap((mode) =>
  [...expectedOf(mode, outcomesOf)].flatMap(([step, row]) =>
    [...row].map(([fault, expected]) => ({ mode, step, fault: fault as FaultName, expected })),
  ),
);
const seen = new Map<(typeof cells)[number], Seen | Error>();

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
      const withRecipients = cell.expected.split('/').length === 6;
      const got = withRecipients ? what.cell : what.cell.split('/').slice(0, 5).join('/');
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
