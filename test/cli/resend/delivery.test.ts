/** One message, and what the journal says at each step. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { Mailer, Message } from '../../../src/index.js';
import type { Entry } from '../../../src/cli/resend/archive.js';
import { deliver } from '../../../src/cli/resend/delivery.js';
import { Ordinals } from '../../../src/cli/resend/identity.js';
import { Journal } from '../../../src/cli/resend/journal.js';
import { prepare } from '../../../src/cli/resend/prepare.js';
import { ScriptedServer, type Behaviour } from '../../../src/testing/index.js';
import { eml, Folder } from '../cli-world.js';

const entry: Entry = {
  kind: 'entry',
  place: { file: { kind: 'message', path: 'one.eml', sizeBytes: 1 } },
  label: 'one.eml',
  sizeBytes: 1,
  open: async () => Message.parse(eml(['From: a@example.org', 'To: b@example.org, c@example.org, d@example.org'])),
};
const settings = { resent: undefined, envelopeOptions: {}, serializeOptions: {}, resendUnknown: false, retries: 0 };

/** The types and marks of the records, at the time of each step of the server, and at the end. */
async function recordsDuring(
  on: Behaviour['on'],
  aborted = false,
): Promise<{ final: string[]; end: string[]; marks: string }> {
  using folder = new Folder();
  const path = join(folder.path, 'j');
  const records = (): string[] =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => {
        const { type, asked, recipients } = JSON.parse(line) as {
          type: string;
          asked?: number[];
          recipients?: { index: number; mark: string }[];
        };
        return `${type} ${asked?.join(',') ?? recipients?.map(({ index, mark }) => `${String(index)}${mark}`).join(',') ?? ''}`;
      });
  let final: string[] = [];
  await using server = await ScriptedServer.start({
    behave: { on: { content: () => void (final = records()), ...on } },
  });
  const ending = new AbortController();
  if (aborted) ending.abort();
  await using journal = await Journal.open(path, { server: server.url, resent: null });
  await using mailer = new Mailer(server.url);
  const prepared = await prepare(entry, { settings, journal, ordinals: new Ordinals() });
  const settled = await deliver(prepared, {
    ...{ settings, mailer, journal, ending: ending.signal },
  });
  return { final, end: records(), marks: settled.marks };
}

it('the intent is on the disk before the first octet arrives, for those that were accepted; the rest is known behind the answer', async () => {
  expect(await recordsDuring({ 'RCPT:2': '550 5.1.1 no', 'RCPT:3': '450 4.2.1 later' })).toEqual({
    final: ['intent 0'],
    end: ['intent 0', 'done 0a,1r,2l'],
    marks: 'arl',
  });
});

it.each<[string, Behaviour['on'], readonly string[]]>([
  ['nobody is accepted', { RCPT: '550 5.1.1 no' }, ['done 0r,1r,2r']],
  ['the sender is refused for good', { MAIL: '550 5.7.1 no' }, ['done 0r,1r,2r']],
  ['the sender is refused for now', { MAIL: '450 4.7.1 later' }, ['done 0l,1l,2l']],
  ['the content is refused', { final: '554 5.6.0 no' }, ['intent 0,1,2', 'done 0r,1r,2r']],
  ['the answer does not come', { final: '(close)' }, ['intent 0,1,2', 'done 0u,1u,2u']],
])('when %s, the journal says so', async (_, on, records) => {
  expect((await recordsDuring(on)).end).toEqual(records);
});
