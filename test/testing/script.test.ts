import fc from 'fast-check';
import { showLine } from '../../src/testing/escapes.js';
import { parseTranscript, script, ScriptSyntaxError } from '../../src/testing/index.js';

const texts = (text: string): string[][] =>
  parseTranscript(text).sections.map((section) => section.steps.map((step) => `${step.side} ${step.text}`));

describe('parseTranscript', () => {
  it('keeps the steps of both sides in order, with their lines', () => {
    const { sections } = parseTranscript('# a comment\nS: 220 mx\n\n   C: EHLO *\r\nS: 250 mx\n');
    expect(sections).toHaveLength(1);
    expect(sections[0]).toMatchObject({
      connection: 1,
      steps: [
        { side: 'server', line: 2, text: '220 mx' },
        { side: 'client', line: 4, text: 'EHLO *', occurs: 'once' },
        { side: 'server', line: 5, text: '250 mx' },
      ],
    });
  });

  it('knows optional and repeated steps', () => {
    const { sections } = parseTranscript('C? RSET\nC* NOOP\nC: QUIT');
    expect(sections[0]?.steps).toMatchObject([{ occurs: 'optional' }, { occurs: 'any' }, { occurs: 'once' }]);
  });

  it('divides into connections', () => {
    expect(texts('S: 1\n--- connection 2\nS: 2\n--- connection * ---\nS: 3')).toEqual([
      ['server 1'],
      ['server 2'],
      ['server 3'],
    ]);
    expect(
      parseTranscript('--- connection 1\nS: 1\n--- connection *\nS: 2').sections.map((one) => one.connection),
    ).toEqual([1, 'every']);
  });

  it.each([
    ['S: 220 mx\nX: what', 2],
    ['S: 220 mx\n\nS? 250 maybe', 3],
    ['S: (frobnicate)', 1],
    ['# first\nC: <contents>', 2],
    ['S: 220\n--- connection 1\nS: 220', 2],
    ['S:220 no blank', 1],
  ])('says which line of %j cannot be read', (text, line) => {
    const attempt = (): unknown => parseTranscript(text);
    expect(attempt).toThrow(ScriptSyntaxError);
    expect(attempt).toThrow(expect.objectContaining({ line }) as Error);
    expect(attempt).toThrow(`line ${String(line)}: `);
  });

  it.each(['', '# only a comment', '\n\n'])('refuses %j: a script without steps', (text) => {
    expect(() => parseTranscript(text)).toThrow(ScriptSyntaxError);
  });

  it('gives a script or a ScriptSyntaxError for every text', () => {
    const line = fc.tuple(
      fc.constantFrom('S: ', 'C: ', 'C? ', 'C* ', '--- connection ', '#', '', 'S:'),
      fc.oneof(
        fc.string(),
        fc.constantFrom('(close)', '(chunk 1)', '<content>', '"x\\', '/(/', '(repeat 1 "a")', '2', '*'),
      ),
    );
    const text = fc.array(line.map(([mark, rest]) => mark + rest)).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, (given) => {
        try {
          expect(parseTranscript(given).sections.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ScriptSyntaxError);
        }
      }),
    );
  });

  it('reads back any replies and commands that were shown as lines', () => {
    const octets = fc.uint8Array({ minLength: 1 });
    const said = fc.record({ side: fc.constantFrom('C', 'S'), octets });
    fc.assert(
      fc.property(fc.array(said, { minLength: 1 }), (conversation) => {
        const text = conversation.map((one) => `${one.side}: ${showLine(one.octets)}`).join('\n');
        const steps = parseTranscript(text).sections[0]?.steps ?? [];
        expect(steps).toHaveLength(conversation.length);
        for (const [index, one] of conversation.entries()) {
          const step = steps[index];
          if (step?.side === 'server') {
            const bytes = Buffer.concat([one.octets, Buffer.from('\r\n')]);
            expect(step.step).toEqual({ kind: 'send', bytes, addressee: 'in-turn' });
          } else if (step?.side === 'client' && step.expectation.kind === 'line') {
            expect(step.expectation.matches(Buffer.from(one.octets), true)).toBe(true);
          } else throw new Error('a line was read as something else');
        }
      }),
    );
  });
});

describe('script()', () => {
  it('makes the steps that the transcript makes', () => {
    const call = (): void => undefined;
    const built = script()
      .server('220 mx', '(chunk 1)')
      .client('EHLO *')
      .server(Buffer.from('250 mx\r\n'))
      .optional('NOOP')
      .any(/^RCPT/)
      .content(10)
      .content()
      .call(call)
      .connection()
      .server('220 again')
      .connection('every')
      .server('421 no more');
    expect(built.sections.map((section) => section.connection)).toEqual([1, 2, 'every']);
    expect(built.sections[0]?.steps).toMatchObject([
      { side: 'server', text: '220 mx' },
      { side: 'server', step: { kind: 'chunk' } },
      { side: 'client', text: 'EHLO *', occurs: 'once' },
      { side: 'server', step: { kind: 'send', bytes: Buffer.from('250 mx\r\n') } },
      { side: 'client', text: 'NOOP', occurs: 'optional' },
      { side: 'client', text: '/^RCPT/', occurs: 'any' },
      { side: 'client', expectation: { kind: 'content', firstBytes: 10 } },
      { side: 'client', expectation: { kind: 'content', firstBytes: undefined } },
      { side: 'call', call },
    ]);
  });

  it('refuses words that are none, at once', () => {
    expect(() => script().server('(frobnicate)')).toThrow(ScriptSyntaxError);
  });
});
