import type { PeerCertificate } from 'node:tls';
import { daysLeft } from '../../../src/cli/check/examine.js';

it.each([
  ['Jan 11 12:00:00 2026 GMT', 10],
  ['Jan  1 12:00:00 2026 GMT', 0],
  ['Dec 31 11:59:59 2025 GMT', -2],
  ['never', undefined],
])('a certificate until %s has %s days', (validTo, days) => {
  const now = new Date('2026-01-01T12:00:00Z');
  expect(daysLeft({ valid_to: validTo } as PeerCertificate, now)).toBe(days);
});
