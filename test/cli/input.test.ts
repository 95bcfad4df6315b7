import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openMessage, PIPE_LIMIT_BYTES } from '../../src/cli/input.js';
import { eml, Folder } from './cli-world.js';

const noInput = { stdin: Object.assign(Readable.from([]), { isTTY: false }) };
const patient = new AbortController().signal;

it('a regular file is a message that can be sent again: it is read from the disk each time', async () => {
  using folder = new Folder();
  const message = await openMessage(folder.file('m.eml', eml()), noInput, patient);
  expect(message.replayable).toBe(true);
  expect(Buffer.from(await message.toBytes()).toString()).toBe(eml());
});

it('standard input comes in pieces of any size', async () => {
  const stdin = Readable.from([...Buffer.from(eml())].map((octet) => Buffer.from([octet])));
  const message = await openMessage('-', { stdin }, patient);
  expect(Buffer.from(await message.toBytes()).toString()).toBe(eml());
});

it('a named pipe, as <(command) gives one, is read to its end', async () => {
  using folder = new Folder();
  const pipe = join(folder.path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const opening = openMessage(pipe, noInput, patient);
  createWriteStream(pipe).end(eml());
  expect((await opening).headers.get('Subject')).toBe('test');
});

it('a device is read too', async () => {
  await expect(openMessage('/dev/null', noInput, patient)).rejects.toMatchObject({ code: 'ERR_MESSAGE_EMPTY' });
});

it('more than the limit is not taken into memory', async () => {
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  let given = 0;
  const endless = (function* () {
    for (;;) {
      given += megabyte.length;
      yield megabyte;
    }
  })();
  await expect(openMessage('-', { stdin: Readable.from(endless) }, patient)).rejects.toMatchObject({
    exit: 'bad-message',
    hint: expect.stringContaining('file') as string,
  });
  expect(given).toBeLessThan(PIPE_LIMIT_BYTES + 64 * megabyte.length);
});

it('a wait for more input ends with the signal', async () => {
  const stop = new AbortController();
  const silent = new Readable({ read: () => undefined });
  const opening = openMessage('-', { stdin: silent }, stop.signal);
  stop.abort();
  await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  expect(silent.destroyed).toBe(true);
});
