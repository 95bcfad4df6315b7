import { CliError } from '../../src/cli/cli-error.js';

it('names the exit code that it means, what to do next, and its cause', () => {
  const cause = new Error('why');
  expect(new CliError('usage', 'what', 'Do this.', cause)).toMatchObject({
    exit: 'usage',
    message: 'what',
    hint: 'Do this.',
    cause,
  });
  expect('cause' in new CliError('usage', 'what')).toBe(false);
});
