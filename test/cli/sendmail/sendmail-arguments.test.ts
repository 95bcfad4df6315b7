import { parseSendmailArguments } from '../../../src/cli/sendmail/sendmail-arguments.js';
import { thrownBy } from '../../support/thrown.js';

const parsed = (line: string): Record<string, unknown> => {
  const given = parseSendmailArguments(line.split(' ').map((word) => (word === "''" ? '' : word)));
  const values = ['f', 'F', 'N', 'R', 'V'].filter((name) => given.has(name)).map((name) => [name, given.value(name)]);
  const flags = ['t', 'i', 'v'].filter((name) => given.has(name)).join('');
  return { operands: given.operands, flags, ...(Object.fromEntries(values) as object) };
};

it.each<[string, Record<string, unknown>]>([
  ['-t -i', { operands: [], flags: 'ti' }],
  ['-ti', { operands: [], flags: 'ti' }],
  ['-oi -oem -odb a@b.c', { operands: ['a@b.c'], flags: 'i' }],
  ['-o i -t', { operands: [], flags: 'ti' }],
  ['-fann@b.c -F Ann x', { operands: ['x'], flags: '', f: 'ann@b.c', F: 'Ann' }],
  ["-f '' -bm -N never -R hdrs -V 1 x", { operands: ['x'], flags: '', f: '', N: 'never', R: 'hdrs', V: '1' }],
  ['-r a@b.c -f d@e.f x', { operands: ['x'], flags: '', f: 'd@e.f' }],
  ['-i -- -t -f', { operands: ['-t', '-f'], flags: 'i' }],
  ['x -t y', { operands: ['x', 'y'], flags: 't' }],
  ['-itfa@b.c', { operands: [], flags: 'ti', f: 'a@b.c' }],
  ['-h 3 -B 8BITMIME -Am -O DeliveryMode=b -G -U x', { operands: ['x'], flags: '' }],
])('%s', (line, expected) => {
  expect(parsed(line)).toEqual(expected);
});

it('takes the server as the other commands do', () => {
  const given = parseSendmailArguments(['-t', '--account', 'work', 'a@b.c', '--password-file=x', '-i', '--', '--url']);
  expect([given.value('account'), given.value('password-file'), given.value('url')]).toEqual(['work', 'x', undefined]);
  expect([given.operands, given.has('t'), given.has('i')]).toEqual([['a@b.c', '--url'], true, true]);
});

it.each([
  ['-bp', /no queue to list/],
  ['-bs', /standard input/],
  ['-bd', /no daemon/],
  ['-b z', /no such mode/],
  ['-q', /no queue to run/],
  ['-q30m', /no queue to run/],
  ['-f', /-f has no value/],
  ['-tZ', /no option -Z/],
  ['--from=x', /no option --from$/],
  ['--acount x', /no option --acount/],
  ['--url', /--url has no value/],
  ['--account a --account=b', /--account was given twice/],
])('refuses %s', (line, message) => {
  expect(thrownBy(() => parsed(line))).toMatchObject({
    exit: 'usage',
    message: expect.stringMatching(message) as string,
  });
});
