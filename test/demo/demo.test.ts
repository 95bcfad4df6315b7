/** `npm run demo`, from a build of its own. */
import { jest } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

function demo(): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { PATH = '' } = process.env;
  return spawnSync(process.execPath, ['demo/run.mjs'], { cwd: built.path, encoding: 'utf8', env: { PATH } });
}

it('the demo sends its messages, checks what arrives, and ends with 0', () => {
  const { status, stdout, stderr } = demo();
  expect([status, stderr]).toEqual([0, '']);
  const messages = readdirSync(join(built.path, 'fixtures', 'demo'));
  expect(messages.length).toBeGreaterThanOrEqual(5);
  for (const file of messages) expect(stdout).toContain(file);
  // Nobody looks on, so there is no colour.
  expect(stdout).not.toContain('\u001b');
  expect(stdout.match(/^ {3}checked /gm)).toHaveLength(messages.length);
  expect(stdout.match(/^ {3}sha-256 {3}[0-9a-f]{64}$/gm)).toHaveLength(messages.length - 1);
  expect(stdout).toMatch(/^All is well: 4 messages /m);
});

it.each([
  ['an octet arrives that must not', "removed: ['Bcc']", "removed: ['Bcc', 'Cc']"],
  ['an octet gets lost', "removed: ['Return-Path']", 'removed: []'],
  ['a message goes to others', "to: ['sysadmins@lists.example']", "to: ['weber@netz.example']"],
  ['a message is sent that must be refused', "from: 'weber@netz.example',", "errorCode: 'ERR_X',"],
  ['an error is another one', 'ERR_MULTIPLE_RESENT_SETS', 'ERR_MISSING_SENDER'],
  ['a refusal is not reported', "refusedRecipients: ['nobody@apollo.example']", 'refusedRecipients: []'],
])('the demo ends with 1 when %s', (_, right, wrong) => {
  const path = join(built.path, 'demo', 'messages.mjs');
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(right);
  writeFileSync(path, text.replace(right, wrong));
  try {
    const { status, stdout } = demo();
    expect(stdout).toMatch(/^ {3}WRONG /m);
    expect(status).toBe(1);
  } finally {
    writeFileSync(path, text);
  }
});
