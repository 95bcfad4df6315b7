/** Texts on which a careless parser takes the square of their length, or worse: made of `n` pieces each. */
const repeated =
  (unit, before = '', after = '') =>
  (n) =>
    before + unit.repeat(n) + after;
const header = (name, make) => (n) => `From: a@example.com\r\nTo: b@example.com\r\n${name}: ${make(n)}\r\n\r\n`;

export const SHAPES = {
  addresses: { kind: 'list', make: repeated('a@b.example, ') },
  'names with addresses': { kind: 'list', make: repeated('"Doe, J" <j@b.example>, ') },
  'one group': { kind: 'list', make: repeated('a@b.example,', 'g:', ';') },
  groups: { kind: 'list', make: repeated('g:a@b;') },
  'empty elements': { kind: 'list', make: repeated(',') },
  words: { kind: 'list', make: repeated('word ') },
  dots: { kind: 'list', make: repeated('a.', '', 'a@b') },
  labels: { kind: 'list', make: repeated('b.', 'a@', 'c') },
  'open quotes': { kind: 'list', make: repeated('"') },
  'backslashes in a quote': { kind: 'list', make: repeated('\\\\', '"', '"@b') },
  'open comments': { kind: 'list', make: repeated('(') },
  comments: { kind: 'list', make: repeated('(c)', '', 'a@b') },
  'open angle brackets': { kind: 'list', make: repeated('<') },
  'route domains': { kind: 'list', make: repeated('@a,', '<', '@a:b@c>') },
  signs: { kind: 'list', make: repeated('@') },
  literals: { kind: 'list', make: repeated('a@[192.0.2.1],') },
  folds: { kind: 'list', make: repeated('\r\n ', 'a@b', 'x') },
  spaces: { kind: 'list', make: repeated(' ', 'a', 'b') },
  'letters beyond ASCII': { kind: 'list', make: repeated('é') },
  'encoded-words': { kind: 'list', make: repeated('=?utf-8?Q?a?= ', '', '<a@b>') },
  'addresses, lenient': { kind: 'lenient', make: repeated('a b <a@b.example>; ') },
  'header fields': {
    kind: 'message',
    make: (n) => `${'X-A: b\r\n'.repeat(Math.min(n, 9_990))}To: a@b\r\nFrom: c@d\r\n\r\n`,
  },
  'a folded header field': { kind: 'message', make: header('Subject', repeated('word\r\n ', '', 'end')) },
  'a folded address field': { kind: 'message', make: header('Cc', repeated('a@b.example,\r\n ', '', 'c@d')) },
  'lines that are no fields': {
    kind: 'message',
    make: (n) => `From: a@b\r\nTo: c@d\r\n${'no field\r\n'.repeat(Math.min(n, 9_990))}\r\n`,
  },
  'the same recipient': { kind: 'message', make: header('Bcc', repeated('a@b.example,', '', 'c@d')) },
};
