import { COMMANDS, COMMON_OPTIONS } from '../../src/cli/commands.js';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { commandHelp, optionTitle, programHelp } from '../../src/cli/help.js';

describe('the help', () => {
  it('of the program names every command', () => {
    for (const { name, summary } of COMMANDS) {
      expect(programHelp()).toContain(name);
      expect(programHelp().replaceAll(/\s+/g, ' ')).toContain(summary);
    }
  });

  it.each(COMMANDS)('of $name names every option, every example and every exit code', (command) => {
    const help = commandHelp(command);
    for (const option of command.options) expect(help).toContain(optionTitle(option, command.style));
    for (const { name } of COMMON_OPTIONS) expect(help).toContain(`--${name}`);
    for (const { line } of command.examples) expect(help).toContain(line);
    for (const { code } of Object.values(EXIT_CODES)) expect(help).toContain(` ${String(code)}  `);
  });

  it.each(COMMANDS)('of $name fits a terminal of 80 columns', (command) => {
    const lines = [...commandHelp(command).split('\n'), ...programHelp().split('\n')];
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });
});
