import {
  AmbiguousSenderError,
  InvalidAddressError,
  MissingRecipientsError,
  MissingSenderError,
} from '../../src/errors.js';
import type { EnvelopeOptions } from '../../src/message/envelope.js';
import { Message } from '../../src/message/message.js';
import { failure } from './failure.js';

/** A message of these header lines. */
function message(...lines: string[]): Message {
  return Message.parse(`${lines.join('\r\n')}\r\n\r\nText\r\n`);
}

function warningsOf(parsed: Message, options?: EnvelopeOptions): string[] {
  return parsed.explainEnvelope(options).warnings.map(({ code }) => code);
}

describe('the sender', () => {
  it.each<[fact: string, lines: string[], from: string]>([
    ['is From', ['From: A <a@x>'], 'a@x'],
    ['is Sender rather than From', ['From: a@x', 'Sender: s@x'], 's@x'],
    ['is Sender although From is no address', ['From: (none)', 'Sender: s@x'], 's@x'],
    ['is From when Sender is empty', ['Sender:', 'From: a@x'], 'a@x'],
    ['is From when Sender is an empty group', ['Sender: nobody:;', 'From: a@x'], 'a@x'],
    ['is the first of several authors', ['From: a@x, b@x'], 'a@x'],
    ['is the first of several From fields', ['From:', 'From: a@x', 'From: b@x'], 'a@x'],
    ['is a member of a group (RFC 6854)', ['From: Managers: a@x, b@x;'], 'a@x'],
    ['is a local user', ['From: root'], 'root'],
    ['is nobody', ['From: MAILER-DAEMON <>'], ''],
    ['is nobody by Sender', ['Sender: <>', 'From: a@x'], ''],
    ['has a quoted local part', ['From: "a b"@x'], '"a b"@x'],
    ['is found behind a line that is no field', ['what is this', 'From: a@x'], 'a@x'],
    ['is found in a folded field with white space in front of the colon', ['From \t:', '\t A', ' <a@x>'], 'a@x'],
  ])('%s', (_fact, lines, from) => {
    expect(message(...lines, 'To: r@y').envelope().from).toBe(from);
  });

  it.each<[fact: string, lines: string[]]>([
    ['no field', []],
    ['an empty From', ['From:']],
    ['an empty group', ['From: anonymous:;']],
    ['only Reply-To', ['Reply-To: a@x']],
    ['a From field inside the body', ['', 'From: a@x']],
  ])('is missing with %s', (_fact, lines) => {
    expect(() => message('To: r@y', ...lines).envelope()).toThrow(MissingSenderError);
    expect(() => message('To: r@y', ...lines).envelope()).toThrow(
      failure({ code: 'ERR_MISSING_SENDER', header: 'From', hint: expect.any(String) }),
    );
  });

  it.each<[fact: string, lines: string[]]>([
    ['two fields', ['Sender: s@x', 'Sender: t@x']],
    ['two fields that agree', ['Sender: s@x', 'Sender: s@x']],
    ['two addresses', ['Sender: s@x, t@x']],
    ['a group of two', ['Sender: g: s@x, t@x;']],
  ])('is ambiguous with %s', (_fact, lines) => {
    expect(() => message('From: a@x', 'To: r@y', ...lines).envelope()).toThrow(AmbiguousSenderError);
    expect(() => message('From: a@x', 'To: r@y', ...lines).envelope()).toThrow(
      failure({ code: 'ERR_AMBIGUOUS_SENDER', header: 'Sender' }),
    );
  });

  it('several authors are worth a warning', () => {
    expect(warningsOf(message('From: a@x, b@x', 'To: r@y'))).toEqual(['WARN_SEVERAL_AUTHORS']);
    expect(warningsOf(message('From: a@x, b@x', 'Sender: a@x', 'To: r@y'))).toEqual([]);
  });
});

describe('the recipients', () => {
  it.each<[fact: string, lines: string[], to: string[]]>([
    ['come from To, Cc and Bcc in this order', ['Bcc: 3@x', 'Cc: 2@x', 'To: 1@x'], ['1@x', '2@x', '3@x']],
    ['come from every field of a name', ['To: 1@x', 'Cc: 3@x', 'To: 2@x', 'cc: 4@x'], ['1@x', '2@x', '3@x', '4@x']],
    ['may be blind copies alone', ['Bcc: 1@x'], ['1@x']],
    [
      'are each named once, in the first spelling',
      ['To: A@X.test, a@x.test', 'Cc: A@x.TEST'],
      ['A@X.test', 'a@x.test'],
    ],
    [
      'are the same with a domain in A-labels',
      ['To: a@bücher.example', 'Cc: a@xn--bcher-kva.example'],
      ['a@bücher.example'],
    ],
    ['are the same with and without quotes', ['To: "a"@x, a@x'], ['a@x']],
    ['differ by the case of the local part', ['To: a@x, A@x'], ['a@x', 'A@x']],
    [
      'do not come from empty fields, groups and elements',
      ['To: undisclosed-recipients:;', 'Cc:', 'Bcc: , 1@x,,'],
      ['1@x'],
    ],
    ['come from groups', ['To: g: 1@x, 2@x;, 3@x'], ['1@x', '2@x', '3@x']],
    ['may be local users', ['To: root', 'Cc: a@x'], ['root', 'a@x']],
  ])('%s', (_fact, lines, to) => {
    expect(message('From: s@x', ...lines).envelope().to).toEqual(to);
  });

  it.each<[fact: string, lines: string[]]>([
    ['no field', []],
    ['empty fields', ['To:', 'Cc: ,', 'Bcc: g:;']],
    ['only Reply-To and X-Bcc', ['Reply-To: a@x', 'X-Bcc: b@x']],
  ])('are missing with %s', (_fact, lines) => {
    expect(() => message('From: s@x', ...lines).envelope()).toThrow(MissingRecipientsError);
    expect(() => message('From: s@x', ...lines).envelope()).toThrow(
      failure({ code: 'ERR_MISSING_RECIPIENTS', header: 'To' }),
    );
  });

  it.each<[fact: string, line: string, header: string, position: number]>([
    ['an unquoted name with a comma', 'To: Doe, John <j@x>', 'To', 0],
    ['a local user beside other addresses', 'Cc: a@x, root', 'Cc', 5],
    ['an empty path', 'Bcc: <>', 'Bcc', 0],
    ['a name alone', 'To: John Doe', 'To', 5],
    ['a NUL', 'To: a@x\0', 'To', 3],
  ])('are refused because of %s', (_fact, line, header, position) => {
    const parsed = message('From: s@x', 'To: r@y', line);
    expect(() => parsed.envelope()).toThrow(InvalidAddressError);
    expect(() => parsed.envelope()).toThrow(
      failure({ header, position, message: expect.stringContaining(`${header}: `) }),
    );
  });

  it('100,000 are the most in all fields together', () => {
    const half = Array.from({ length: 50_000 }, (_, index) => `${index.toString(36)}@x`).join(',');
    const parsed = message('From: s@x', `To: ${half}`, `Cc: ${half}`);
    expect(parsed.envelope().to).toHaveLength(50_000);
    parsed.headers.append('Bcc', 'z@y');
    expect(() => parsed.envelope()).toThrow(failure({ code: 'ERR_TOO_MANY_RECIPIENTS', header: 'Bcc' }));
    expect(() => parsed.explainEnvelope({ from: 's@x' })).toThrow(failure({ code: 'ERR_TOO_MANY_RECIPIENTS' }));
  });

  it('an address beyond ASCII in a field that is no UTF-8 would be a guess', () => {
    const raw = Buffer.from('From: J\xf6rg <s@x>\r\nTo: j\xf6rg@y\r\n\r\n', 'latin1');
    expect(() => Message.parse(raw).envelope()).toThrow(failure({ header: 'To', code: 'ERR_INVALID_ADDRESS' }));
    const named = Buffer.from('From: J\xf6rg <s@x>\r\nTo: J\xf6rg <r@y>\r\n\r\n', 'latin1');
    expect(Message.parse(named).envelope()).toEqual({ from: 's@x', to: ['r@y'] });
  });

  it('an encoded-word hides no address', () => {
    expect(message('From: s@x', 'To: =?utf-8?Q?b=40evil=2Etest=2C?= <r@y>').envelope().to).toEqual(['r@y']);
  });
});

describe('strict conformance', () => {
  const strict: EnvelopeOptions = { conformance: 'rfc5322' };

  it('takes what RFC 5322 allows', () => {
    expect(message('From: a@x, b@x', 'Sender: a@x', 'To: r@y').envelope(strict)).toEqual({ from: 'a@x', to: ['r@y'] });
    expect(message('Resent-Date: d', 'Resent-From: a@z', 'Resent-To: b@z', 'From: a@x').envelope(strict).to).toEqual([
      'b@z',
    ]);
  });

  it('wants a Sender beside several authors', () => {
    expect(() => message('From: a@x, b@x', 'To: r@y').envelope(strict)).toThrow(
      failure({ code: 'ERR_MISSING_SENDER', header: 'Sender' }),
    );
  });

  it.each([
    'Date',
    'From',
    'Sender',
    'Reply-To',
    'To',
    'Cc',
    'Bcc',
    'Message-ID',
    'In-Reply-To',
    'References',
    'Subject',
  ])('wants %s once', (name) => {
    const parsed = message('From: a@x', 'To: r@y', `${name}: b@x`, `${name}: b@x`);
    expect(() => parsed.envelope(strict)).toThrow(failure({ code: 'ERR_DUPLICATE_FIELD', header: name }));
    if (name !== 'Sender') expect(warningsOf(parsed)).toContain('WARN_DUPLICATE_FIELD');
  });

  it('wants a Resent-Date', () => {
    const parsed = message('Resent-From: a@z', 'Resent-To: b@z', 'From: a@x');
    expect(() => parsed.envelope(strict)).toThrow(failure({ code: 'ERR_MISSING_RESENT_DATE', header: 'Resent-Date' }));
    expect(warningsOf(parsed)).toEqual(['WARN_MISSING_RESENT_DATE']);
  });

  it('wants an address of the sender', () => {
    expect(() => message('From: MAILER-DAEMON <>', 'To: r@y').envelope(strict)).toThrow(InvalidAddressError);
  });
});

describe('options', () => {
  it('requireDomain refuses local users', () => {
    expect(() => message('From: root', 'To: a@x').envelope({ requireDomain: true })).toThrow(
      failure({ header: 'From' }),
    );
    expect(() => message('From: a@x', 'To: root').envelope({ requireDomain: true })).toThrow(failure({ header: 'To' }));
    expect(message('From: <>', 'To: a@x').envelope({ requireDomain: true }).from).toBe('');
  });

  it('addresses: lenient reads what has one other reading, with a warning', () => {
    const parsed = message('From: a@x', 'To: Doe, John <j@y>', 'Cc: b@x; c@x');
    expect(() => parsed.envelope()).toThrow(InvalidAddressError);
    expect(parsed.envelope({ addresses: 'lenient' }).to).toEqual(['j@y', 'b@x', 'c@x']);
    expect(warningsOf(parsed, { addresses: 'lenient' })).toEqual(['WARN_LENIENT_ADDRESS', 'WARN_LENIENT_ADDRESS']);
    expect(parsed.explainEnvelope({ addresses: 'lenient' }).sources[1]).toMatchObject({ header: 'To', position: 11 });
  });
});
