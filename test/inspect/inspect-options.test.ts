import { resolveOptions } from '../../src/inspect/inspect-options.js';
import { failure } from '../message/failure.js';

it('has a number for every limit', () => {
  expect(resolveOptions({})).toEqual({
    signal: undefined,
    deadlineMs: undefined,
    maxSizeBytes: 67_108_864,
    maxNesting: 100,
    maxParts: 1000,
  });
  const { signal } = new AbortController();
  const given = { signal, deadlineMs: 1, maxSizeBytes: 2, maxNesting: 3, maxParts: 4 };
  expect(resolveOptions(given)).toEqual(given);
});

it.each([
  null,
  'x',
  { maxsize: 1 },
  { signal: {} },
  { signal: null },
  { deadlineMs: 0 },
  { deadlineMs: Infinity },
  { deadlineMs: '1' },
  { maxSizeBytes: -1 },
  { maxNesting: 1.5 },
  { maxParts: NaN },
  { maxParts: 2 ** 31 },
])('refuses %p', (given) => {
  expect(() => resolveOptions(given)).toThrow(failure({ code: 'ERR_INVALID_OPTION', hint: expect.any(String) }));
});
