import { ownOptions } from '../../src/mailer/own-options.js';
import { Mailer, type SendMessageOptions } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';

it('copies what lies in an option, and keeps functions, signals and what is none of its kinds', () => {
  const signal = new AbortController().signal;
  const rcptOptions = (): string[] => [];
  const given = {
    ...{
      from: 'a@b.c',
      to: ['d@e.f'],
      mailOptions: { BODY: '8BITMIME' },
      dsn: { notify: ['failure'] },
      signal,
      rcptOptions,
    },
    ...{ serializeOptions: new Map(), requireTls: undefined },
  } as unknown as SendMessageOptions;
  const own = ownOptions(given);
  expect(own).toEqual(given);
  for (const name of ['to', 'mailOptions', 'dsn'] as const) expect(own[name]).not.toBe(given[name]);
  expect(own.dsn?.notify).not.toBe(given.dsn?.notify);
  for (const name of ['signal', 'rcptOptions', 'serializeOptions'] as const) expect(own[name]).toBe(given[name]);
  for (const none of [null, undefined, 'x'] as unknown[]) expect(ownOptions(none as SendMessageOptions)).toBe(none);
});

it('so that a message that waits goes out as it was asked for', async () => {
  await using server = await ScriptedServer.start({ behave: { extensions: ['DSN', 'SIZE'] } });
  await using mailer = new Mailer(server.url);
  const to = ['one@example.org'];
  const mailOptions: Record<string, string> = { ENVID: 'first' };
  const notify: 'failure'[] = ['failure'];
  const options: SendMessageOptions = { from: 'a@example.org', to, mailOptions, dsn: { notify } };
  const octets = Buffer.from('From: a@example.org\r\n\r\n');
  // It is read first, and its envelope is made behind that.
  const source = async function* () {
    yield await Promise.resolve(octets);
  };
  const sends = [mailer.send(octets, options), mailer.send(source, options)];
  to[0] = 'another@example.org';
  mailOptions['ENVID'] = 'second';
  notify.length = 0;
  options.from = 'b@example.org';
  options.requireAllRecipients = true;
  await Promise.all(sends);
  const lines = server.connections.flatMap(({ commands }) => commands.map(({ line }) => line));
  const envelopes = lines.filter((line) => /^(?:MAIL|RCPT)/.test(line));
  expect(envelopes.map((line) => line.replace(/ SIZE=\d+/, ''))).toEqual([
    'MAIL FROM:<a@example.org> ENVID=first',
    'RCPT TO:<one@example.org> NOTIFY=FAILURE',
    'MAIL FROM:<a@example.org> ENVID=first',
    'RCPT TO:<one@example.org> NOTIFY=FAILURE',
  ]);
});
