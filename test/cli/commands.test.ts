/** The table of commands does what it says. */
import { parseArguments } from '../../src/cli/arguments.js';
import { COMMANDS, COMMON_OPTIONS } from '../../src/cli/commands.js';

/** The words of the one command of ours in a pipeline, as a shell would split them. */
function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
  const begin = words.indexOf('posthaste');
  const rest = words.slice(begin);
  const end = rest.findIndex((word) => ['|', '<', '>'].includes(word));
  return begin === -1 ? [] : rest.slice(0, end === -1 ? undefined : end);
}

describe.each(COMMANDS)('the command $name', (command) => {
  it('has a module that does it', async () => {
    expect(await command.load()).toBeInstanceOf(Function);
  });

  it.each(command.examples)('has an example that it understands: $line', ({ line }) => {
    const words = wordsOf(line);
    expect(words.slice(0, 2)).toEqual(['posthaste', command.name]);
    const parse = command.parse ?? ((given) => parseArguments(given, [...command.options, ...COMMON_OPTIONS], ''));
    expect(() => parse(words.slice(2))).not.toThrow();
  });
});
