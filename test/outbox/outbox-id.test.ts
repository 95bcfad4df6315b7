import { OutboxIds } from '../../src/outbox/outbox-id.js';
import { FakeEnvironment } from './fake-environment.js';

describe('ids', () => {
  it('are of one length, and in the order in which they were given, whatever the clock does', () => {
    const environment = new FakeEnvironment();
    const ids = new OutboxIds(environment);
    const given: string[] = [];
    for (let index = 0; index < 5_000; index += 1) {
      if (index % 500 === 0) environment.wallMs += index % 1_000 === 0 ? 3 : -1_000;
      given.push(ids.next());
    }
    expect(new Set(given.map(({ length }) => length)).size).toBe(1);
    expect([...given].sort()).toEqual(given);
    expect(new Set(given).size).toBe(given.length);
  });

  it('of two processes in one millisecond differ', () => {
    const [one, two] = [new FakeEnvironment(), new FakeEnvironment()];
    two.randomBytes(1);
    expect(new OutboxIds(one).next()).not.toBe(new OutboxIds(two).next());
  });

  it('go on in order when there are more in a millisecond than it has numbers for', () => {
    const ids = new OutboxIds(new FakeEnvironment());
    let last = '';
    for (let index = 0; index < 36 ** 3 + 10; index += 1) {
      const id = ids.next();
      if (id <= last) throw new Error(`${id} behind ${last}`);
      last = id;
    }
  });
});
