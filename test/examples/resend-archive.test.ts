/** examples/resend-archive, the program and the commands that its README gives. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptedServer } from '../../src/testing/index.js';
import { ExampleProgram, examples } from './example-program.js';

const mail = (name: string, body = 'Hello.\n'): string =>
  `From: ${name}@example.org\nTo: list@example.org\nSubject: ${name}\n\n${body}`;
const onWire = (text: string): string => text.replaceAll('\n', '\r\n');
const RESENT = /^(?:Resent-(?:Date|From|To|Message-ID): .*\r\n){4}/;

let folder: string;
let archive: string;
let mbox: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthaste-example-'));
  archive = join(folder, 'archive');
  mbox = join(folder, 'old.mbox');
  mkdirSync(archive);
  writeFileSync(join(archive, '1.eml'), mail('ann'));
  writeFileSync(join(archive, '2.eml'), mail('bob', 'Trailing blanks  \nand \xe9 in Latin-1, no line end'), 'latin1');
  writeFileSync(join(archive, 'notes.txt'), 'no mail');
  const postmark = (name: string): string => `From ${name}@example.org Thu Jan  1 00:00:00 2026\n`;
  writeFileSync(
    mbox,
    `${postmark('cid')}${mail('cid', '>From the start\nFrom me to you\n')}\n${postmark('dan')}${mail('dan')}\n`,
  );
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const whole = [
  mail('ann'),
  mail('bob', 'Trailing blanks  \nand \xe9 in Latin-1, no line end\n'),
  mail('cid', 'From the start\nFrom me to you\n'),
  mail('dan'),
].map(onWire);

describe('the program', () => {
  it('sends every message of a directory and of an mbox, with a block in front and no other octet changed', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { final: '250 2.0.0 Ok: queued as 4F2' } } });
    const args = ['archive@example.org', 'eve@example.org', archive, mbox];
    await using program = new ExampleProgram('resend-archive/resend.ts', args, { SMTP_URL: server.url });
    const { code, stdout, stderr } = await program.end();
    expect([code, stderr]).toEqual([0, '']);
    const names = [join(archive, '1.eml'), join(archive, '2.eml'), `${mbox}#1`, `${mbox}#2`];
    const lines = names.map((name) => JSON.stringify({ name, status: 'sent', detail: '4F2' }));
    expect(stdout.split('\n').sort()).toEqual(lines.sort());
    for (const { envelope } of server.messages) {
      expect(envelope).toEqual({ from: 'archive@example.org', to: ['eve@example.org'] });
    }
    const contents = server.messages.map(({ content }) => content.toString('latin1'));
    for (const content of contents) expect(content).toMatch(RESENT);
    expect(contents.map((content) => content.replace(RESENT, '')).sort()).toEqual(whole);
  });

  it('goes on behind a message that is refused, and behind one that is none, and says so with its exit code', async () => {
    writeFileSync(
      join(archive, '0.eml'),
      `${'Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\n'.repeat(101)}${mail('loop')}`,
    );
    writeFileSync(join(archive, '3.eml'), mail('nul', 'NUL: \0\n'));
    let contents = 0;
    await using server = await ScriptedServer.start({
      behave: { on: { final: () => (++contents === 1 ? '554 5.7.1 spam' : undefined) } },
    });
    const args = ['archive@example.org', 'eve@example.org', archive];
    await using program = new ExampleProgram('resend-archive/resend.ts', args, { SMTP_URL: server.url });
    const { code, stdout } = await program.end();
    expect(code).toBe(1);
    const statuses = stdout.split('\n').map((line) => (JSON.parse(line) as { status: string }).status);
    expect(statuses.sort()).toEqual(['bad', 'not-sent', 'refused', 'sent']);
  });
});

it('the commands of the README show what would be sent, then send it once however often they are run', async () => {
  const readme = readFileSync(join(examples, 'README.md'), 'utf8');
  const commands = [...readme.matchAll(/^npx (posthaste resend .*)$/gm)].map(([, words = '']) => words.split(' '));
  expect(commands).toHaveLength(2);
  await using server = await ScriptedServer.start({ behave: {} });
  const paths: Readonly<Record<string, string>> = {
    'archive/': archive,
    'old.mbox': mbox,
    'run.jsonl': join(folder, 'run.jsonl'),
    'smtp://localhost:1025': server.url,
  };
  const sent: number[] = [];
  for (const [, ...words] of [...commands, ...commands.slice(1)]) {
    const args = words.map((word) => paths[word] ?? word);
    await using program = new ExampleProgram('node_modules/posthaste/dist/esm/cli/main.js', args, {
      SMTP_URL: server.url,
    });
    expect(await program.end()).toMatchObject({ code: 0 });
    sent.push(server.messages.length);
  }
  expect(sent).toEqual([0, 4, 4]);
  for (const { envelope } of server.messages) expect(envelope.to).toEqual(['eve@example.org']);
  const contents = server.messages.map(({ content }) => content.toString('latin1').replace(RESENT, ''));
  expect(contents.sort()).toEqual(whole);
});
