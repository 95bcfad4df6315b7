import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { eml, Folder, posthaste } from './cli-world.js';

const fixture = (name: string): string => join(import.meta.dirname, '..', '..', 'fixtures', 'demo', name);
const withBcc = fixture('new-message-with-bcc.eml');

/** The ordinary server, with other answers at some steps. */
async function serverThat(on: Behaviour['on'] = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave: { on } });
}

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

describe('posthaste send', () => {
  it('sends a file to those whom it names, without their Bcc, and says so in one line', async () => {
    await using server = await serverThat({ final: '250 2.0.0 Ok: queued as 4F2A' });
    expect(await posthaste(['send', withBcc, '--url', server.url])).toEqual({
      code: 0,
      out: `${withBcc}: sent to 4 recipients, 525 octets, queued as 4F2A\n`,
      err: '',
    });
    await server.finished();
    const [message] = server.messages;
    expect(message?.envelope).toEqual({
      from: 'ada@analytical.example',
      to: ['charles@difference.example', 'mary@sciences.example', 'annabella@ockham.example', 'byron@newstead.example'],
    });
    const whole = readFileSync(withBcc, 'latin1');
    expect(message?.content.toString('latin1')).toBe(whole.replace(/^Bcc: .*\r\n .*\r\n/m, ''));
  });

  it('sends what it reads from standard input, with - and without FILE', async () => {
    await using server = await serverThat();
    for (const words of [['-'], []]) {
      const { code, out, err } = await posthaste(['send', ...words, '--url', server.url], { stdin: eml() });
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(/^standard input: sent to 1 recipient, 64 octets, /);
    }
    await server.finished();
    expect(server.messages.map(({ content }) => content.toString())).toEqual([eml(), eml()]);
  });

  it('takes the server from SMTP_URL', async () => {
    await using server = await serverThat();
    const { code } = await posthaste(['send'], { stdin: eml(), env: { SMTP_URL: server.url } });
    expect(code).toBe(0);
    expect(server.messages).toHaveLength(1);
  });

  it('lets --from and --to replace their half of the envelope', async () => {
    await using server = await serverThat();
    const common = ['send', '--url', server.url];
    await posthaste([...common, '--from', 'Bounces <bounces@example.net>'], { stdin: eml() });
    await posthaste([...common, '--to=x@example.net', '--to', 'y@example.net'], { stdin: eml() });
    await posthaste([...common, '--from', '', '--to', 'x@example.net'], { stdin: eml(['Date: today']) });
    expect(server.messages.map(({ envelope }) => envelope)).toEqual([
      { from: 'bounces@example.net', to: ['b@example.org'] },
      { from: 'a@example.org', to: ['x@example.net', 'y@example.net'] },
      { from: '', to: ['x@example.net'] },
    ]);
  });

  it.each([
    [['--resent', 'latest'], { from: 'second@relay.example', to: ['final@archive.example'] }],
    [['--resent', 'ignore'], { from: 'tim@web.example', to: ['first@relay.example'] }],
  ])('chooses with %j among several Resent sets', async (words, envelope) => {
    await using server = await serverThat();
    const { code } = await posthaste(['send', fixture('resent-twice.eml'), ...words, '--url', server.url]);
    expect([code, server.messages[0]?.envelope]).toEqual([0, envelope]);
  });

  it.each([
    ['long lines', `${'x'.repeat(999)}\r\n`, ['--allow-long-lines']],
    ['a lone LF', 'one\ntwo\r\n', []],
  ])('sends %s with %j', async (_, body, words) => {
    await using server = await serverThat();
    const { code } = await posthaste(['send', ...words, '--url', server.url], { stdin: eml(undefined, body) });
    expect(code).toBe(0);
    expect(server.messages[0]?.content.toString()).toBe(eml(undefined, body).replace(/\r?\n/g, '\r\n'));
  });

  it('takes a lone CR in the header block as a line end when it is told to', async () => {
    await using server = await serverThat();
    const stdin = eml(['From: a@example.org', 'To: b@example.org\rX-Old: Mac']);
    const refused = await posthaste(['send', '--url', server.url], { stdin });
    expect(refused).toMatchObject({ code: 65, err: expect.stringContaining('--line-endings normalize-all') as string });
    expect(server.totals.connections).toBe(0);
    const { code } = await posthaste(['send', '--url', server.url, '--line-endings', 'normalize-all'], { stdin });
    expect(code).toBe(0);
  });

  it('shows the conversation with --debug, without the password', async () => {
    await using server = await ScriptedServer.start({
      behave: { accounts: { user: 'open sesame' }, extensions: ['AUTH PLAIN'] },
    });
    const env = { SMTP_URL: server.url.replace('://', '://user:open%20sesame@') };
    const { code, out, err } = await posthaste(['send', '--debug', '--json'], { stdin: eml(), env });
    expect(code).toBe(0);
    expect(err).toMatch(/^S: 220 .*\nC: EHLO /m);
    expect(err).toMatch(/^C: AUTH /m);
    expect(err).not.toContain('Hello');
    const secrets = ['open sesame', 'open%20sesame', Buffer.from('\0user\0open sesame').toString('base64')];
    for (const secret of secrets) expect(out + err).not.toContain(secret);
  });
});
