/** A resending from end to end, against a server. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ScriptedServer, type Behaviour } from '../../../src/testing/index.js';
import { eml, Folder, posthaste, type Ended, type WorldOptions } from '../cli-world.js';

const FROM = 'From ada@example.org Thu Jan  1 00:00:00 1970\n';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

const message = (name: string, to = `${name}@example.org`): string =>
  eml(['From: a@example.org', `To: ${to}`], `This is ${name}.\r\n`);

function put(name: string, text: string): string {
  const path = join(folder.path, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Two files, a Maildir with two messages, an mbox with two. */
function archive(): string[] {
  put('a/1.eml', message('one'));
  put('a/b/2.eml', message('two'));
  for (const name of ['cur/3:2,S', 'new/4', 'tmp/x']) put(`m/${name}`, message(name.slice(4, 5)));
  const mbox = [message('five'), message('six')].map((text) => `${FROM}${text.replaceAll('\r\n', '\n')}\n`).join('');
  return [join(folder.path, 'a'), join(folder.path, 'm'), put('old.mbox', mbox)];
}

interface Summary {
  readonly summary: Readonly<Record<string, number>>;
}

const jsonOf = ({ out }: Ended): Record<string, unknown>[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const summaryOf = (ended: Ended): Summary['summary'] => (jsonOf(ended).at(-1) as unknown as Summary).summary;

async function resend(server: ScriptedServer, words: readonly string[], options: WorldOptions = {}): Promise<Ended> {
  return await posthaste(['resend', '--url', server.url, '--json', '--retries', '0', ...words], options);
}

const gotten = (server: ScriptedServer): string[] =>
  server.messages
    .filter(({ outcome }) => outcome === 'queued')
    .map(({ content }) => /This is (\w+)/.exec(content.toString())?.[1] ?? '?');

it('sends every message of files, Maildirs and mboxes as it is, over one connection, in order', async () => {
  await using server = await ScriptedServer.start({ behave: {} });
  const ended = await resend(server, archive());
  expect([ended.code, ended.err]).toEqual([
    0,
    expect.stringMatching(/^posthaste: 6 messages in [\d.]+ s: 6 sent; \d+ B\.\n$/),
  ]);
  expect(gotten(server)).toEqual(['one', 'two', '3', '4', 'five', 'six']);
  expect(server.messages[4]?.content.toString()).toBe(message('five'));
  expect(summaryOf(ended)).toMatchObject({ messages: 6, sent: 6, exitCode: 0 });
  expect(jsonOf(ended)[0]).toMatchObject({
    file: join(folder.path, 'a', '1.eml'),
    status: 'sent',
    envelope: { from: 'a@example.org', to: ['one@example.org'] },
    recipients: [{ index: 0, status: 'accepted', reply: { code: 250 } }],
  });
  await server.finished();
  expect(server.totals).toMatchObject({ connections: 1, queued: 6 });
});

it('puts a block of Resent-* fields in front, and sends to those alone', async () => {
  await using server = await ScriptedServer.start({ behave: {} });
  const words = [
    '--resent-from',
    'Me <me@example.org>',
    '--resent-to',
    'x@example.org',
    '--resent-bcc',
    'y@example.org',
  ];
  const { code } = await resend(server, [put('1.eml', message('one')), ...words]);
  const [got] = server.messages;
  expect([code, got?.envelope.from, got?.recipients.map(({ address }) => address)]).toEqual([
    0,
    'me@example.org',
    ['x@example.org', 'y@example.org'],
  ]);
  const content = got?.content.toString() ?? '';
  expect(content.endsWith(message('one'))).toBe(true);
  expect(content.slice(0, -message('one').length)).toMatch(
    /^Resent-Date: .*\r\nResent-From: Me <me@example\.org>\r\nResent-To: x@example\.org\r\nResent-Message-ID: <.*>\r\n$/,
  );
});

describe('with a journal', () => {
  const journal = (): string => join(folder.path, 'run.journal');

  it('a second run sends nothing, also when files were renamed and the mbox has grown in front', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const paths = archive();
    expect((await resend(server, [...paths, '--journal', journal()])).code).toBe(0);
    const mbox = paths[2] ?? '';
    writeFileSync(mbox, `${FROM}${message('new').replaceAll('\r\n', '\n')}\n${readFileSync(mbox, 'latin1')}`);
    put('m/cur/renamed:2,RS', message('3'));
    const again = await resend(server, ['--journal', journal(), join(folder.path, 'm'), mbox, join(folder.path, 'a')]);
    // The renamed file is a copy, so there are two of it now.
    expect(gotten(server).slice(6)).toEqual(['3', 'new']);
    expect([again.code, summaryOf(again)]).toMatchObject([0, { skipped: 6, sent: 2 }]);
  });

  it('goes on with those that were refused for now, recipient by recipient, and leaves alone those refused for good', async () => {
    const path = put('1.eml', message('one', 'ok@example.org, later@example.org, never@example.org'));
    const refusing: Behaviour = {
      on: { 'RCPT:<later@example.org>': '450 4.2.1 later', 'RCPT:<never@example.org>': '550 5.1.1 never' },
    };
    await using server = await ScriptedServer.start({ behave: (number) => (number === 1 ? refusing : {}) });
    const first = await resend(server, [path, '--journal', journal()]);
    expect([first.code, summaryOf(first)]).toMatchObject([75, { putOff: 1 }]);
    expect(first.err).toContain('<never@example.org> was refused: 550 5.1.1 never.\n');
    expect(first.err).toContain('To go on, run the same command again');
    const second = await resend(server, [path, '--journal', journal()]);
    expect(server.messages.map(({ envelope }) => envelope.to)).toEqual([['ok@example.org'], ['later@example.org']]);
    expect([second.code, summaryOf(second)]).toMatchObject([67, { partlySent: 1 }]);
    const third = await resend(server, [path, '--journal', journal()]);
    expect([third.code, server.totals.queued, summaryOf(third)]).toMatchObject([67, 2, { skipped: 1 }]);
  });

  it('reports what may have been delivered, and sends it again only with --resend-unknown', async () => {
    const path = put('1.eml', message('one'));
    await using server = await ScriptedServer.start({
      behave: (number) => (number === 1 ? { on: { final: '(close)' } } : {}),
    });
    const first = await resend(server, [path, '--journal', journal()]);
    expect([first.code, summaryOf(first)]).toMatchObject([70, { unknown: 1 }]);
    const second = await resend(server, [path, '--journal', journal()]);
    expect([second.code, server.totals.connections, summaryOf(second)]).toMatchObject([70, 1, { unknown: 1 }]);
    expect(second.err).toMatch(/1\.eml: an earlier run may have delivered it to one@example\.org\. .*--resend-unknown/);
    const third = await resend(server, [path, '--journal', journal(), '--resend-unknown']);
    expect([third.code, server.totals.queued]).toEqual([0, 1]);
  });

  it('sends equal messages as often as they are there, and each once', async () => {
    await using server = await ScriptedServer.start({
      behave: (number) => (number === 1 ? { on: { 'MAIL:2': '421 4.3.2 bye' } } : {}),
    });
    for (const name of ['1', '2', '3']) put(`a/${name}.eml`, message('same'));
    const words = [join(folder.path, 'a'), '--journal', journal()];
    await resend(server, words);
    await resend(server, words);
    expect((await resend(server, words)).code).toBe(0);
    expect(gotten(server)).toEqual(['same', 'same', 'same']);
  });

  it('is that of one run: another server, other recipients, another process, another file', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using other = await ScriptedServer.start({ behave: {} });
    const path = put('1.eml', message('one'));
    await resend(server, [path, '--journal', journal()]);
    const elsewhere = await resend(other, [path, '--journal', journal()]);
    expect([elsewhere.code, elsewhere.err]).toEqual([
      64,
      expect.stringMatching(/^posthaste: the journal .* is that of another run: its server/),
    ]);
    const noJournal = await resend(server, [path, '--journal', path]);
    expect([noJournal.code, noJournal.err]).toEqual([65, expect.stringMatching(/is no journal/)]);
    expect(readFileSync(path, 'utf8')).toBe(message('one'));
    const nowhere = await resend(server, [path, '--journal', join(folder.path, 'no', 'j')]);
    expect([nowhere.code, other.totals.connections, server.totals.queued]).toEqual([73, 0, 1]);
  });
});

describe('what goes wrong with some', () => {
  it('does not stop the others: no messages, no message, half an mbox, a bad address, a refusal', async () => {
    await using server = await ScriptedServer.start({
      behave: { on: { 'RCPT:<gone@example.org>': '550 5.1.1 gone', 'MAIL:<bad@example.org>': '550 5.7.1 no' } },
    });
    mkdirSync(join(folder.path, 'empty'));
    const paths = [
      join(folder.path, 'empty'),
      join(folder.path, 'missing'),
      put('picture.eml', '\x89PNG\r\n\x1a\n\0\0'),
      put('gone.eml', message('gone')),
      put('mail.eml', eml(['From: bad@example.org', 'To: b@example.org'])),
      put('twice.eml', eml(['Resent-To: a@b.c', 'Resent-From: a@b.c', 'Resent-To: d@e.f', 'From: a@b.c'])),
      put('half.mbox', `${FROM}${message('half').replaceAll('\r\n', '\n')}\n${FROM}From: a@b.c\nTo: cu`),
      put('last.eml', message('last')),
    ];
    const ended = await resend(server, paths);
    expect(gotten(server)).toEqual(['half', 'last']);
    expect([ended.code, summaryOf(ended)]).toMatchObject([66, { messages: 9, sent: 2, refused: 2, bad: 5 }]);
    const lines = ended.err.trimEnd().split('\n');
    expect(lines).toHaveLength(8);
    for (const [name, text] of [
      ['empty', /holds no messages/],
      ['missing', /cannot be read: ENOENT/],
      ['picture.eml', /./],
      ['twice.eml', /--resent-from/],
      ['half.mbox#2', /ends in the middle/],
      ['gone.eml', /550 5\.1\.1 gone/],
      ['mail.eml', /550 5\.7\.1 no/],
    ] as const) {
      expect(lines.find((line) => line.includes(`${name}:`))).toMatch(text);
    }
  });

  it('ends the run when the server is gone, and says how to go on', async () => {
    await using server = await ScriptedServer.start({
      behave: (number) => (number === 1 ? { on: { 'MAIL:3': '(close)' } } : { on: { greeting: '554 5.3.2 no more' } }),
    });
    const ended = await resend(server, [...archive(), '--journal', join(folder.path, 'j')]);
    expect(gotten(server)).toEqual(['one', 'two']);
    expect(ended.err).toMatch(/posthaste: [^\n]*554 5\.3\.2 no more/);
    expect(ended.err.match(/554 5\.3\.2/g)).toHaveLength(1);
    expect(ended.code).toBe(69);
    expect(server.totals.connections).toBeLessThan(4);
  });

  it('tries again within the run what was put off', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { 'RCPT:1': soFar(1, '451 4.7.1 grey') } } });
    const ended = await posthaste(['resend', put('1.eml', message('one')), '--url', server.url, '--retries', '1']);
    expect([ended.code, ended.err]).toEqual([0, expect.stringMatching(/1 sent/)]);
  });

  it('ends with 73 when the report cannot be written', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const { CliError } = await import('../../../src/cli/cli-error.js');
    const stdout = {
      write: () => Promise.reject(new CliError('cannot-write', 'standard output cannot be written: EPIPE')),
    };
    const ended = await resend(server, archive(), { stdout });
    expect(ended.code).toBe(73);
    expect(server.totals.queued).toBeLessThan(6);
  });
});

/** An answer for the first times, and the ordinary one from then on. */
function soFar(times: number, answer: string): () => string | undefined {
  let left = times;
  return () => (left-- > 0 ? answer : undefined);
}

describe('--dry-run', () => {
  it('shows each envelope with where it comes from, connects to nobody, and touches no journal', async () => {
    const { code, out, err } = await posthaste([
      'resend',
      '--dry-run',
      '--journal',
      join(folder.path, 'j'),
      put('1.eml', message('one', 'a@b.c\r\nBcc: d@e.f')),
    ]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/1\.eml: nothing was sent.*from {5}a@example\.org +\(From\).*d@e\.f +\(Bcc\).*removed {2}Bcc/s);
    expect(readdirSync(folder.path)).toEqual(['1.eml']);
  });

  it('shows the Resent-* fields that would be made', async () => {
    const words = ['--resent-from', 'me@x.y', '--resent-to', 'you@x.y', '--json'];
    const ended = await posthaste(['resend', '--dry-run', put('1.eml', message('one')), ...words]);
    expect(jsonOf(ended)[0]).toMatchObject({
      status: 'dry-run',
      envelope: { from: 'me@x.y', to: ['you@x.y'] },
      sources: [{ header: 'Resent-From' }, { header: 'Resent-To' }],
    });
  });
});

it('--probe asks about every envelope, and sends nothing', async () => {
  await using server = await ScriptedServer.start({
    behave: { on: { 'RCPT:<two@example.org>': '550 5.1.1 no two', 'MAIL:3': '451 4.3.0 wait' } },
  });
  const ended = await resend(server, [...archive(), '--probe']);
  expect([ended.code, server.totals.queued, server.totals.connections]).toEqual([75, 0, 1]);
  expect(jsonOf(ended).map(({ status }) => status)).toEqual([
    'accepted',
    'refused',
    'refused',
    'accepted',
    'accepted',
    'accepted',
    undefined,
  ]);
  expect(ended.err).toMatch(
    /<two@example\.org> was refused: 550 5\.1\.1 no two\.\n.*451 4\.3\.0 wait.*4 accepted, 1 refused, 1 put off/s,
  );
  expect(server.connections[0]?.commands.at(-1)?.verb).toBe('QUIT');
  expect(server.connections[0]?.commands.some(({ verb }) => verb === 'DATA')).toBe(false);
});

it('--sort date sends the oldest first, also out of an mbox, and those without a date last', async () => {
  await using server = await ScriptedServer.start({ behave: {} });
  const dated = (name: string, date: string): string => eml(['From: a@b.c', 'To: d@e.f', date], `This is ${name}.\r\n`);
  const paths = [
    put('1.eml', dated('third', 'Date: Thu, 3 Jan 2019 10:00:00 +0000 (UTC)')),
    put('2.eml', dated('last', 'X: y')),
    put(
      'b.mbox',
      `${FROM}${dated('second', 'Date: Thu, 3 Jan 2019 10:30:00 +0100')}\n\n${FROM}${dated('first', 'Date: Wed, 2 Jan 2019 00:00:00 +0000')}\n`,
    ),
  ];
  expect((await resend(server, [...paths, '--sort', 'date'])).code).toBe(0);
  expect(gotten(server)).toEqual(['first', 'second', 'third', 'last']);
});

it('--files-from reads the paths from standard input', async () => {
  await using server = await ScriptedServer.start({ behave: {} });
  const stdin = `${put('1\n.eml', message('one'))}\0${put('2.eml', message('two'))}\0`;
  expect((await resend(server, ['--files-from', '-', '-0'], { stdin })).code).toBe(0);
  expect(gotten(server)).toEqual(['one', 'two']);
});

describe('--on-success move', () => {
  it('moves what everybody has got, writes over nothing, and is not sent again from where it went', async () => {
    await using server = await ScriptedServer.start({
      behave: { on: { 'RCPT:<two@example.org>': '450 4.2.0 later' } },
    });
    archive();
    put('a/sent/1.eml', 'precious');
    const words = [
      join(folder.path, 'a'),
      '--on-success',
      `move:${join(folder.path, 'a', 'sent')}`,
      '--journal',
      join(folder.path, 'j'),
    ];
    await resend(server, words);
    expect(readdirSync(join(folder.path, 'a'))).toEqual(['b', 'sent']);
    expect(readdirSync(join(folder.path, 'a', 'sent'))).toEqual(['1.eml', '1.eml.1']);
    // The same message comes again: another one, not the one that has gone.
    put('a/again.eml', message('one'));
    await resend(server, words);
    const there = await resend(server, [
      join(folder.path, 'a', 'sent', '1.eml.1'),
      '--journal',
      join(folder.path, 'j'),
    ]);
    expect(gotten(server)).toEqual(['one', 'one']);
    expect(summaryOf(there)).toMatchObject({ skipped: 1 });
  });

  it('leaves an mbox where it is, and says so once', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const { err } = await resend(server, [archive()[2] ?? '', '--on-success', `move:${join(folder.path, 'sent')}`]);
    expect(err.match(/an mbox stays where it is/g)).toHaveLength(1);
  });
});

describe('Ctrl-C', () => {
  it('finishes the message on its way, says QUIT, and how to go on', async () => {
    const finish = new AbortController();
    await using server = await ScriptedServer.start({ behave: { on: { 'final:2': ['(hold)', '250 2.0.0 ok'] } } });
    const ending = resend(server, [...archive(), '--journal', join(folder.path, 'j')], { finish: finish.signal });
    await server.held();
    finish.abort('SIGINT');
    server.release();
    const ended = await ending;
    expect(ended.code).toBe(130);
    expect(gotten(server).slice(0, 2)).toEqual(['one', 'two']);
    expect(server.totals.queued).toBeLessThan(4);
    expect(server.connections[0]?.commands.at(-1)?.verb).toBe('QUIT');
    expect(ended.err).toMatch(/To go on, run the same command again/);
    const rest = await resend(server, [...archive(), '--journal', join(folder.path, 'j')]);
    expect([rest.code, gotten(server).sort()]).toEqual([0, ['3', '4', 'five', 'one', 'six', 'two']]);
  });

  it('finishes also a message of which the server has only heard', async () => {
    const finish = new AbortController();
    await using server = await ScriptedServer.start({ behave: { on: { 'RCPT:1': ['(hold)', '250 2.1.5 ok'] } } });
    const ending = resend(server, [put('1.eml', message('one')), '--journal', join(folder.path, 'j')], {
      finish: finish.signal,
    });
    await server.held();
    finish.abort('SIGINT');
    server.release();
    expect([(await ending).code, gotten(server)]).toEqual([130, ['one']]);
    expect(server.connections[0]?.commands.at(-1)?.verb).toBe('QUIT');
  });

  it('ends a wait for more paths', async () => {
    const finish = new AbortController();
    const stdin = new Readable({ read: () => undefined });
    stdin.push(`${put('1.eml', message('one'))}\n`);
    await using server = await ScriptedServer.start({ behave: {} });
    const ending = resend(server, ['--files-from', '-'], { stdin, finish: finish.signal });
    while (server.totals.queued === 0) await new Promise(setImmediate);
    finish.abort('SIGINT');
    expect((await ending).code).toBe(130);
  });

  it('twice leaves what is on its way in doubt', async () => {
    const [finish, stop] = [new AbortController(), new AbortController()];
    await using server = await ScriptedServer.start({ behave: { on: { final: '(hold)' } } });
    const ending = resend(server, archive(), { finish: finish.signal, stop: stop.signal });
    await server.held();
    finish.abort('SIGINT');
    stop.abort('SIGINT');
    const ended = await ending;
    expect([ended.code, summaryOf(ended)]).toMatchObject([70, { sent: 0, unknown: 1 }]);
  });

  it('ends at once while nobody has answered yet', async () => {
    const finish = new AbortController();
    await using server = await ScriptedServer.start({ behave: { on: { greeting: '(hold)' } } });
    const ending = resend(server, archive(), { finish: finish.signal });
    await server.held();
    finish.abort('SIGTERM');
    expect((await ending).code).toBe(143);
  });
});

describe('--confirm', () => {
  const many = Array.from({ length: 51 }, (_, index) => `r${String(index)}@example.org`).join(', ');

  it.each([
    ['y\n', 0],
    ['n\n', 130],
    ['', 130],
  ])('asks on a terminal above 50 recipients; the answer %j ends with %i', async (stdin, code) => {
    await using server = await ScriptedServer.start({ behave: {} });
    const ended = await resend(server, [put('1.eml', message('one', many))], { stdin, terminal: true, columns: 80 });
    expect(ended.code).toBe(code);
    expect(ended.err).toMatch(/^Send to more than 50 recipients, through smtp:\/\/127\.0\.0\.1:\d+\? \[y\/N\] /);
    expect(server.totals.queued).toBe(code === 0 ? 1 : 0);
  });

  it('asks nobody below, with never, and where there is no terminal; always needs one', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const [few, all] = [put('few.eml', message('one')), put('all.eml', message('one', many))];
    const terminal = { terminal: true, columns: 80 };
    const ends = [
      await resend(server, [few], terminal),
      await resend(server, [all, '--confirm', 'never'], terminal),
      await resend(server, [all]),
      await resend(server, [few, '--confirm', 'always']),
    ];
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 64]);
    for (const { err } of ends) expect(err).not.toContain('[y/N]');
  });
});

it('shows one line of progress on a terminal, cleared at the end', async () => {
  await using server = await ScriptedServer.start({ behave: {} });
  const { err } = await resend(server, archive(), { columns: 60 });
  expect(err.replaceAll('\u001b', '')).toMatch(/^\r\[K1 messages · \d+ B · [\d.,]+\/s · 0 refused/);
  expect(err.replaceAll('\u001b', '')).toMatch(/\r\[Kposthaste: 6 messages in/);
});
