import dns from 'node:dns';
import tls from 'node:tls';

import { onDemand } from '../../src/io/on-demand.js';

it('gives the modules that an import gives', () => {
  expect(onDemand.dns).toBe(dns);
  expect(onDemand.tls).toBe(tls);
});
