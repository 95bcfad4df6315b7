import { mayAsk } from '../../../src/cli/resend/confirm.js';
import { thrownBy } from '../../support/thrown.js';
import { Kept, worldWith } from '../cli-world.js';

const world = (terminal: boolean, columns?: number): ReturnType<typeof worldWith> =>
  worldWith({ terminal, ...(columns === undefined ? {} : { columns }), stdout: new Kept(), stderr: new Kept() });

it('somebody can be asked who can read the question and write the answer', () => {
  expect([
    mayAsk('auto', world(true, 80)),
    mayAsk('always', world(true, 80)),
    mayAsk('never', world(true, 80)),
  ]).toEqual([...[true, true, false]]);
  expect([mayAsk('auto', world(false, 80)), mayAsk('auto', world(true))]).toEqual([false, false]);
  expect(thrownBy(() => mayAsk('always', world(false)))).toMatchObject({ exit: 'usage' });
});
