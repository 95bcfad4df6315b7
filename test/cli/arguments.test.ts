import { parseArguments } from '../../src/cli/arguments.js';
import { CliError } from '../../src/cli/cli-error.js';
import type { OptionSpec } from '../../src/cli/command.js';
import { thrownBy } from '../support/thrown.js';

const specs: readonly OptionSpec[] = [
  { name: 'url', value: 'URL', description: '' },
  { name: 'to', value: 'ADDRESS', repeatable: true, description: '' },
  { name: 'resent', value: 'WHICH', choices: ['error', 'latest', 'ignore'], description: '' },
  { name: 'dry-run', short: 'n', description: '' },
];
const parse = (...words: string[]) => parseArguments(words, specs, 'posthaste send --help');
const refusal = (...words: string[]): string => {
  const error = thrownBy(() => parse(...words));
  expect(error).toBeInstanceOf(CliError);
  const { exit, message, hint } = error as CliError;
  expect(exit).toBe('usage');
  return `${message}. ${String(hint)}`;
};

describe('parseArguments', () => {
  it('takes options in front of, between and behind operands', () => {
    const given = parse('a', '--url', 'u', '-', '--to=x', '-n', '--to', 'y', '--', '--b', '-n');
    expect(given.operands).toEqual(['a', '-', '--b', '-n']);
    expect(given.value('url')).toBe('u');
    expect(given.values('to')).toEqual(['x', 'y']);
    expect(given.has('dry-run')).toBe(true);
    expect(given.has('json')).toBe(false);
    expect(given.value('resent')).toBeUndefined();
  });

  it('takes a value that is empty, or that begins with a dash behind an equals sign', () => {
    expect(parse('--url=').value('url')).toBe('');
    expect(parse('--url', '').value('url')).toBe('');
    expect(parse('--url=-x').value('url')).toBe('-x');
  });

  it.each([
    [['--drY-run'], 'there is no option --drY-run. Did you mean --dry-run?'],
    [['--zzz'], 'there is no option --zzz. Run posthaste send --help to see what there is.'],
    [['-z'], 'there is no option -z. Run posthaste send --help to see what there is.'],
    [['--no-dry-run'], 'there is no option --no-dry-run. Did you mean --dry-run?'],
    [['--__proto__'], 'there is no option --__proto__. Run posthaste send --help to see what there is.'],
    [['--url'], '--url has no value. Write --url URL, or --url=URL when it begins with a dash.'],
    [['--url', '--to'], '--url has no value. Write --url URL, or --url=URL when it begins with a dash.'],
    [['--url=a', '--url=b'], '--url was given twice. Give it once.'],
    [['--dry-run=yes'], '--dry-run takes no value. Write --dry-run alone.'],
    [['--resent', 'last'], '--resent has a value that it does not take. It takes error, latest or ignore.'],
    [
      ['--resent', 'lates'],
      '--resent has a value that it does not take. Did you mean latest? It takes error, latest or ignore.',
    ],
  ])('refuses %j', (words, text) => {
    expect(refusal(...words)).toBe(text);
  });

  it('quotes no value back: a mistyped option may hold a password', () => {
    for (const words of [['--ulr=smtp://u:secret@h'], ['--dry-run=secret'], ['--resent=secret'], ['--ulr', 'secret']]) {
      expect(refusal(...words)).not.toContain('secret');
    }
  });
});
