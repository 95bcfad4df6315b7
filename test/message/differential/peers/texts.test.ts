/** Known and made address lists before every reader: no difference without a class, and docs/addresses.md counts them. */
import { EXAMPLES, generatedTexts } from '../inputs.js';
import { differenceTable, documentedColumns } from './table.js';

it('every difference on examples and made lists has a class', async () => {
  const { unexplained, markdown } = await differenceTable([...EXAMPLES, ...generatedTexts()]);
  expect(Object.keys(unexplained).length).toBeGreaterThanOrEqual(3);
  for (const [reader, texts] of Object.entries(unexplained)) expect([reader, texts]).toEqual([reader, []]);
  const { now, then } = documentedColumns('made', markdown);
  expect(then).toEqual(now);
}, 120_000);
