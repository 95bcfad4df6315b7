/** What the table of commands must hold for the help, the parser and the documentation to be right. */
import { COMMANDS, COMMON_OPTIONS } from '../../src/cli/commands.js';

describe.each(COMMANDS)('the command $name', (command) => {
  const options = [...command.options, ...COMMON_OPTIONS];

  it('has each option once, by its long and by its short name', () => {
    const names = options.flatMap(({ name, short }) => [name, ...(short === undefined ? [] : [short])]);
    expect(new Set(names).size).toBe(names.length);
    const form = command.style === 'letters' ? /^(?:[a-z]+|[A-Z]|-|-[a-z]+(?:-[a-z]+)*)$/ : /^[a-z]+(?:-[a-z]+)*$/;
    for (const { name } of options) expect(name).toMatch(form);
  });

  it('describes everything in sentences', () => {
    const texts = [command.summary, ...command.description, ...options.map(({ description }) => description)];
    for (const text of texts) expect(text).toMatch(/^\S.*\S\.$/s);
  });

  it('says of an option with choices which one is the default', () => {
    for (const { choices, description, repeatable } of options) {
      for (const choice of choices ?? []) expect(description).toContain(choice);
      // One that may be repeated narrows down; without it there is no choice.
      if (choices !== undefined && repeatable !== true)
        expect(description).toContain(`${String(choices[0])}, the default`);
    }
  });
});
