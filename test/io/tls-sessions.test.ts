import type { PeerCertificate } from 'node:tls';
import { TlsSessions, VERIFIED_MS, type VerifiedSession } from '../../src/io/tls-sessions.js';

const verified = (verifiedAtMs: number, validTo = '2030-01-01'): VerifiedSession => ({
  session: Buffer.from('x'),
  certificate: { valid_to: validTo } as PeerCertificate,
  verifiedAtMs,
});
const NOON = Date.UTC(2026, 0, 1, 12);

it('gives the last session that was kept, until it is told to forget it', () => {
  const sessions = new TlsSessions(() => NOON);
  expect(sessions.last).toBeUndefined();
  sessions.keep(verified(NOON - 2));
  sessions.keep(verified(NOON - 1));
  expect(sessions.last?.verifiedAtMs).toBe(NOON - 1);
  expect(sessions.last).toBeDefined();
  sessions.forget();
  expect(sessions.last).toBeUndefined();
});

it.each([
  ['that was verified too long ago', verified(NOON - VERIFIED_MS)],
  ['that was verified in the future', verified(NOON + 1)],
  ['whose certificate has expired', verified(NOON, '2026-01-01 11:59Z')],
  ['whose certificate does not say when it expires', verified(NOON, '')],
])('gives none %s', (_, session) => {
  const sessions = new TlsSessions(() => NOON);
  sessions.keep(session);
  expect(sessions.last).toBeUndefined();
});
