import { DEFAULT_SIGNED_FIELDS, fieldsOfNames, isNeverSigned, namesToSign } from '../../src/dkim/signed-fields.js';
import { splitFields } from '../../src/dkim/sign-content.js';

const fields = (...lines: readonly string[]): ReturnType<typeof splitFields> =>
  splitFields(Buffer.from(lines.map((line) => `${line}\r\n`).join('')));

const byDefault = { signed: DEFAULT_SIGNED_FIELDS, oversigned: undefined };

describe('the names to sign', () => {
  it('are those that stand in the message, and by default some once more', () => {
    const names = namesToSign(
      fields('From: a', 'To: b', 'Subject: c', 'Date: d', 'X-Other: e', 'List-Id: f'),
      byDefault,
    );
    expect(names).toEqual('from from reply-to subject subject date date to to cc list-id'.split(' '));
  });

  it('leave room for the fields that a submission server may add', () => {
    const names = namesToSign(fields('From: a'), byDefault);
    expect(names).toEqual(['from', 'from', 'reply-to', 'subject', 'cc']);
  });

  it('count every field of a name', () => {
    const choice = { signed: ['from', 'comments'], oversigned: new Set<string>() };
    expect(namesToSign(fields('Comments: 1', 'From: a', 'comments: 2'), choice)).toEqual([
      'from',
      'comments',
      'comments',
    ]);
  });

  it('hold Resent-* as often as they stand there, and never once more, so that the message can be resent', () => {
    const resent = fields(
      'Resent-From: b',
      'Resent-Date: x',
      'Resent-To: c',
      'Resent-Bcc: s',
      'From: a',
      'Resent-From: d',
    );
    const names = namesToSign(resent, byDefault).filter((name) => name.startsWith('resent-'));
    expect(names).toEqual(['resent-date', 'resent-from', 'resent-from', 'resent-to']);
  });

  it('are never those of blind copies and of the way', () => {
    expect(DEFAULT_SIGNED_FIELDS.filter(isNeverSigned)).toEqual([]);
    for (const name of ['bcc', 'resent-bcc', 'return-path', 'received', 'authentication-results', 'dkim-signature']) {
      expect(isNeverSigned(name)).toBe(true);
    }
  });
});

describe('the fields of names', () => {
  it('are taken from the bottom upwards, and a name too many is nothing', () => {
    const given = fields('A: 1', 'B: 2', 'A: 3', 'no field', 'A: 4\r\n folded');
    const taken = fieldsOfNames(given, ['a', 'b', 'b', 'a', 'c', 'a', 'a']);
    expect(taken.map(String)).toEqual(['A: 4\r\n folded\r\n', 'B: 2\r\n', 'A: 3\r\n', 'A: 1\r\n']);
  });
});
