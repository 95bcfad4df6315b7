import fc from 'fast-check';
import { FAULT_TAGS, faultsOf, MAX_DELAY_MS } from '../../src/inbox/fault-tags.js';

it.each([
  ['fail-550@example.org', [{ kind: 'refuse', code: 550, at: 'address' }]],
  ['defer-451@example.org', [{ kind: 'refuse', code: 451, at: 'address' }]],
  ['FAIL-DATA-554@example.org', [{ kind: 'refuse', code: 554, at: 'content' }]],
  ['defer-data-452@example.org', [{ kind: 'refuse', code: 452, at: 'content' }]],
  ['drop-data@example.org', [{ kind: 'drop' }]],
  ['delay-250@example.org', [{ kind: 'delay', milliseconds: 250 }]],
  ['delay-999999@example.org', [{ kind: 'delay', milliseconds: MAX_DELAY_MS }]],
  [
    'ann+delay-5+fail-553@example.org',
    [
      { kind: 'delay', milliseconds: 5 },
      { kind: 'refuse', code: 553, at: 'address' },
    ],
  ],
  ['fail-550', [{ kind: 'refuse', code: 550, at: 'address' }]],
])('%s asks for a fault', (address, faults) => {
  expect(faultsOf(address)).toEqual(faults);
});

it.each([
  'ann@example.org',
  'fail-450@x',
  'defer-550@x',
  'fail-5500@x',
  'not-fail-550@x',
  'ann@fail-550.example',
  '',
  '@',
  'drop-data2@x',
])('%s asks for nothing', (address) => {
  expect(faultsOf(address)).toEqual([]);
});

it('no address makes it throw, and every code is one that refuses', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...FAULT_TAGS)), (text) => {
      for (const fault of faultsOf(text)) if (fault.kind === 'refuse') expect(fault.code).toBeGreaterThanOrEqual(400);
    }),
  );
});
