import { type Behaviour, ScriptSyntaxError } from '../../src/testing/index.js';
import { prepareAnswer, prepareBehaviour, stepNames } from '../../src/testing/behaviour.js';

const on = (keys: Record<string, string>): Behaviour => ({ on: keys });

describe('the keys of a behaviour', () => {
  it.each([...stepNames, 'MAIL:2', 'RCPT:<b@x>', 'RCPT:<>', 'MAIL:<"a:b"@x>', 'delivery:<b@x>', 'content:1000'])(
    '%s is one',
    (key) => {
      expect([...prepareBehaviour(on({ [key]: '250 ok' })).on.keys()]).toEqual([key]);
    },
  );

  it.each([
    '',
    'mail',
    'MIAL',
    'RCPT:',
    'RCPT:0',
    'RCPT:-1',
    'RCPT:1.5',
    'RCPT:b@x',
    'RSET:<b@x>',
    'final:<b@x>',
    'MAIL:2:3',
  ])('%j is none, and that is said at once', (key) => {
    expect(() => prepareBehaviour(on({ [key]: '250 ok' }))).toThrow(ScriptSyntaxError);
  });

  it('gives the places in the content at which something is said, in order', () => {
    const { contentMarks } = prepareBehaviour(
      on({ 'content:50': '452 a', content: '452 b', 'content:7': '452 c', MAIL: '250 d' }),
    );
    expect(contentMarks).toEqual([1, 7, 50]);
  });
});

describe('an answer', () => {
  const send = (text: string): unknown => ({ kind: 'send', bytes: Buffer.from(text), addressee: 'in-turn' });

  it('is text of several lines, bytes, a function, or a list of these', () => {
    const decide = (): undefined => undefined;
    expect(prepareAnswer(['250-a\n250 b', Buffer.from('c'), ['(close)', decide]])).toEqual([
      send('250-a\r\n'),
      send('250 b\r\n'),
      send('c'),
      { kind: 'close' },
      decide,
    ]);
    expect(prepareAnswer([])).toEqual([]);
  });

  it('is refused at once when it cannot be read', () => {
    expect(() => prepareAnswer('250 ok\n(nonsense)')).toThrow(ScriptSyntaxError);
  });
});

describe('the defaults', () => {
  it('are an ordinary server', () => {
    expect(prepareBehaviour({})).toMatchObject({
      hostname: 'scripted.test',
      extensions: ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES', 'DSN', 'CHUNKING', 'SIZE 52428800'],
      unsupported: [],
      accounts: {},
      contentMarks: [],
    });
  });
});
