import {
  errorLine,
  explanationText,
  failureText,
  recipientLines,
  resultText,
  warningLines,
} from '../../src/cli/report.js';
import {
  MessageError,
  parseAddressList,
  SMTPRecipientsRefused,
  type RecipientResult,
  type Reply,
  type SendResult,
} from '../../src/index.js';
import { thrownBy } from '../support/thrown.js';

const reply = (code: number, ...lines: string[]): Reply => ({
  code,
  enhancedCode: undefined,
  lines,
  text: lines.join('\n'),
});
const recipient = (index: number, status: RecipientResult['status'], said?: Reply): RecipientResult => ({
  index,
  address: `${String(index)}@example.org`,
  status,
  stage: 'rcpt',
  ...(said === undefined ? {} : { reply: said }),
});
const result = (recipients: readonly RecipientResult[], queueId?: string): SendResult => ({
  envelope: { from: '', to: [] },
  recipients,
  accepted: recipients.filter(({ status }) => status === 'accepted').map(({ address }) => address),
  refused: new Map(),
  reply: reply(250, 'ok'),
  queueId,
  messageId: undefined,
  sizeBytes: 1_234_567,
  tls: undefined,
  warnings: [],
  timing: {},
});

describe('errorLine', () => {
  it('is one line: program, file, what, hint', () => {
    const error = new MessageError('it is broken', { hint: 'Mend it.' });
    expect(errorLine('a\u001b[1m\n.eml', error)).toBe('posthaste: a\\u001b[1m .eml: it is broken. Mend it.\n');
    expect(errorLine(undefined, error)).toBe('posthaste: it is broken. Mend it.\n');
    expect(errorLine('-', error)).toBe('posthaste: standard input: it is broken. Mend it.\n');
  });

  it('shows a bad address without the caret below it', () => {
    const error = thrownBy(() => parseAddressList('a b@c.d'));
    expect(errorLine('f', error)).toMatch(/^posthaste: f: [^^\n]* at position \d+: a b@c\.d\. [^^\n]*\n$/);
  });

  it('shows no stack of what nobody foresaw, and calls it what it is', () => {
    expect(errorLine('f', new TypeError('x is undefined'))).toBe(
      'posthaste: f: internal error: TypeError: x is undefined.\n',
    );
    expect(errorLine('f', 'thrown text')).toBe('posthaste: f: internal error: thrown text.\n');
  });

  it('shows no password of a URL, whoever put it there', () => {
    expect(errorLine('smtp://u:secret@h', new Error('smtps://v:se:cr@et@h'))).not.toMatch(/se.?cr/);
  });
});

describe('resultText', () => {
  it('counts those who got it', () => {
    expect(resultText('f', result([recipient(0, 'accepted')], 'Q1'))).toBe(
      'f: sent to 1 recipient, 1,234,567 octets, queued as Q1\n',
    );
    expect(resultText('f', result([recipient(0, 'accepted'), recipient(1, 'refused')]))).toBe(
      'f: sent to 1 of 2 recipients, 1,234,567 octets\n',
    );
  });

  it('lets the server put no control on the terminal', () => {
    expect(resultText('f', result([recipient(0, 'accepted')], 'Q\u001b[2J'))).toContain('queued as Q\\u001b[2J\n');
  });
});

describe('recipientLines', () => {
  it('has a line for each recipient who did not get it, with the whole reply', () => {
    const lines = recipientLines('f', [
      recipient(0, 'accepted', reply(250, 'ok')),
      recipient(1, 'refused', reply(550, '5.1.1 no', 'really')),
      recipient(2, 'refused', reply(450, 'busy')),
      recipient(3, 'unknown'),
      recipient(4, 'not-sent'),
    ]);
    expect(lines.split('\n')).toEqual([
      'posthaste: f: <1@example.org> was refused: 550 5.1.1 no / really.',
      'posthaste: f: <2@example.org> was refused: 450 busy. Send it again later, to this address alone (--to).',
      'posthaste: f: <3@example.org> may have got it, or not. No answer came; sending again may deliver twice.',
      'posthaste: f: <4@example.org> did not get it.',
      '',
    ]);
  });
});

describe('failureText', () => {
  it('of one refused recipient is the error, of several their replies', () => {
    const refusal = (...recipients: RecipientResult[]) =>
      new SMTPRecipientsRefused('nobody', { refused: new Map(), recipients, hint: 'Look.' });
    expect(failureText('f', refusal(recipient(0, 'refused', reply(550, 'no'))))).toBe('posthaste: f: nobody. Look.\n');
    const both = [recipient(0, 'refused', reply(550, 'no')), recipient(1, 'refused', reply(551, 'no'))];
    expect(failureText('f', refusal(...both))).toBe(recipientLines('f', both));
  });
});

describe('warnings', () => {
  it('are lines of their own, and not more of them than a person reads', () => {
    const warnings = Array.from({ length: 25 }, (_, index) => ({ code: 'W', message: `number ${String(index)}` }));
    const lines = warningLines('f', warnings).trimEnd().split('\n');
    expect(lines[0]).toBe('posthaste: f: warning: number 0.');
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('posthaste: f: warning: and 5 more.');
  });
});

describe('explanationText', () => {
  it('aligns its columns, and says it when nothing is removed', () => {
    const source = { occurrence: 0, position: 0 };
    const text = explanationText(
      'f',
      {
        from: '',
        to: ['long.address@example.org', 'b@c.d'],
        resent: false,
        sources: [
          { role: 'from', address: 'a@b.c', header: 'Sender', ...source },
          { role: 'to', address: 'long.address@example.org', header: 'To', ...source },
          { role: 'to', address: 'long.address@example.org', header: 'Cc', ...source, duplicateOf: 0 },
          { role: 'to', address: 'b@c.d', header: 'Cc', ...source },
        ],
        removed: [],
        warnings: [{ code: 'W', message: 'odd' }],
      },
      5,
    );
    expect(text.split('\n')).toEqual([
      'f: nothing was sent (dry run)',
      '  from     a@b.c                     (Sender)',
      '  to       long.address@example.org  (To)',
      '           b@c.d                     (Cc)',
      '  removed  nothing',
      '  warning  odd',
      '  size     5 octets',
      '',
      '',
    ]);
  });
});
