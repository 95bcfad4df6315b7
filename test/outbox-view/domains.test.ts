import fc from 'fast-check';
import { domainOf, DOMAIN_PARTS, DomainTraffic, MOST_DOMAINS } from '../../src/outbox-view/domains.js';
import { windowAt } from '../../src/outbox-view/windows.js';
import { NOW_MS } from './fake-outbox.js';

const HOUR_MS = 3_600_000;
const window = windowAt('24h', NOW_MS);

it.each([
  ['Bob@Example.ORG', 'example.org'],
  ['"a@b"@x.example', 'x.example'],
  ['postmaster', 'postmaster'],
  ['broken@', '(none)'],
  ['', '(none)'],
])('the domain of %j is %s', (address, domain) => {
  expect(domainOf(address)).toBe(domain);
});

it('counts what is in the window, and the rate over as much of it as is known', () => {
  const traffic = new DomainTraffic();
  traffic.add('a@x.example', 'accepted', NOW_MS - 3 * HOUR_MS);
  traffic.add('b@X.example', 'accepted', NOW_MS - HOUR_MS);
  traffic.add('c@x.example', 'accepted', NOW_MS - 30 * HOUR_MS);
  traffic.add('d@x.example', 'refused', NOW_MS - HOUR_MS);
  traffic.add('e@x.example', 'waiting', NOW_MS);
  const { domains, otherDomains } = traffic.in(window, NOW_MS - 4 * HOUR_MS, NOW_MS);
  expect(otherDomains).toBe(0);
  expect(domains).toEqual([
    expect.objectContaining({ domain: 'x.example', accepted: 2, refused: 1, waiting: 1, perHour: 0.5 }),
  ]);
  expect(domains[0]?.parts.reduce((sum, part) => sum + part, 0)).toBe(2);
});

it('a first minute makes no rate of thousands', () => {
  const traffic = new DomainTraffic();
  traffic.add('a@x.example', 'accepted', NOW_MS);
  expect(traffic.in(window, NOW_MS, NOW_MS).domains[0]?.perHour).toBe(60);
});

it('names the busiest, says how many others there are, and loses nobody', () => {
  const address = fc.constantFrom(...Array.from({ length: 14 }, (_, index) => `a@d${String(index)}.example`));
  const one = fc.tuple(
    address,
    fc.constantFrom('waiting', 'accepted', 'refused'),
    fc.integer({ min: window.fromMs, max: NOW_MS }),
  );
  fc.assert(
    fc.property(fc.array(one, { maxLength: 80 }), (all) => {
      const traffic = new DomainTraffic();
      for (const [to, status, atMs] of all) traffic.add(to, status, atMs);
      const { domains, otherDomains } = traffic.in(window, window.fromMs, NOW_MS);
      const names = new Set(all.map(([to]) => domainOf(to)));
      expect([domains.length, otherDomains]).toEqual([
        Math.min(MOST_DOMAINS, names.size),
        Math.max(0, names.size - MOST_DOMAINS),
      ]);
      for (const { domain, waiting, accepted, refused, parts } of domains) {
        expect(waiting + accepted + refused).toBe(all.filter(([to]) => domainOf(to) === domain).length);
        expect([parts.length, parts.reduce((sum, part) => sum + part, 0)]).toEqual([DOMAIN_PARTS, accepted]);
      }
      const totals = domains.map(({ waiting, accepted, refused }) => waiting + accepted + refused);
      expect(totals).toEqual([...totals].sort((a, b) => b - a));
    }),
  );
});
