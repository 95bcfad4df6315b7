import fc from 'fast-check';
import { jobIdOf } from '../../src/bullmq/job-id.js';

it('is the SHA-256 of the key in base64url behind k_', () => {
  // printf %s order-17 | openssl dgst -sha256 -binary | basenc --base64url
  expect(jobIdOf('order-17')).toBe('k_cqkOo9qLXdAb3i8nMU4C4hf5NRgupXOn_5tfUGDvmWs');
});

it('is one name for one key, and another one for another', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
      expect(jobIdOf(one)).toBe(jobIdOf(one));
      if (one !== other) expect(jobIdOf(one)).not.toBe(jobIdOf(other));
    }),
  );
});

it('is a name that BullMQ takes: no colon, no whole number, whatever the key', () => {
  const keys = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer().map(String), fc.constant(undefined));
  fc.assert(
    fc.property(keys, (key) => {
      const id = jobIdOf(key);
      expect(id).toMatch(/^[km]_[A-Za-z0-9_-]{36,43}$/);
      expect(String(parseInt(id, 10))).not.toBe(id);
    }),
  );
});

it('is new each time where there is no key', () => {
  expect(jobIdOf(undefined)).not.toBe(jobIdOf(undefined));
});
