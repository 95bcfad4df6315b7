/** What is wrong with the command line of `resend` shows before anything is opened or connected to. */
import { posthaste } from '../cli-world.js';

it.each<[readonly string[], RegExp]>([
  [[], /no archive was given/],
  [['-'], /- is no archive/],
  [[''], /a path is empty/],
  [['smtp://h'], /--url/],
  [['x', '-0'], /without --files-from/],
  [['x', '--dry-run', '--probe'], /both given/],
  [['x', '--resent-to', 'a@b.c'], /--resent-from/],
  [['x', '--resent-from', 'a@b.c'], /--resent-to, --resent-cc or --resent-bcc/],
  [['x', '--resent-from', 'a@b.c', '--resent-to', 'a b@c'], /^posthaste: --resent-to: /],
  [['x', '--resent-from', '', '--resent-to', 'a@b.c'], /--resent-from has no address/],
  [['x', '--resent-from', 'a@b.c, d@e.f', '--resent-to', 'a@b.c'], /--resent-\*/],
  [['x', '--rate', 'fast'], /--rate: .*20\/s/],
  [['x', '--concurrency', '0'], /from 1 to 100/],
  [['x', '--retries', '-1'], /--retries/],
  [['x', '--retries=x'], /from 0 to 1000/],
  [['x', '--confirm', 'maybe'], /auto, always or never/],
  [['x', '--sort', 'dat'], /Did you mean date\?/],
  [['x', '--on-success', 'delete'], /move:DIRECTORY/],
  [['x', '--resend-unknown'], /without --journal/],
  [['x', '--jurnal', 'j'], /Did you mean --journal\?/],
  [['x', '--timeout', '0'], /--timeout/],
])('%j: 64', async (words, line) => {
  const ended = await posthaste(['resend', '--url', 'smtp://127.0.0.1:1', ...words]);
  expect(ended).toMatchObject({ code: 64, err: expect.stringMatching(line) as string });
  expect(ended.err.split('\n').filter((text) => text !== '' && !text.startsWith('posthaste: 0 messages'))).toHaveLength(
    1,
  );
});

it('no server: 78; a bad one in SMTP_URL: 78, and its password is not shown', async () => {
  expect((await posthaste(['resend', 'x'])).code).toBe(78);
  const { code, err } = await posthaste(['resend', '/tmp'], { env: { SMTP_URL: 'smtp://u:s3cret@h:port' } });
  expect([code, err]).toEqual([78, expect.stringMatching(/^posthaste: SMTP_URL: /)]);
  expect(err).not.toContain('s3cret');
});
