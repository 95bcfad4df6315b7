import { announcedSize, parsePath, pathRefusal } from '../../src/testing/path.js';

describe('parsePath', () => {
  it.each<[string, string, string[]]>([
    ['FROM:<a@x>', 'a@x', []],
    ['from:<a@x>', 'a@x', []],
    ['TO: <a@x>', 'a@x', []],
    ['FROM:<>', '', []],
    ['FROM:<a@x> SIZE=10  BODY=8BITMIME', 'a@x', ['SIZE=10', 'BODY=8BITMIME']],
    ['TO:<@relay.x,@other.x:a@x>', 'a@x', []],
    ['TO:<"a> b"@x>', '"a> b"@x', []],
    ['TO:<"a\\" b"@x> NOTIFY=NEVER', '"a\\" b"@x', ['NOTIFY=NEVER']],
    ['TO:<ü@x>', 'ü@x', []],
  ])('%s', (argument, address, parameters) => {
    expect(parsePath(argument)).toEqual({ address, parameters });
  });

  it.each(['', 'FROM', 'FROM:a@x', 'FROM:<a@x', 'FROM:<a@x>SIZE=1', 'FROM:<<a@x>>', 'FROM:<a@x> b> c', '<a@x>'])(
    '%j is none',
    (argument) => {
      const path = parsePath(argument);
      if (argument === 'FROM:<a@x> b> c') expect(path?.parameters).toEqual(['b>', 'c']);
      else expect(path).toBeUndefined();
    },
  );
});

describe('announcedSize', () => {
  it.each<[string[], number]>([
    [[], Infinity],
    [['SIZE'], Infinity],
    [['SIZE 0'], Infinity],
    [['PIPELINING', 'SIZE 100'], 100],
  ])('%j', (extensions, limit) => {
    expect(announcedSize(extensions)).toBe(limit);
  });
});

describe('pathRefusal', () => {
  const offered = ['SIZE 100', 'DSN', '8BITMIME'];

  it.each<['MAIL' | 'RCPT', string, string | undefined]>([
    ['MAIL', 'FROM:<a@x> SIZE=100 body=8bitmime RET=FULL', undefined],
    ['MAIL', 'FROM:<a@x> SIZE=101', '552'],
    ['MAIL', 'FROM:<a@x> SMTPUTF8', '555'],
    ['MAIL', 'FROM:<a@x> NOTIFY=NEVER', '555'],
    ['RCPT', 'TO:<a@x> NOTIFY=NEVER', undefined],
    ['RCPT', 'TO:<a@x> toString', '555'],
    ['RCPT', 'TO:<>', '501'],
    ['RCPT', 'FROM:<a@x>', '501'],
    ['MAIL', 'FROM:<ü@x>', '553'],
  ])('%s %s', (verb, argument, code) => {
    expect(pathRefusal(verb, argument, offered, [])?.slice(0, 3)).toBe(code);
  });

  it('lets a recipient be non-ASCII where MAIL declared it', () => {
    expect(pathRefusal('RCPT', 'TO:<ü@x>', [], ['SMTPUTF8'])).toBeUndefined();
    expect(pathRefusal('RCPT', 'TO:<ü@x>', [], [])?.slice(0, 3)).toBe('553');
  });
});
