/** Every exit code of `send`, each brought about for real, and what is said about it. */
import { join } from 'node:path';
import { CliError } from '../../src/cli/cli-error.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { eml, Folder, posthaste, type Ended } from './cli-world.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

const two = ['From: a@example.org', 'To: b@example.org, c@example.org'];
const resentTwice = ['Resent-To: x@example.org', 'Resent-From: y@example.org', 'Resent-To: z@example.org', ...two];

/** The file is m.eml in each case. */
async function sendTo(
  behaviour: Behaviour,
  fields: readonly string[] = two,
  words: readonly string[] = [],
): Promise<Ended> {
  await using server = await ScriptedServer.start({ behave: behaviour });
  const ended = await posthaste(['send', folder.file('m.eml', eml(fields)), '--url', server.url, ...words]);
  await server.finished();
  return ended;
}

const cannotWrite = (): CliError => new CliError('cannot-write', 'standard output cannot be written: ENOSPC');

/** What stands behind `posthaste: FILE: `, line by line. */
function complaints({ err }: Ended): string[] {
  const start = `posthaste: ${join(folder.path, 'm.eml')}: `;
  return err
    .trimEnd()
    .split('\n')
    .map((line) => {
      expect(line.slice(0, start.length)).toBe(start);
      return line.slice(start.length);
    });
}

describe('an answer of the server', () => {
  it.each<[string, Behaviour['on'], number, (string | RegExp)[]]>([
    ['one refused for good', { 'RCPT:1': '550 5.1.1 who?' }, 67, ['<b@example.org> was refused: 550 5.1.1 who?.']],
    [
      'one refused for now',
      { 'RCPT:1': '450 4.2.1 busy' },
      75,
      ['<b@example.org> was refused: 450 4.2.1 busy. Send it again later, to this address alone (--to).'],
    ],
    [
      'all refused for good',
      { RCPT: '550 5.1.1 who?' },
      67,
      ['<b@example.org> was refused: 550 5.1.1 who?.', '<c@example.org> was refused: 550 5.1.1 who?.'],
    ],
    ['all refused, one for now', { RCPT: '550 no', 'RCPT:2': '451 later' }, 75, [/^<b/, /^<c.*Send it again later/]],
    [
      'MAIL refused',
      { MAIL: '550 5.7.1 not you' },
      69,
      [/^the server refused the sender <a@example\.org>: 550 5\.7\.1 not you\. /],
    ],
    ['MAIL refused for now', { MAIL: '451 4.7.1 grey' }, 75, [/451 4\.7\.1 grey/]],
    ['DATA refused', { DATA: '554 5.5.1 no' }, 69, [/554 5\.5\.1 no/]],
    ['the content refused', { final: '554 5.7.1 spam' }, 69, [/554 5\.7\.1 spam/]],
    ['the content refused for now', { final: '452 4.3.1 full' }, 75, [/452 4\.3\.1 full/]],
    ['a greeting of 554', { greeting: '554 no service' }, 69, [/554 no service/]],
    ['a greeting of 421', { greeting: '421 too busy' }, 75, [/421 too busy/]],
    ['no SMTP at all', { greeting: 'HTTP/1.1 400 Bad Request' }, 76, [/SMTP/]],
    ['a connection lost in front of the content', { DATA: '(close)' }, 75, [/./]],
    [
      'a connection lost behind the content',
      { final: '(close)' },
      70,
      [/may have been delivered.*may deliver it twice/],
    ],
    ['garbage behind the content', { final: 'hello?' }, 70, [/may have been delivered/]],
    ['half an answer to the content', { final: ['"250-2.0.0 qu"', '(close)'] }, 70, [/may have been delivered/]],
  ])('%s', async (_, on, code, lines) => {
    const ended = await sendTo(on === undefined ? {} : { on });
    expect(complaints(ended)).toEqual(
      lines.map((line) => (typeof line === 'string' ? line : (expect.stringMatching(line) as string))),
    );
    expect(ended.code).toBe(code);
    const somebodyGotIt = ended.out !== '';
    expect(somebodyGotIt).toBe(_.startsWith('one refused'));
  });

  it('is waited for as long as --timeout says', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { MAIL: '(hold)' } } });
    const ended = await posthaste(['send', '--url', server.url, '--timeout', '50'], { stdin: eml() });
    expect(ended.code).toBe(75);
    expect(ended.err).toMatch(/^posthaste: standard input: .*50/);
  });
});

describe('a server that cannot do what is needed', () => {
  it('takes no 8-bit content: 69', async () => {
    await using server = await ScriptedServer.start({ behave: { extensions: [] } });
    const ended = await posthaste(['send', '--url', server.url], { stdin: eml(undefined, 'Grüße\r\n') });
    expect(ended.code).toBe(69);
    expect(ended.err).toContain('8BITMIME');
  });

  it('takes no message of this size: 69', async () => {
    const ended = await sendTo({ extensions: ['SIZE 40'] });
    expect(ended.code).toBe(69);
    expect(complaints(ended)).toEqual([expect.stringMatching(/40/)]);
  });

  it('does not know the password: 77, and nobody sees it', async () => {
    await using server = await ScriptedServer.start({
      behave: { accounts: { user: 'right' }, extensions: ['AUTH PLAIN LOGIN'] },
    });
    const env = { SMTP_URL: server.url.replace('://', '://user:wr0ng-secret@') };
    const ended = await posthaste(['send', '--debug'], { stdin: eml(), env });
    expect(ended.code).toBe(77);
    expect(ended.out + ended.err).not.toMatch(/wr0ng-secret|d3IwbmctcS|AHVzZXIAd3IwbmctcS/i);
  });

  it('offers no login: 77', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const env = { SMTP_URL: server.url.replace('://', '://user:secret@') };
    const ended = await posthaste(['send'], { stdin: eml(), env });
    expect(ended.code).toBe(77);
    expect(ended.err).not.toContain('secret');
  });

  it('shows a certificate that nobody vouches for: 76', async () => {
    await using server = await ScriptedServer.start({ behave: {} }, { implicitTls: true, violations: 'record' });
    const ended = await posthaste(['send', '--url', server.url], { stdin: eml() });
    expect(ended.code).toBe(76);
  });

  it('is not there: 75', async () => {
    const server = await ScriptedServer.start({ behave: {} });
    const { url } = server;
    await server.close();
    const ended = await posthaste(['send', '--url', url], { stdin: eml() });
    expect(ended.code).toBe(75);
    expect(ended.err).toMatch(/^posthaste: standard input: .*ECONNREFUSED.*\n$/);
  });
});

describe('a bad message is refused before anybody is connected to', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['empty', '', /empty/],
    ['without a sender', eml(['To: b@example.org']), /Give it with --from ADDRESS\.$/],
    ['without recipients', eml(['From: a@example.org']), /Give them with --to ADDRESS\.$/],
    ['resent twice', eml(resentTwice), /--resent latest .*--resent ignore/],
    ['with a bad address', eml(['From: a@example.org', 'To: a b@c.d']), /To/],
    ['with NUL', eml(undefined, 'a\0b\r\n'), /NUL/],
    ['with a long line', eml(undefined, `${'x'.repeat(999)}\r\n`), /--allow-long-lines/],
  ])('%s: 65', async (_, content, line) => {
    await using server = await ScriptedServer.start({ behave: {} });
    const ended = await posthaste(['send', folder.file('m.eml', content), '--url', server.url]);
    expect(complaints(ended)).toEqual([expect.stringMatching(line)]);
    expect([ended.code, ended.out, server.totals.connections]).toEqual([65, '', 0]);
  });

  it('with line ends that are not CRLF, when --line-endings reject asks: 65', async () => {
    const stdin = eml(undefined, 'one\ntwo\r\n');
    const ended = await posthaste(['send', '--dry-run', '--line-endings', 'reject'], { stdin });
    expect(ended).toMatchObject({ code: 65, err: expect.stringContaining('--line-endings') as string });
  });
});

describe('a file that cannot be read', () => {
  it.each(['missing.eml', '.', 'a/b'])('%j: 66', async (name) => {
    const path = join(folder.path, name);
    const ended = await posthaste(['send', '--url', 'smtp://127.0.0.1:1', path]);
    expect(ended.code).toBe(66);
    expect(ended.err).toMatch(/^posthaste: [^\n]+\n$/);
  });
});

describe('a report that cannot be written: 73', () => {
  it('stops the run: nobody would learn what was sent', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const files = ['1', '2', '3'].map((name) => folder.file(name, eml()));
    const stdout = { write: () => Promise.reject(cannotWrite()) };
    const { code, err } = await posthaste(['send', ...files, '--url', server.url], { stdout });
    expect([code, server.messages.length]).toEqual([73, 1]);
    expect(err).toBe('posthaste: standard output cannot be written: ENOSPC.\n');
    await server.finished();
  });

  it('is less urgent than a message that may have been delivered', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { final: '(close)' } } });
    const stdout = { write: () => Promise.reject(cannotWrite()) };
    const { code } = await posthaste(['send', '--url', server.url, '--json'], { stdout, stdin: eml() });
    expect(code).toBe(70);
  });
});
