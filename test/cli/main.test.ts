/** The program itself, as a shell starts it. */
import { jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { ScriptedServer } from '../../src/testing/index.js';
import { buildPackage, type BuiltPackage } from './built-package.js';
import { eml } from './cli-world.js';

// A busy machine may take seconds to start a program.
jest.setTimeout(60_000);

let built: BuiltPackage;
beforeAll(() => {
  built = buildPackage();
});
afterAll(() => {
  built.remove();
});

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(
  words: readonly string[],
  stdout: 'pipe' | number = 'pipe',
  env: Record<string, string> = {},
): ChildProcess {
  return spawn(process.execPath, [built.program, ...words], {
    stdio: ['pipe', stdout, 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
}

async function finished(child: ChildProcess, stdin?: string): Promise<Finished> {
  child.stdin?.on('error', () => undefined).end(stdin);
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  const [out, err] = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => (stream ? await text(stream) : '')),
  );
  return { code: await ended, out: out ?? '', err: err ?? '' };
}

it('sends standard input, and ends with 0', async () => {
  await using server = await ScriptedServer.start({ behave: {} });
  const { code, out, err } = await finished(start(['send'], 'pipe', { SMTP_URL: server.url }), eml());
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^standard input: sent to 1 recipient/);
  expect(server.messages.map(({ content }) => content.toString())).toEqual([eml()]);
  await server.finished();
});

it('ends with the exit code of what happened, and one line without a stack', async () => {
  const { code, out, err } = await finished(start(['send', '--url', 'smtp://127.0.0.1:1', '/nowhere']));
  expect([code, out]).toEqual([66, '']);
  expect(err).toMatch(/^posthaste: \/nowhere: [^\n]+\n$/);
});

it('ends with 73 on a full disk', async () => {
  const full = openSync('/dev/full', 'w');
  try {
    const { code, err } = await finished(start(['send', '--dry-run'], full), eml());
    expect([code, err]).toEqual([73, 'posthaste: standard output cannot be written: ENOSPC.\n']);
  } finally {
    closeSync(full);
  }
});

it('ends with 73 when nobody reads its output any more, and sends no further message', async () => {
  await using server = await ScriptedServer.start({ behave: { on: { final: ['(hold)', '250 ok'] } } });
  const child = start(['send', '--url', server.url, '-', '/nowhere']);
  child.stdin?.end(eml());
  await server.held();
  child.stdout?.destroy();
  server.release();
  const code = await new Promise((resolve) => {
    child.on('close', resolve);
  });
  expect([code, server.messages.length]).toEqual([73, 1]);
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ends cleanly on %s: %i', async (signal, code) => {
  await using server = await ScriptedServer.start({ behave: { on: { greeting: '(hold)' } } });
  const child = start(['send', '--url', server.url]);
  const ending = finished(child, eml());
  await server.held();
  child.kill(signal);
  expect(await ending).toEqual({
    code,
    out: '',
    err: 'posthaste: standard input: it was not sent: the run was interrupted.\n',
  });
});
