/** What a visitor is told when the mail server does not do as it should: `posthaste/testing` is a server that says what it is told to. */
import { Mailer } from 'posthaste';
import { ScriptedServer } from 'posthaste/testing';
import { signUp } from './sign-up.js';

test('an address that the server refuses is a bad address', async () => {
  await using server = await ScriptedServer.start({
    behave: { on: { 'RCPT:<ann@example.org>': '550 5.1.1 no such user' } },
  });
  await using mailer = new Mailer(server.url);
  expect(await signUp(mailer, 'ann@example.org')).toBe('bad-address');
  expect(server.messages.filter(({ outcome }) => outcome === 'queued')).toEqual([]);
});

test.each(['ann@', 'ann@example.org, bob@example.org', 'ann@example.org\r\nBcc: everybody@example.org'])(
  'what is not one address never reaches the server: %j',
  async (email) => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using mailer = new Mailer(server.url);
    expect(await signUp(mailer, email)).toBe('bad-address');
    expect(server.connections).toEqual([]);
  },
);

test('a server that is busy for a moment is asked again', async () => {
  let asked = 0;
  await using server = await ScriptedServer.start({
    // `undefined` lets the ordinary answer stand.
    behave: { on: { MAIL: () => (++asked === 1 ? '451 4.3.2 try again later' : undefined) } },
  });
  await using mailer = new Mailer(server.url, { retry: { attempts: 2, backoffMs: () => 0 } });
  expect(await signUp(mailer, 'ann@example.org')).toBe('mailed');
  expect(server.messages.map(({ envelope }) => envelope.to)).toEqual([['ann@example.org']]);
  expect(asked).toBe(2);
});

test('a server that stays busy is no fault of the visitor', async () => {
  await using server = await ScriptedServer.start({ behave: { on: { MAIL: '451 4.3.2 try again later' } } });
  await using mailer = new Mailer(server.url);
  expect(await signUp(mailer, 'ann@example.org')).toBe('try-later');
});

test('a connection that is lost behind the message leaves it open whether it arrived', async () => {
  await using server = await ScriptedServer.start({ behave: { on: { final: '(reset)' } } });
  await using mailer = new Mailer(server.url, { retry: { attempts: 3, backoffMs: () => 0 } });
  expect(await signUp(mailer, 'ann@example.org')).toBe('perhaps-mailed');
  // It was not sent a second time.
  expect(server.messages).toHaveLength(1);
});

test('a server that does not know us is our fault, and not that of the address', async () => {
  await using server = await ScriptedServer.start({ behave: { on: { MAIL: '550 5.7.1 relaying denied' } } });
  await using mailer = new Mailer(server.url);
  await expect(signUp(mailer, 'ann@example.org')).rejects.toMatchObject({ delivery: 'refused', retryable: false });
});
