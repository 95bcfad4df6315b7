import fc from 'fast-check';
import { EXIT_CODES, mostUrgent, type ExitName } from '../../src/cli/exit-codes.js';

const names = Object.keys(EXIT_CODES) as ExitName[];

describe('mostUrgent', () => {
  it('is 70, then what is wrong here, then 75, then what the server has decided, then 0', () => {
    const order = names.map((name) => EXIT_CODES[name].code);
    expect(order).toEqual([70, 130, 73, 78, 64, 66, 77, 76, 75, 65, 67, 69, 0]);
  });

  it('does not depend on the order or number of the messages', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names)), (occurred) => {
        const most = mostUrgent(occurred);
        expect(mostUrgent([...occurred, ...occurred].reverse())).toBe(most);
        const ranks = occurred.map((name) => names.indexOf(name));
        expect(names.indexOf(most)).toBe(Math.min(names.indexOf('ok'), ...ranks));
      }),
    );
  });

  it('has a code of its own for each name', () => {
    expect(new Set(names.map((name) => EXIT_CODES[name].code)).size).toBe(names.length);
  });
});
