import fc from 'fast-check';
import { MARKS, markOf, readRecord, withMarks, type Mark } from '../../../src/cli/resend/journal-records.js';
import type { RecipientResult } from '../../../src/index.js';

const reply = (code: number): RecipientResult['reply'] => ({ code, enhancedCode: undefined, lines: [''], text: '' });

it.each<[RecipientResult['status'], number | undefined, Mark]>([
  ['accepted', 250, MARKS.accepted],
  ['unknown', undefined, MARKS.unknown],
  ['not-sent', undefined, MARKS.untried],
  ['refused', 450, MARKS.later],
  ['refused', 550, MARKS.refused],
  ['refused', undefined, MARKS.refused],
])('a recipient who is %s (%s) has the mark %s', (status, code, mark) => {
  const { reply: said } = { reply: code === undefined ? undefined : reply(code) };
  const recipient = {
    index: 0,
    address: 'a@example.org',
    stage: 'rcpt',
    status,
    ...(said && { reply: said }),
  } as const;
  expect(markOf(recipient)).toBe(mark);
});

it('marks change where they are told to', () => {
  expect(withMarks('--a-', [0, 3], (position) => (position === 0 ? MARKS.later : MARKS.unknown))).toBe('l-au');
});

const whole = {
  intent: { type: 'intent', id: 'k#1', at: '', file: 'f', from: '', to: ['a', 'b'], asked: [1] },
  done: { type: 'done', id: 'k#1', at: '', of: 2, recipients: [{ index: 1, address: 'b', mark: 'a' }] },
  moving: { type: 'moving', id: 'k#1', at: '', path: '/a', to: '/b' },
};

it.each(Object.entries(whole))('reads the record %s', (_, record) => {
  expect(readRecord(JSON.stringify(record))).toEqual(record);
});

it.each<[string, object]>([
  ['no type', { id: 'k#1' }],
  ['an unknown type', { ...whole.intent, type: 'else' }],
  ['no id', { ...whole.intent, id: 1 }],
  ['an index beyond the recipients', { ...whole.intent, asked: [2] }],
  ['an index that is no number', { ...whole.intent, asked: ['1'] }],
  ['a done beyond its count', { ...whole.done, of: 1 }],
  ['an unknown mark', { ...whole.done, recipients: [{ index: 0, mark: 'x' }] }],
  ['a recipient that is none', { ...whole.done, recipients: [null] }],
  ['a count that makes no sense', { ...whole.done, of: 1e9 }],
  ['a run of another program', { type: 'run', journal: 'other', server: 's' }],
])('a line with %s is no record', (_, record) => {
  expect(readRecord(JSON.stringify(record))).toBeUndefined();
});

it('no text makes it throw, and a line that was cut is no record', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => readRecord(text) === undefined));
  const line = JSON.stringify(whole.done);
  for (let length = 0; length < line.length; length += 1) expect(readRecord(line.slice(0, length))).toBeUndefined();
});
