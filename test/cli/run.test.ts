import { commandHelp, programHelp } from '../../src/cli/help.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { run } from '../../src/cli/run.js';
import { Kept, posthaste, worldWith } from './cli-world.js';

const [send] = COMMANDS;
if (send === undefined) throw new Error('there are no commands');

describe('run', () => {
  it.each([[['--help']], [['-h']]])('%j shows the commands on standard output', async (words) => {
    expect(await posthaste(words)).toEqual({ code: 0, out: programHelp(), err: '' });
  });

  it.each([[['send', '--help']], [['send', '-h', 'file.eml']]])('%j shows the help of the command', async (words) => {
    expect(await posthaste(words)).toEqual({ code: 0, out: commandHelp(send), err: '' });
  });

  it.each([[['--version']], [['send', '--version']]])('%j shows the version', async (words) => {
    expect(await posthaste(words)).toEqual({
      code: 0,
      out: expect.stringMatching(/^posthaste \d+\.\d+\.\d+\n$/) as string,
      err: '',
    });
  });

  it.each([
    [[], 'posthaste: no command was given. Run posthaste --help to see what there is.\n'],
    [['--nope'], 'posthaste: there is no option --nope. Run posthaste --help to see what there is.\n'],
    [['--versoin'], 'posthaste: there is no option --versoin. Did you mean --version?\n'],
    [['sned'], 'posthaste: there is no command sned. Did you mean posthaste send?\n'],
    [['mail.eml'], 'posthaste: there is no command mail.eml. To send a file, write posthaste send FILE.\n'],
    [['-'], 'posthaste: no command was given. Run posthaste --help to see what there is.\n'],
    [['send', '--form', 'x'], 'posthaste: there is no option --form. Did you mean --from?\n'],
    [['a\nb\u001b[1m'], 'posthaste: there is no command a b\\u001b[1m. Run posthaste --help to see what there is.\n'],
  ])('%j is a usage error in one line', async (words, line) => {
    expect(await posthaste(words)).toEqual({ code: 64, out: '', err: line });
  });

  it('ends with 73 when the help cannot be written', async () => {
    const broken = { write: () => Promise.reject(new Error('gone')) };
    const stderr = new Kept();
    const code = await run(['--help'], worldWith({ stdout: broken, stderr }));
    expect([code, stderr.text]).toEqual([70, 'posthaste: internal error: Error: gone.\n']);
  });

  it('tells by the exit code alone when standard error is gone too', async () => {
    const broken = { write: () => Promise.reject(new Error('gone')) };
    expect(await run(['--nope'], worldWith({ stdout: broken, stderr: broken }))).toBe(64);
  });
});
