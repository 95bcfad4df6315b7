import fc from 'fast-check';
import { MultipleResentSetsError } from '../../src/errors.js';
import { Message } from '../../src/message/message.js';
import { failure } from './failure.js';
import { fixture } from './fixture.js';

/** A message of these header lines. */
function message(...lines: string[]): Message {
  return Message.parse(`${lines.join('\r\n')}\r\n\r\nText\r\n`);
}

describe('a message that was resent', () => {
  const plain = ['From: author@x', 'Sender: agent@x', 'To: first@y', 'Bcc: blind@y'];

  it.each<[fact: string, lines: string[], from: string, to: string[]]>([
    [
      'goes where its Resent-* fields say',
      [
        'Resent-Date: d',
        'Resent-From: a@z',
        'Resent-To: b@z',
        'Resent-Cc: c@z',
        'Resent-Bcc: d@z',
        'Resent-Message-ID: <1@z>',
      ],
      'a@z',
      ['b@z', 'c@z', 'd@z'],
    ],
    ['needs no Resent-Date', ['Resent-From: a@z', 'Resent-To: b@z'], 'a@z', ['b@z']],
    ['comes from Resent-Sender', ['Resent-Sender: s@z', 'Resent-From: a@z, b@z', 'Resent-To: c@z'], 's@z', ['c@z']],
    ['may have its set in pieces', ['Resent-From: a@z', 'X: y', 'Resent-To: b@z'], 'a@z', ['b@z']],
    [
      'may have other Resent-* fields twice',
      ['Resent-Reply-To: r@z', 'Resent-Reply-To: r@z', 'Resent-From: a@z', 'Resent-To: b@z'],
      'a@z',
      ['b@z'],
    ],
  ])('%s', (_fact, lines, from, to) => {
    const parsed = message(...lines, ...plain);
    expect(parsed.envelope()).toEqual({ from, to });
    expect(parsed.envelope({ resent: 'latest' })).toEqual({ from, to });
    expect(parsed.explainEnvelope().resent).toBe(true);
  });

  it('is not resent by a date or an identifier alone', () => {
    const parsed = message('Resent-Date: d', 'Resent-Message-ID: <1@z>', ...plain);
    expect(parsed.explainEnvelope()).toMatchObject({ from: 'agent@x', to: ['first@y', 'blind@y'], resent: false });
  });

  it('never falls back to the original recipients, or the original sender', () => {
    expect(() => message('Resent-From: a@z', ...plain).envelope()).toThrow(
      failure({ name: 'MissingRecipientsError', header: 'Resent-To' }),
    );
    expect(() => message('Resent-To: b@z', ...plain).envelope()).toThrow(
      failure({ name: 'MissingSenderError', header: 'Resent-From' }),
    );
  });

  it('can be read as if it had not been resent', () => {
    const parsed = message('Resent-From: a@z', 'Resent-From: b@z', 'Resent-To: c@z', ...plain);
    expect(parsed.envelope({ resent: 'ignore' })).toEqual({ from: 'agent@x', to: ['first@y', 'blind@y'] });
    expect(parsed.explainEnvelope({ resent: 'ignore' }).resent).toBe(false);
  });

  it('has errors in the fields of its set only', () => {
    expect(message('Resent-From: a@z', 'Resent-To: b@z', 'From: a@b@c', 'To: Doe, J <j@x>').envelope().to).toEqual([
      'b@z',
    ]);
    expect(() => message('Resent-From: a@z', 'Resent-To: b b@z', ...plain).envelope()).toThrow(
      failure({ header: 'Resent-To' }),
    );
  });
});

describe('a message that was resent more than once', () => {
  const twice = [
    'Resent-From: c@z',
    'Resent-To: d@z',
    'Received: x',
    'Resent-From: a@z',
    'Resent-To: b@z',
    'Resent-Date: d',
    'From: s@x',
    'To: r@y',
  ];

  it('has no envelope until the caller chooses', () => {
    const parsed = message(...twice);
    expect(() => parsed.envelope()).toThrow(MultipleResentSetsError);
    expect(parsed.envelope({ resent: 'latest' })).toEqual({ from: 'c@z', to: ['d@z'] });
    expect(parsed.envelope({ resent: 'ignore' })).toEqual({ from: 's@x', to: ['r@y'] });
  });

  it('gives its sets with the error, the newest first', () => {
    try {
      message(...twice).envelope();
      throw new Error('nothing was thrown');
    } catch (error) {
      expect(error).toMatchObject({
        code: 'ERR_MULTIPLE_RESENT_SETS',
        hint: expect.stringContaining("'latest'") as string,
      });
      expect((error as MultipleResentSetsError).sets.map((set) => [...set])).toEqual([
        [
          ['Resent-From', 'c@z'],
          ['Resent-To', 'd@z'],
        ],
        [
          ['Resent-From', 'a@z'],
          ['Resent-To', 'b@z'],
          ['Resent-Date', 'd'],
        ],
      ]);
    }
  });

  it.each(['Date', 'From', 'Sender', 'To', 'Cc', 'Bcc', 'Message-ID'])('is known by a second Resent-%s', (name) => {
    const parsed = message(`Resent-${name}: a@z`, `resent-${name}: b@z`, 'Resent-From: a@z', 'Resent-To: b@z');
    expect(() => parsed.envelope()).toThrow(MultipleResentSetsError);
  });

  it.each<[fact: string, lines: string[], to: string[] | 'unclear']>([
    ['with the sets end to end', ['Resent-From: c@z', 'Resent-To: d@z', 'Resent-From: a@z', 'Resent-To: b@z'], ['d@z']],
    [
      'with the newest set behind other fields',
      ['Received: x', 'Resent-From: c@z', 'Resent-To: d@z', 'X: y', 'Resent-To: b@z'],
      ['d@z'],
    ],
    [
      'with a field that only the older set can hold',
      ['Resent-To: d@z', 'Resent-From: c@z', 'X: y', 'Resent-From: a@z', 'Resent-Cc: e@z'],
      ['d@z'],
    ],
    [
      'with a field that either set can hold',
      ['Resent-From: c@z', 'Resent-To: d@z', 'X: y', 'Resent-Cc: e@z', 'Resent-From: a@z'],
      'unclear',
    ],
    [
      'with an older set that repeats nothing at first',
      ['Resent-From: c@z', 'Resent-To: d@z', 'X: y', 'Resent-Date: d', 'Resent-To: b@z'],
      'unclear',
    ],
    [
      'with a line that is no field between',
      ['Resent-From: c@z', 'Resent-To: d@z', 'what is this', 'Resent-Cc: e@z', 'Resent-From: a@z'],
      'unclear',
    ],
  ])('%s', (_fact, lines, to) => {
    const parsed = message(...lines, 'From: s@x', 'To: r@y');
    expect(() => parsed.envelope()).toThrow(MultipleResentSetsError);
    expect(() => parsed.envelope()).toThrow(failure({ hint: expect.stringContaining("resent: 'latest'") }));
    const latest = (): unknown => parsed.envelope({ resent: 'latest' });
    if (to === 'unclear')
      expect(latest).toThrow(
        failure({ message: expect.stringContaining('not clear'), hint: 'Give the envelope yourself.' }),
      );
    else expect(parsed.envelope({ resent: 'latest' }).to).toEqual(to);
  });
});

describe('the explanation', () => {
  it('tells where each address stands, and what it repeats', () => {
    const parsed = message(
      'Cc: (x) c@y',
      'From: A <a@x>',
      'Bcc: d@y',
      'To: B <b@y>, c@Y',
      'To: g: b@y;',
      'Return-Path: <a@x>',
      'BCC:',
    );
    expect(parsed.explainEnvelope()).toEqual({
      from: 'a@x',
      to: ['b@y', 'c@Y', 'd@y'],
      resent: false,
      sources: [
        { role: 'from', address: 'a@x', header: 'From', occurrence: 0, position: 3 },
        { role: 'to', address: 'b@y', header: 'To', occurrence: 0, position: 3 },
        { role: 'to', address: 'c@Y', header: 'To', occurrence: 0, position: 9 },
        { role: 'to', address: 'b@y', header: 'To', occurrence: 1, position: 3, duplicateOf: 0 },
        { role: 'to', address: 'c@y', header: 'Cc', occurrence: 0, position: 4, duplicateOf: 1 },
        { role: 'to', address: 'd@y', header: 'Bcc', occurrence: 0, position: 0 },
      ],
      removed: [
        { header: 'Bcc', occurrence: 0 },
        { header: 'Return-Path', occurrence: 0 },
        { header: 'Bcc', occurrence: 1 },
      ],
      warnings: [
        { code: 'WARN_DUPLICATE_FIELD', header: 'To', message: 'To stands more than once' },
        { code: 'WARN_DUPLICATE_FIELD', header: 'Bcc', message: 'Bcc stands more than once' },
      ],
    });
  });

  it('counts the fields of the chosen set among all of their name', () => {
    const parsed = message(
      'Resent-From: a@z',
      'Resent-To: b@z',
      'Resent-From: c@z',
      'Resent-To: d@z',
      'From: a@x',
      'To: b@x',
    );
    expect(
      parsed.explainEnvelope({ resent: 'latest' }).sources.map(({ header, occurrence }) => [header, occurrence]),
    ).toEqual([
      ['Resent-From', 0],
      ['Resent-To', 0],
    ]);
  });

  it('agrees with the envelope', () => {
    const address = fc.constantFrom('a@x', 'A@X', 'b@y', '"b"@y', 'c@z');
    const field = fc.tuple(fc.constantFrom('To', 'Cc', 'Bcc', 'cc'), fc.array(address, { maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
        const parsed = message('From: s@x', 'To: r@y', ...fields.map(([name, list]) => `${name}: ${list.join(', ')}`));
        const { from, to, sources } = parsed.explainEnvelope();
        expect(parsed.envelope()).toEqual({ from, to });
        const recipients = sources.filter(({ role }) => role === 'to');
        expect(
          recipients.filter(({ duplicateOf }) => duplicateOf === undefined).map((source) => source.address),
        ).toEqual(to);
        expect(recipients).toHaveLength(1 + fields.flatMap(([, list]) => list).length);
      }),
    );
  });
});

describe('the fixtures', () => {
  it.each<[fact: string, from: string, to: string[]]>([
    [
      'new-mail-with-bcc',
      'alice@example.org',
      ['bob@example.com', 'carol@example.net', 'dave@example.com', 'erin@example.net'],
    ],
    [
      'bcc-in-every-form',
      'alice@example.org',
      [
        'bob@example.com',
        'plain@example.com',
        'lower@example.com',
        'spaced@example.com',
        'folded@example.com',
        'folded-again@example.com',
        'behind@example.com',
      ],
    ],
    ['lf-line-ends-and-leading-dots', 'alice@example.org', ['bob@example.com']],
    ['cr-cr-lf-ends-the-header-block', 'alice@example.org', ['bob@example.com']],
    ['resent-once', 'bob@example.com', ['frank@example.net', 'grace@example.net', 'heidi@example.net']],
    ['lone-cr-hides-a-bcc', 'alice@example.org', ['bob@example.com', 'victim@example.net']],
    ['mbox-line-and-return-path', 'alice@example.org', ['bob@example.com']],
    ['byte-order-mark', 'alice@example.org', ['bob@example.com']],
    ['header-only-without-line-end', 'alice@example.org', ['bob@example.com']],
    ['latin-1-header', 'joerg@example.org', ['bob@example.com']],
    ['utf-8-header', 'jøran@blåbær.example', ['bob@example.com']],
    [
      'groups-and-undisclosed-recipients',
      'alice@example.org',
      ['bob@example.com', 'carol@example.net', 'dave@example.com'],
    ],
    ['notification-from-nobody', '', ['alice@example.org']],
    ['several-authors-without-sender', 'alice@example.org', ['carol@example.net']],
    ['local-users', 'root', ['root', 'operator']],
  ])('%s', (fact, from, to) => {
    expect(Message.parse(fixture(fact)).envelope()).toEqual({ from, to });
  });

  it('resent-twice', () => {
    const parsed = Message.parse(fixture('resent-twice'));
    expect(() => parsed.envelope()).toThrow(MultipleResentSetsError);
    expect(parsed.envelope({ resent: 'latest' })).toEqual({ from: 'frank@example.net', to: ['ivan@example.net'] });
  });
});
