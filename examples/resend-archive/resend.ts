/**
 * Gives somebody an archive of mail: `resend.ts FROM TO PATH...`. A path is a directory of .eml files, a single one of them, or an
 * mbox. Each message gets a Resent-* block in front; no other octet changes, so that signatures still verify.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isPosthasteError, Mailer, Message, messageFromFile } from 'posthaste';

interface Archived {
  name: string;
  read: () => Promise<Message>;
}

async function* archived(paths: readonly string[]): AsyncGenerator<Archived> {
  for (const path of paths) {
    if ((await stat(path)).isDirectory()) {
      const files = (await readdir(path)).filter((file) => file.endsWith('.eml')).sort();
      for (const file of files) yield { name: join(path, file), read: () => messageFromFile(join(path, file)) };
    } else if (path.endsWith('.mbox')) {
      for (const [index, octets] of splitMbox(await readFile(path)).entries()) {
        yield { name: `${path}#${String(index + 1)}`, read: async () => Message.parse(octets) };
      }
    } else {
      yield { name: path, read: () => messageFromFile(path) };
    }
  }
}

/**
 * A message begins behind a blank line and a `From ` line with a time of day; one `>` is taken off a quoted `>From `. Latin-1 has a
 * character for each octet, so that none gets lost.
 */
function splitMbox(mbox: Buffer): Buffer[] {
  const [, ...messages] = `\n\n${mbox.toString('latin1').replaceAll('\r\n', '\n')}`
    .replace(/\n\n$/, '\n')
    .split(/(?<=\n)\nFrom \S+ .*\d\d:\d\d:\d\d.*\n/);
  return messages.map((message) => Buffer.from(message.replace(/^>(>*From )/gm, '$1'), 'latin1'));
}

function report(line: { name: string | undefined; status: string; detail: string | undefined }): void {
  console.log(JSON.stringify(line));
  if (line.status !== 'sent') process.exitCode = 1;
}

const [from, to, ...paths] = process.argv.slice(2);
if (from === undefined || to === undefined || paths.length === 0) {
  console.error('usage: resend.ts FROM TO PATH...');
  process.exit(64);
}

/** The names of what was taken to be sent; an outcome says which one it is about. */
const names: string[] = [];

/** Reads no further ahead than the mailer sends. A message that cannot be read or resent does not stop the others. */
async function* resent(fields: { from: string; to: string }): AsyncGenerator<Message> {
  for await (const { name, read } of archived(paths)) {
    let message: Message;
    try {
      message = (await read()).resend(fields);
    } catch (error) {
      if (!isPosthasteError(error)) throw error;
      report({ name, status: 'bad', detail: error.message });
      continue;
    }
    names.push(name);
    yield message;
  }
}

await using mailer = new Mailer(process.env['SMTP_URL'] ?? 'smtp://localhost:1025', {
  rate: '20/s',
  retry: { attempts: 3 },
});
for await (const outcome of mailer.sendAll(resent({ from, to }))) {
  const name = names[outcome.index];
  if (outcome.ok) report({ name, status: 'sent', detail: outcome.result.queueId });
  // `not-sent`, `refused`, or `unknown`: then it may have arrived, so look before you send it again.
  else report({ name, status: outcome.error.delivery, detail: outcome.error.message });
}
