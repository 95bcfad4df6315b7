/** examples/jest: the tests of a user's own code pass, and each can fail. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExampleProgram, examples } from './example-program.js';

interface Report {
  readonly numPassedTests: number;
  readonly numTotalTests: number;
}

it('all tests of the example pass', async () => {
  const { scripts } = JSON.parse(readFileSync(join(examples, 'package.json'), 'utf8')) as {
    scripts: { test: string };
  };
  const words = scripts.test.split(' ').slice(1);
  const program = words.findIndex((word) => !word.startsWith('-'));
  await using run = new ExampleProgram(words[program] ?? '', ['--json', '--ci'], {
    NODE_OPTIONS: words.slice(0, program).join(' '),
  });
  const { code, stdout } = await run.end();
  const { numPassedTests, numTotalTests } = JSON.parse(stdout) as Report;
  expect([code, numPassedTests]).toEqual([0, 10]);
  expect(numTotalTests).toBe(10);
});
