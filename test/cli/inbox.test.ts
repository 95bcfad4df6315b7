/** `posthaste inbox`: says where it listens and what comes in, until it is told to end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { SMTP } from '../../src/index.js';
import { run } from '../../src/cli/run.js';
import type { Output } from '../../src/cli/io.js';
import { Folder, Kept, posthaste, worldWith } from './cli-world.js';

// The parser of bodies is loaded with the first message, which may take seconds on a busy machine.
jest.setTimeout(30_000);

/** Standard output that can be waited for. */
class Watched extends Kept {
  #wake: () => void = () => undefined;

  override async write(text: string): Promise<void> {
    await super.write(text);
    this.#wake();
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found !== null) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

interface Running {
  readonly out: Watched;
  readonly err: Kept;
  readonly ended: Promise<number>;
  readonly end: AbortController;
  readonly url: string;
}

async function start(...words: string[]): Promise<Running> {
  const out = new Watched();
  const err = new Kept();
  const end = new AbortController();
  const given = ['inbox', '--smtp-port', '0', '--web-port', '0', ...words];
  const ended = run(given, worldWith({ stdout: out, stderr: err, finish: end.signal }));
  const [, url = ''] = await out.until(/^SMTP {2}(smtp:\S+)\nWeb {3}http:\S+\/\n/);
  return { out, err, ended, end, url };
}

const fields = { from: 'ann@example.org', to: 'bob@example.org', subject: 'Hi\u202e', text: 'x' };

it('--tls-certificate offers STARTTLS, and writes down whom to trust', async () => {
  using folder = new Folder();
  const file = join(folder.path, 'inbox.pem');
  const { out, ended, end, url } = await start('--tls-certificate', file);
  await using smtp = await SMTP.connect(url, { tls: { mode: 'required', ca: readFileSync(file) } });
  expect(smtp.tls?.authorized).toBe(true);
  await smtp.sendMessage(fields);
  await out.until(/^1 {2}ann@/m);
  end.abort('SIGINT');
  expect(await ended).toBe(0);
  const words = ['--smtp-port', '0', '--web-port', '0', '--tls-certificate', join(folder.path, 'not', 'there')];
  const { code, err } = await posthaste(['inbox', ...words]);
  expect([code, err]).toEqual([73, expect.stringMatching(/^posthaste: the certificate cannot be written: ENOENT/)]);
});

it('says where it is and what comes in, and ends with 0 when it is told to', async () => {
  const { out, err, ended, end, url } = await start();
  await using smtp = await SMTP.connect(url);
  await smtp.sendMessage({ ...fields, cc: 'cid@example.org' });
  await out.until(/^1 {2}ann@example\.org -> bob@example\.org \+1 {2}"Hi\\u202e", \d+ octets\n/m);
  await smtp.sendmail('', ['bob@example.org'], 'From: a@b.org\r\nBcc: bob@example.org\r\n\r\nx\r\n');
  await out.until(/^2 {2}<> -> bob@example\.org {2}"", \d+ octets, Bcc LEFT IN\n/m);
  end.abort('SIGINT');
  expect([await ended, err.text]).toEqual([0, '']);
});

it('--quiet says nothing about messages', async () => {
  const { out, ended, end, url } = await start('--quiet');
  const before = out.text;
  await using smtp = await SMTP.connect(url);
  await smtp.sendMessage(fields);
  end.abort('SIGTERM');
  expect([await ended, out.text]).toEqual([0, before]);
});

it('warns when others can reach it', async () => {
  const { err, ended, end } = await start('--host', '0.0.0.0');
  end.abort('SIGINT');
  await ended;
  expect(err.text).toMatch(/^posthaste: everybody who can reach 0\.0\.0\.0 /);
});

it('ends when nobody reads what it says', async () => {
  const gone: Output = { write: () => Promise.reject(new Error('gone')) };
  expect((await posthaste(['inbox', '--smtp-port', '0', '--web-port', '0'], { stdout: gone })).code).not.toBe(0);
});

it('a port that is in use is one line and exit 78', async () => {
  const { ended, end, url } = await start();
  const { code, err } = await posthaste(['inbox', '--smtp-port', new URL(url).port, '--web-port', '0']);
  expect([code, err]).toEqual([
    78,
    expect.stringMatching(/^posthaste: the inbox cannot listen for SMTP on .*in use\. .*\n$/),
  ]);
  end.abort('SIGINT');
  await ended;
});

it.each([
  [['mail.eml'], /no arguments/],
  [['--smtp-port', 'x'], /--smtp-port is no whole number/],
  [['--web-port', '70000'], /webPort is no whole number from 0 to 65535/],
  [['--host', 'a b'], /no address and no host name/],
  [['--max-messages', '0'], /maxMessages/],
  [['--smpt-port', '1'], /Did you mean --smtp-port\?/],
])('%j is refused with 64', async (words, text) => {
  const { code, err } = await posthaste(['inbox', ...words]);
  expect([code, err]).toEqual([64, expect.stringMatching(text)]);
});
