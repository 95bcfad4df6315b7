/** One connection for many messages. */
import { join } from 'node:path';
import { ScriptedServer } from '../../src/testing/index.js';
import { eml, Folder, posthaste } from './cli-world.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

describe('several files', () => {
  it('go over one connection, and a bad one does not stop the others', async () => {
    await using server = await ScriptedServer.start({
      behave: { on: { 'RCPT:<gone@example.org>': '550 5.1.1 no such user' } },
    });
    const files = [
      folder.file('one.eml', eml()),
      folder.file('empty.eml', ''),
      join(folder.path, 'missing.eml'),
      folder.file('gone.eml', eml(['From: a@example.org', 'To: gone@example.org'])),
      folder.file('five.eml', eml()),
    ];
    const { code, out, err } = await posthaste(['send', ...files, '--url', server.url]);
    expect(code).toBe(66);
    expect(out.split('\n').map((line) => line.split(':')[0])).toEqual([files[0], files[4], '']);
    const complaints = err.trimEnd().split('\n');
    expect(complaints.map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual(
      [files[1], files[2], files[3]].map((file) => `posthaste: ${String(file)}`),
    );
    await server.finished();
    expect(server.totals).toMatchObject({ connections: 1, queued: 2 });
  });

  it('get a new connection when the server has closed the first, also the one that it was closed for', async () => {
    await using server = await ScriptedServer.start({
      behave: (connection) => ({ on: connection === 1 ? { 'MAIL:2': '421 4.3.2 closing' } : {} }),
    });
    const files = ['1', '2', '3'].map((name) => folder.file(name, eml()));
    const { code, out, err } = await posthaste(['send', ...files, '--url', server.url]);
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').map((line) => line.split(':')[0])).toEqual([...files, '']);
    expect(server.totals).toMatchObject({ connections: 2, queued: 3 });
  });

  it('are not tried one by one when nobody can be connected to, but each is reported', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { greeting: '554 5.3.2 not today' } } });
    const files = ['1', '2', '3'].map((name) => folder.file(name, eml()));
    const { code, out, err } = await posthaste(['send', ...files, '--url', server.url, '--json']);
    expect(code).toBe(69);
    expect(server.totals.connections).toBe(1);
    const reports = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { file: string; exitCode: number });
    expect(reports.map(({ file, exitCode }) => [file, exitCode])).toEqual(files.map((file) => [file, 69]));
    expect(err.trimEnd().split('\n')).toEqual([
      expect.stringContaining('554 5.3.2 not today'),
      `posthaste: ${String(files[1])}: it was not sent: there is no connection.`,
      `posthaste: ${String(files[2])}: it was not sent: there is no connection.`,
    ]);
  });
});

describe('the URL', () => {
  it('may have the options of a mailer, which hold', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const files = ['1', '2', '3'].map((name) => folder.file(name, eml()));
    const url = `${server.url}?maxMessagesPerConnection=1&localHostname=me.example`;
    const { code, err } = await posthaste(['send', ...files, '--url', url]);
    expect([code, err]).toEqual([0, '']);
    await server.finished();
    expect(server.totals).toMatchObject({ connections: 3, queued: 3 });
    expect(server.connections[0]?.commands[0]?.line).toBe('EHLO me.example');
  });

  it('with an option that is not known is refused', async () => {
    const { code, err } = await posthaste(['send', folder.file('1', eml()), '--url', 'smtp://h?tsl=never']);
    expect([code, err]).toEqual([64, expect.stringMatching(/: --url: .*"tsl". Did you mean tls\?/)]);
  });

  it('may name several servers: the next one where one is not there', async () => {
    await using down = await ScriptedServer.start({ behave: { on: { greeting: '421 4.3.2 down' } } });
    await using server = await ScriptedServer.start({ behave: {} });
    const file = folder.file('1', eml());
    const { code, err } = await posthaste(['send', file, '--url', `failover:(${down.url},${server.url})`]);
    expect([code, err, server.totals.queued]).toEqual([0, '', 1]);
  });
});

it('logs in with a password from a file', async () => {
  await using server = await ScriptedServer.start({
    behave: { accounts: { ann: 's3cret' }, extensions: ['AUTH PLAIN'] },
  });
  const words = ['--url', server.url.replace('//', '//ann@'), '--password-file', folder.file('p', 's3cret\n')];
  const { code, err } = await posthaste(['send', folder.file('1', eml()), ...words]);
  expect([code, err, server.totals.queued]).toEqual([0, '', 1]);
});
