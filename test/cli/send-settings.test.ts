/** What is wrong with the command line or the environment shows before a file is opened. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { eml, Folder, posthaste } from './cli-world.js';

describe('a command line that cannot be meant: 64', () => {
  it.each([
    [['--url', 'smtp://user:secret@h'], /SMTP_URL/],
    [['--url', 'http://h'], /^posthaste: --url: .*http/],
    [['--url', 'smtp://h:99999'], /port/],
    [['smtp://h', '--dry-run'], /--url/],
    [['-', '-', '--dry-run'], /twice/],
    [['', '--dry-run'], /empty/],
    [['--timeout', '0', '--dry-run'], /--timeout/],
    [['--timeout', '1e3', '--dry-run'], /--timeout/],
    [['--timeout', '99999999999', '--dry-run'], /--timeout/],
    [['--from', 'a b@c.d', '--dry-run'], /^posthaste: --from: /],
    [['--from', 'a@b.c, d@e.f', '--dry-run'], /--from takes one address/],
    [['--to', 'a@b.c, d@e.f', '--dry-run'], /--to takes one address.*repeat/],
    [['--to', '', '--dry-run'], /--to/],
    [['--to', 'group: a@b.c;', '--dry-run'], /--to takes one address/],
    [['--to', 'a@b.c\r\nRCPT TO:<v@w.x>', '--dry-run'], /^posthaste: --to: /],
  ])('%j', async (words, line) => {
    const ended = await posthaste(['send', ...words], { stdin: eml() });
    expect(ended).toMatchObject({ code: 64, out: '' });
    expect(ended.err.replace('standard input: ', '')).toMatch(line);
    expect(ended.err).toMatch(/^posthaste: [^\n]+\n$/);
    expect(ended.err).not.toContain('secret');
  });

  it('no FILE, and standard input is a terminal', async () => {
    const ended = await posthaste(['send', '--dry-run'], { terminal: true });
    expect(ended).toMatchObject({ code: 64, err: expect.stringContaining('no message was given') as string });
  });
});

describe('a configuration that is wrong: 78', () => {
  it('no server', async () => {
    const ended = await posthaste(['send'], { stdin: eml() });
    expect(ended).toMatchObject({ code: 78, err: expect.stringMatching(/--url .* SMTP_URL/) as string });
  });

  it.each(['http://user:secret@h', 'smtp://user:sec%ret@h', 'smtp://user:secret@h:port', 'smtp://user:secret@/x'])(
    'SMTP_URL %s, which is not shown',
    async (url) => {
      const ended = await posthaste(['send', '--debug'], { stdin: eml(), env: { SMTP_URL: url } });
      expect(ended.code).toBe(78);
      expect(ended.err).toMatch(/^posthaste: standard input: SMTP_URL: [^\n]+\n$/);
      expect(ended.err).not.toMatch(/sec/);
    },
  );
});

it('Ctrl-C while the password command runs ends the run, and the command', async () => {
  using folder = new Folder();
  const begun = join(folder.path, 'begun');
  const finish = new AbortController();
  const words = ['--url', 'smtp://ann@127.0.0.1:1', '--password-command', `touch ${begun}; exec sleep 60`];
  const ending = posthaste(['send', ...words], { stdin: eml(), finish: finish.signal });
  while (!existsSync(begun)) await setImmediate();
  finish.abort('SIGINT');
  expect(await ending).toMatchObject({
    code: 130,
    err: 'posthaste: the run was interrupted while the password command ran.\n',
  });
});
