import { parseArguments } from '../../src/cli/arguments.js';
import { COMMANDS, COMMON_OPTIONS } from '../../src/cli/commands.js';

describe.each(COMMANDS)('the command $name', (command) => {
  it('leads to its code', async () => {
    expect(typeof (await command.load())).toBe('function');
  });

  it.each(command.examples)('has an example that it understands: $line', ({ line }) => {
    const words = line
      .replace(/^[A-Z_]+=\S+ /, '')
      .replace(/ <.*$/, '')
      .split(' ');
    expect(words.slice(0, 2)).toEqual(['posthaste', command.name]);
    expect(() => parseArguments(words.slice(2), [...command.options, ...COMMON_OPTIONS], '')).not.toThrow();
  });
});
