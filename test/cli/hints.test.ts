import { CliError } from '../../src/cli/cli-error.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { HINTS, hintFor } from '../../src/cli/hints.js';
import { MessageError } from '../../src/index.js';

describe('hintFor', () => {
  it('speaks of options that exist, instead of those of the library', () => {
    const options = new Set(COMMANDS.flatMap((command) => command.options.map(({ name }) => name)));
    for (const [code, hint] of Object.entries(HINTS)) {
      const named = [...hint.matchAll(/--([a-z-]+)/g)].map(([, name]) => name);
      expect(named).not.toEqual([]);
      expect(named.filter((name) => !options.has(name ?? ''))).toEqual([]);
      expect(hintFor(new MessageError('x', { code, hint: 'the options of the library' }))).toBe(hint);
    }
  });

  it("passes on the library's own hint else, and that of the command line", () => {
    expect(hintFor(new MessageError('x', { code: 'ERR_OTHER', hint: 'Do that.' }))).toBe('Do that.');
    expect(hintFor(new CliError('usage', 'x', 'Do this.'))).toBe('Do this.');
    expect(hintFor(new Error('x'))).toBeUndefined();
  });
});
