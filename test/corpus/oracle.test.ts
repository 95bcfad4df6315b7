/** Where Python and this library both name an envelope and differ, the difference has a name and a reason. */
import { spawnSync } from 'node:child_process';
import { isPosthasteError, Message, type Envelope } from '../../src/index.js';
import { oracleProgram, realMessages } from './corpus.js';

interface Verdict {
  readonly from_addr: string | null;
  readonly to_addrs: readonly string[] | null;
}

/**
 * The classes, each with what it does to Python's list of recipients. They are documented for users in
 * docs/coming-from-smtplib.md.
 */
const CLASSES: Readonly<Record<string, (to: readonly string[]) => readonly string[]>> = {
  // smtplib sends `RCPT TO:<>` for an empty group or an empty place in a list (RFC 5322 section 4.4 allows both in a field).
  'empty places are nobody': (to) => to.filter((address) => address !== ''),
  // smtplib asks for a mailbox as often as it is named.
  'a mailbox is asked for once': (to) => [...new Set(to)],
  // smtplib asks To, Bcc, Cc.
  'To, Cc, Bcc is the order': (to) => [...to].sort(),
};

function pythonSays(): readonly Verdict[] {
  const input = realMessages().map(({ bytes }) => `${bytes.toString('base64')}\n`);
  const { status, stdout, stderr } = spawnSync('python3', [oracleProgram, '--lines'], {
    input: input.join(''),
    maxBuffer: 256 * 1024 * 1024,
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`the oracle failed: ${stderr.toString()}`);
  return stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Verdict);
}

function weSay(bytes: Buffer): Envelope | undefined {
  try {
    return Message.parse(bytes).envelope();
  } catch (error) {
    if (isPosthasteError(error)) return undefined;
    throw error;
  }
}

/** The classes that together explain the difference; undefined when they do not. */
function explain(bytes: Buffer, ours: Envelope, theirs: Envelope): readonly string[] | undefined {
  const same = (one: Envelope, other: Envelope): boolean => JSON.stringify(one) === JSON.stringify(other);
  if (same(ours, theirs)) return [];
  if (theirs.from === 'None') {
    // smtplib ends the header block at a line that is no field, and then finds no From; that line is kept, and passed over, here.
    const isMalformed = Message.parse(bytes).warnings.some(({ code }) => code === 'WARN_MALFORMED_HEADER');
    return isMalformed ? ['a malformed line does not end the header block'] : undefined;
  }
  let [left, right] = [ours, theirs];
  const names: string[] = [];
  for (const [name, change] of Object.entries(CLASSES)) {
    const changed = { ...right, to: change(right.to) };
    if (!same(changed, right)) names.push(name);
    right = changed;
    left = { ...left, to: change(left.to) };
    if (same(left, right)) return names;
  }
  return undefined;
}

it('every envelope that differs from the one of smtplib differs for a reason with a name', () => {
  const verdicts = pythonSays();
  const counts: Record<string, number> = {};
  const unexplained: unknown[] = [];
  let compared = 0;
  for (const [index, { file, bytes }] of realMessages().entries()) {
    const ours = weSay(bytes);
    const { from_addr: from = null, to_addrs: to = null } = verdicts[index] ?? {};
    if (ours === undefined || from === null || to === null) continue;
    compared += 1;
    const names = explain(bytes, ours, { from, to });
    if (names === undefined) unexplained.push({ file, ours, python: { from, to } });
    for (const name of names ?? []) counts[name] = (counts[name] ?? 0) + 1;
  }
  expect(unexplained).toEqual([]);
  expect(compared).toBeGreaterThanOrEqual(170);
  // Each class is met by at least one real message: one that is not needed any more is to be deleted.
  expect(Object.keys(counts).sort()).toEqual(
    [...Object.keys(CLASSES), 'a malformed line does not end the header block'].sort(),
  );
});
