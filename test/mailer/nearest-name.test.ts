/** Did you mean. */
import { nearestName } from '../../src/mailer/nearest-name.js';

const NAMES = ['maxConnections', 'maxQueue', 'rate', 'retry', 'tls', 'timeoutMs'];

describe('the nearest name', () => {
  it.each([
    ['maxconnections', 'maxConnections'],
    ['maxConection', 'maxConnections'],
    ['max_queue', 'maxQueue'],
    ['timeout', 'timeoutMs'],
    ['rates', 'rate'],
    ['TLS', 'tls'],
    ['colour', undefined],
    ['', undefined],
  ])('%s', (given, nearest) => {
    expect(nearestName(given, NAMES)).toBe(nearest);
  });

  it('is none for a text that is too long to be a name', () => {
    expect(nearestName('maxQueue'.repeat(10_000), NAMES)).toBeUndefined();
  });
});
