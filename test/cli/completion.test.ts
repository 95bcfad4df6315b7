/** The completions in completions/ are those of the program. `POSTHASTE_UPDATE_DOCS=1 npm test -- test/cli/completion` writes them anew. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS, COMMON_OPTIONS } from '../../src/cli/commands.js';
import { completionFor } from '../../src/cli/completion.js';
import { posthaste } from './cli-world.js';

const table = { commands: COMMANDS, commonOptions: COMMON_OPTIONS };
const folder = join(import.meta.dirname, '..', '..', 'completions');
const files = { bash: 'posthaste.bash', zsh: '_posthaste' } as const;

it.each(['bash', 'zsh'] as const)('the file for %s is what the program prints', async (shell) => {
  const path = join(folder, files[shell]);
  const { out } = await posthaste(['completion', shell]);
  if (process.env['POSTHASTE_UPDATE_DOCS'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, out);
  }
  expect(readFileSync(path, 'utf8')).toBe(out);
});

it.each(['', 'fish', 'bash zsh'])('completion %s: 64', async (words) => {
  const { code, err } = await posthaste(['completion', ...words.split(' ').filter((word) => word !== '')]);
  expect([code, err]).toEqual([64, expect.stringMatching(/It knows bash and zsh/)]);
});

describe('in bash', () => {
  /** What bash offers for the last word of each line; in one process, because starting one takes its time. */
  function offers(lines: readonly string[]): string[][] {
    const script = [
      completionFor('bash', table),
      'compopt() { echo -n "[files]"; }',
      ...lines.map((line) => {
        const words = line.split(' ');
        const list = words.map((word) => `'${word}'`).join(' ');
        return `COMP_WORDS=(${list}); COMP_CWORD=${String(words.length - 1)}; _posthaste; echo "\${COMPREPLY[@]}"`;
      }),
    ].join('\n');
    const out = execFileSync('bash', ['--noprofile', '--norc', '-s'], { input: script, encoding: 'utf8' });
    return out
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' ').filter((word) => word !== ''));
  }

  it('completes commands, options, choices and files, for every command', () => {
    const lines = [
      'posthaste re',
      'posthaste ',
      'posthaste resend --res',
      'posthaste resend --sort ',
      'posthaste send --resent l',
    ];
    const more = [
      'posthaste resend --files-from ',
      'posthaste resend --rate ',
      'posthaste send x',
      'posthaste sendmail -',
    ];
    const operands = [
      'posthaste outbox ',
      'posthaste outbox ./o re',
      'posthaste completion ',
      'posthaste outbox ./o --state f',
    ];
    const found = offers([...lines, ...more, ...operands]);
    expect(found[0]).toEqual(['resend']);
    expect(found[1]).toEqual([...COMMANDS.map(({ name }) => name), '--help', '--version']);
    expect(found[2]).toEqual([
      '--resent-from',
      '--resent-to',
      '--resent-cc',
      '--resent-bcc',
      '--resend-unknown',
      '--resent',
    ]);
    expect(found.slice(3, 8)).toEqual([['none', 'date'], ['latest'], ['[files]'], [], ['[files]']]);
    expect(found[8]).toEqual(expect.arrayContaining(['-t', '-f', '--help']));
    expect(found.slice(9)).toEqual([['[files]'], ['retry'], ['bash', 'zsh'], ['failed']]);
  });
});

it('in zsh every option of every command has its line, and quotes are closed', () => {
  const text = completionFor('zsh', table);
  for (const { name, options, style } of COMMANDS) {
    for (const option of options) {
      expect(text).toContain(`${style === 'letters' ? '-' : '--'}${option.name}[`);
    }
    expect(text).toContain(`    ${name})\n`);
  }
  // No quote but the pairs around each spec, and those that are spliced in.
  expect((text.replaceAll("'\\''", '').match(/'/g) ?? []).length % 2).toBe(0);
});
