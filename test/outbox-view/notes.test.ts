import { notesOf } from '../../src/outbox-view/notes.js';
import { Tally } from '../../src/outbox-view/tally.js';
import { NOW_MS } from './fake-outbox.js';

const { counts } = new Tally('x', NOW_MS).overview('1h');
const nothingDue = { count: 0, longestMs: 0 };

it('says nothing when all is well', () => {
  expect(notesOf({ ...counts, sent: 5, queued: 3 }, { count: 3, longestMs: 900 })).toEqual([]);
});

it('says when nobody works', () => {
  const due = { count: 2, longestMs: 300_000 };
  expect(notesOf({ ...counts, queued: 2 }, due)).toEqual([
    'Nothing is being sent, and 2 messages have been due for up to 5 min: is a process running that has called start()?',
  ]);
  expect(notesOf({ ...counts, queued: 2, sending: 1 }, due)).toEqual([]);
});

it('says what somebody has to decide', () => {
  expect(notesOf({ ...counts, unknown: 1, quarantined: 1 }, nothingDue)).toEqual([
    expect.stringMatching(/^1 message may have arrived or not/),
    '1 entry cannot be read, and stands aside.',
  ]);
});
