import { readClientText, readServerText, ScriptSyntaxError } from '../../src/testing/notation.js';

function matches(pattern: string, line: string, inContent = false): boolean {
  const expectation = readClientText(pattern);
  if (expectation.kind !== 'line') throw new Error(`${pattern} was read as ${expectation.kind}`);
  return expectation.matches(Buffer.from(line), inContent);
}

describe('what a server says', () => {
  it.each([
    ['250 ok', '250 ok\r\n'],
    ['', '\r\n'],
    ['250 naïve', '250 na\xc3\xafve\r\n'],
    ['250 a\\0b\\x80', '250 a\0b\x80\r\n'],
    ['"250 o"', '250 o'],
    ['"250 ok\\n"', '250 ok\n'],
    ['"a \\" b"', 'a " b'],
    ['\\(250', '(250\r\n'],
    ['\\"250', '"250\r\n'],
  ])('%j is the bytes %j', (text, octets) => {
    const step = readServerText(text);
    expect(step).toEqual({ kind: 'send', bytes: Buffer.from(octets, 'latin1'), addressee: 'in-turn' });
  });

  it.each([
    ['(close)', { kind: 'close' }],
    ['(reset)', { kind: 'reset' }],
    ['(starttls)', { kind: 'starttls' }],
    ['(hold)', { kind: 'hold', name: '' }],
    ['(hold dot-1)', { kind: 'hold', name: 'dot-1' }],
    ['(wait 50ms)', { kind: 'wait', ms: 50 }],
    ['(wait 50)', { kind: 'wait', ms: 50 }],
    ['(chunk 1)', { kind: 'chunk', chunking: { sizeBytes: 1 } }],
    ['(chunk 1 every 200ms)', { kind: 'chunk', chunking: { sizeBytes: 1, everyMs: 200 } }],
    ['(chunk at 3, 7)', { kind: 'chunk', chunking: { at: [3, 7] } }],
    ['(chunk off)', { kind: 'chunk', chunking: undefined }],
    ['(repeat 3 "x\\r\\n")', { kind: 'repeat', times: 3, bytes: Buffer.from('x\r\n') }],
    ['(repeat forever "x")', { kind: 'repeat', times: Infinity, bytes: Buffer.from('x') }],
    ['(surplus 250 ok)', { kind: 'send', bytes: Buffer.from('250 ok\r\n'), addressee: 'surplus' }],
    ['(early "250")', { kind: 'send', bytes: Buffer.from('250'), addressee: 'early' }],
  ])('%s is an action', (text, step) => {
    expect(readServerText(text)).toEqual(step);
  });

  it.each([
    '(clsoe)',
    '(wait)',
    '(wait soon)',
    '(chunk 0)',
    '(chunk at)',
    '(chunk at 0)',
    '(repeat x)',
    '(repeat 2 x)',
    '(repeat 2 "")',
    '(surplus)',
    '(close now)',
    '(hold a b)',
    '(unclosed',
    '"unclosed',
    '"bad \\q"',
  ])('%s is refused, with a hint', (text) => {
    const attempt = (): unknown => readServerText(text);
    expect(attempt).toThrow(ScriptSyntaxError);
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'ERR_SCRIPT_SYNTAX', hint: expect.stringMatching(/./) as string }) as Error,
    );
  });
});

describe('what a client is expected to say', () => {
  it.each([
    ['EHLO *', 'EHLO me', true],
    ['EHLO *', 'ehlo me', true],
    ['EHLO *', 'EHLO', false],
    ['EHLO*', 'EHLO', true],
    ['MAIL FROM:<a@x>', 'mail from:<a@x>', true],
    ['rcpt to:*', 'RCPT TO:<B@x>', true],
    ['RCPT TO:<b@x>', 'RCPT TO:<B@x>', false],
    ['MAIL FROM:<a@x>', 'MAIL FROM:<a@x> SIZE=1', false],
    ['MAIL FROM:<a@x> *SIZE=*', 'MAIL FROM:<a@x> BODY=8BITMIME SIZE=1', true],
    ['*', '', true],
    ['*', 'anything at all', true],
    ['A*B*C', 'AxBxC', true],
    ['A*B*C', 'ACB', false],
    ['A*A', 'A', false],
    ['AUTH PLAIN AGEAYg==', 'auth PLAIN AGEAYg==', true],
    ['AUTH PLAIN AGEAYg==', 'AUTH PLAIN ageayg==', false],
    ['NOOP \\*', 'NOOP *', true],
    ['NOOP \\*', 'NOOP x', false],
    ['/^EHLO \\S+$/', 'EHLO me', true],
    ['/^ehlo/i', 'EHLO me', true],
    ['/^ehlo/', 'EHLO me', false],
    ['RCPT TO:<ü@x>', 'RCPT TO:<ü@x>', true],
  ])('%s and %j: %s', (pattern, line, expected) => {
    expect(matches(pattern, line)).toBe(expected);
  });

  it('compares content exactly, the first word too', () => {
    expect(matches('Subject: hi', 'subject: hi', true)).toBe(false);
    expect(matches('Subject: hi', 'Subject: hi', true)).toBe(true);
  });

  it('takes time in proportion to the line for many wildcards', () => {
    expect(matches(`${'*a'.repeat(1_000)}b`, 'a'.repeat(100_000))).toBe(false);
  });

  it.each([
    ['<content>', { kind: 'content', firstBytes: undefined }],
    ['<content 1000>', { kind: 'content', firstBytes: 1000 }],
    ['<bdat>', { kind: 'bdat' }],
    ['(close)', { kind: 'close' }],
  ])('%s is read', (text, expectation) => {
    expect(readClientText(text)).toEqual(expectation);
  });

  it.each(['<contents>', '(hangup)', '/[/', 'a\\q'])('%s is refused', (text) => {
    expect(() => readClientText(text)).toThrow(ScriptSyntaxError);
  });
});
