import { bytes, countsText, duration, exitOfMarks, kindOf, newCounts } from '../../../src/cli/resend/counts.js';

it.each([
  ['aa', 'sent', 'ok'],
  ['ar', 'partlySent', 'recipient-refused'],
  ['rr', 'refused', 'recipient-refused'],
  ['al', 'putOff', 'try-again'],
  ['r-', 'putOff', 'try-again'],
  ['lu', 'unknown', 'may-be-delivered'],
])('a message with the marks %s is %s, and ends the run with %s', (marks, kind, exit) => {
  expect([kindOf(marks), exitOfMarks(marks)]).toEqual([kind, exit]);
});

it.each([
  [{ messages: 1, sent: 1, sizeBytes: 999 }, false, '1 message in 2.0 s: 1 sent; 999 B'],
  [
    { messages: 20_000, sent: 19_990, refused: 10, sizeBytes: 1_234_567 },
    false,
    '20,000 messages in 2.0 s: 19,990 sent, 10 refused; 1.2 MB',
  ],
  [
    { messages: 2, sent: 1, partlySent: 1 },
    true,
    '2 messages in 2.0 s: 1 accepted, 1 accepted for some of their recipients; 0 B',
  ],
  [{}, false, '0 messages in 2.0 s: nothing was sent; 0 B'],
])('%j', (some, probe, text) => {
  expect(countsText({ ...newCounts(), ...some }, 2, probe)).toBe(text);
});

it('sizes and times are short', () => {
  expect([0, 999, 1_000, 1.5e9, 2e15].map(bytes)).toEqual(['0 B', '999 B', '1.0 kB', '1.5 GB', '2000.0 TB']);
  expect([0.04, 9.99, 59.4, 60, 3_599, 3_600, 90_061].map(duration)).toEqual([
    ...['0.0 s', '10.0 s', '59 s', '1:00 min', '59:59 min', '1:00:00 h', '25:01:01 h'],
  ]);
});
