/** What a visitor gets: `posthaste/inbox` is a server that takes every mail, and reads it. */
import { Mailer } from 'posthaste';
import { Inbox } from 'posthaste/inbox';
import { signUp } from './sign-up.js';

let inbox: Inbox;
let mailer: Mailer;

beforeAll(async () => {
  inbox = await Inbox.start();
  mailer = new Mailer(inbox.smtpUrl);
});

afterEach(() => {
  inbox.clear();
});

afterAll(async () => {
  await mailer.close();
  await inbox.close();
});

test('the mail has a link to confirm with, the same in the text and in the HTML', async () => {
  expect(await signUp(mailer, 'ann@example.org')).toBe('mailed');
  const message = await inbox.waitFor({ to: 'ann@example.org', subject: 'confirm', timeoutMs: 5_000 });

  const [link] = message.text?.match(/https:\S+/) ?? [];
  expect(link).toMatch(/^https:\/\/shop\.example\/confirm\?token=[0-9a-f-]{36}$/);
  expect(message.html).toContain(`href="${link}"`);
});

test('each visitor gets a link of their own', async () => {
  await Promise.all([signUp(mailer, 'ann@example.org'), signUp(mailer, 'bob@example.org')]);
  const ann = await inbox.waitFor({ to: 'ann@example.org' });
  const bob = await inbox.waitFor({ to: 'bob@example.org' });
  expect(ann.envelope.to).toEqual(['ann@example.org']);
  expect(ann.text).not.toBe(bob.text);
});
