/** The address fields of the real messages before every reader. Needs ../shared/corpus. */
import { Message } from '../../../../src/index.js';
import { realMessages } from '../../../corpus/corpus.js';
import { differenceTable, documentedColumns } from './table.js';

const NAMES = ['From', 'Sender', 'Reply-To', 'To', 'Cc', 'Bcc'].flatMap((name) => [name, `Resent-${name}`]);

it('every difference on address fields of real messages has a class', async () => {
  const values = realMessages().flatMap(({ bytes }) => {
    const { headers } = Message.parse(bytes);
    return NAMES.flatMap((name) => headers.getAll(name));
  });
  expect(values.length).toBeGreaterThanOrEqual(450);
  const { unexplained, markdown } = await differenceTable([...new Set(values)]);
  for (const [reader, texts] of Object.entries(unexplained)) expect([reader, texts]).toEqual([reader, []]);
  const { now, then } = documentedColumns('real', markdown);
  expect(then).toEqual(now);
}, 120_000);
