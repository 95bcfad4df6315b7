/** `npm start`, from a build of its own: the inbox runs, the demo's messages are in it, and Ctrl-C ends both. */
import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buildPackage, type BuiltPackage } from '../cli/built-package.js';

// A busy machine may take seconds to start a program.
jest.setTimeout(60_000);

let built: BuiltPackage;
beforeAll(() => {
  built = buildPackage(['demo', 'fixtures/demo']);
});
afterAll(() => {
  built.remove();
});

it('the inbox runs with the messages of the demo in it, until it is told to end', async () => {
  const words = ['demo/inbox.mjs', '--smtp-port', '0', '--web-port', '0'];
  const demo = spawn(process.execPath, words, { cwd: built.path, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(demo, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: demo.stdout })) {
    lines.push(line);
    if (line.startsWith('Open the page')) break;
  }
  const web = lines.find((line) => line.startsWith('Web'))?.split(/ +/)[1] ?? '';
  const { messages } = (await (await fetch(`${web}api/messages`)).json()) as { messages: { subject: string }[] };
  expect(messages[0]?.subject).toContain('Your order 1843');
  expect(messages).toHaveLength(5);
  expect(lines.filter((line) => line.includes('was not sent'))).toHaveLength(1);
  demo.kill('SIGINT');
  expect((await ended)[0]).toBe(0);
});
