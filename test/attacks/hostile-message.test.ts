/** Messages and addresses made to confuse: who gets them, what is read for them, how long that takes, what goes out. */
import { Message, parseAddressList } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { countCharacterReads } from '../message/count-steps.js';
import { body, commandLine, eml, Folder, posthaste, refusalOf, World } from './world.js';

describe('address confusion (CVE-2025-13033, CVE-2023-27043, CVE-2025-14874)', () => {
  const addresses = (text: string): string[] =>
    parseAddressList(text).flatMap((one) => ('members' in one ? one.members : [one]).map(({ address }) => address));

  it.each([
    ['"xclow3n@gmail.com x"@internal.domain', ['"xclow3n@gmail.com x"@internal.domain']],
    ['<@route.com:user@host.com>', ['user@host.com']],
    ['group: a@b.c, "x;y" <c@d.e>; z@z.z', ['a@b.c', 'c@d.e', 'z@z.z']],
    ['undisclosed-recipients:;', []],
    ['a@[IPv6:::1]', ['a@[IPv6:::1]']],
    ['=?utf-8?q?v=40evil.test=2C?= <a@b.c>', ['a@b.c']],
  ])('%s is %j', (text, expected) => {
    expect(addresses(text)).toEqual(expected);
  });

  it.each([
    '<evil@evil.com><good@good.com>',
    'a <b@c> <d@e>',
    'alice@example.org)bob@example.com',
    'a b@c.d',
    'a@b@c.d',
    'a@b.c\0d',
    '"a@b.c',
    '(a@b.c',
    'a@b.c\r\nBcc: v@evil.test',
    'a\u202e@b.c',
    'a\u200b@b.c',
  ])('%j is refused with its place, in a field and in a message', async (text) => {
    expect(() => parseAddressList(text)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ADDRESS' }) as Error);
    await using world = await World.start();
    await refusalOf(() => world.client.sendMessage({ from: 'a@x.test', to: text, text: 't' }));
    if (!text.includes('\r')) {
      await refusalOf(() => world.client.sendMessage(Buffer.from(`From: a@x.test\r\nTo: ${text}\r\n\r\nx`)));
    }
    expect(world.commands).toEqual([]);
  });
});

describe('quadratic parsing', () => {
  it.each([
    ['commas', ','],
    ['addresses', 'a@b.c, '],
    ['names', 'A B <a@b.c>, '],
    ['groups', 'g: a@b.c; '],
    ['open comments', '('],
    ['quoted strings', '"a" '],
    ['escapes', '"\\a\\'],
    ['folds', 'a\r\n '],
    ['at signs', 'a@'],
    ['open brackets', '<'],
  ])('%s: every character is looked at a few times, however many there are', (_name, piece) => {
    for (const length of [20_000, 320_000]) {
      const text = piece.repeat(Math.ceil(length / piece.length));
      const reads = countCharacterReads(() => {
        try {
          parseAddressList(text);
        } catch {
          // A refusal is an answer, too.
        }
      });
      expect(reads).toBeLessThan(20 * text.length);
    }
  });

  it('a header block has limits of its own, each with its name', () => {
    const thousand = (count: number, field: string): string => `${field.repeat(count * 1_000)}\r\nbody`;
    expect(() => Message.parse(thousand(11, 'X: y\r\n')).headers.get('X')).toThrow(/10,?000/);
    expect(() => Message.parse(`X: ${'y'.repeat(1_100_000)}\r\n\r\n`).headers.get('X')).toThrow(/1,?048,?576|MiB/);
    expect(() => parseAddressList('a@b.c,'.repeat(100_001))).toThrow(
      expect.objectContaining({ code: 'ERR_TOO_MANY_RECIPIENTS' }) as Error,
    );
    expect(() => parseAddressList(`${'('.repeat(101)}${')'.repeat(101)}a@b.c`)).toThrow(
      expect.objectContaining({ code: 'ERR_COMMENT_NESTING' }) as Error,
    );
  });
});

describe('fetching of files and URLs', () => {
  it('fields that name a path or a URL are refused or mean nothing: nothing is read', async () => {
    const hostile = JSON.parse(`{
      "from": "a@x.test", "to": "b@y.test", "text": "t",
      "attachments": [{ "filename": "x", "path": "/etc/passwd" }]
    }`) as Parameters<typeof Message.compose>[0];
    for (const attachment of [
      { path: '/etc/passwd' },
      { href: 'http://127.0.0.1:9/x' },
      { content: { path: '/etc/passwd' } },
      { raw: { path: '/etc/passwd' } },
    ]) {
      await using world = await World.start();
      const fields = { ...hostile, attachments: [attachment] } as unknown as typeof hostile;
      await refusalOf(() => world.client.sendMessage(fields));
      expect(world.server.messages).toEqual([]);
    }
    for (const [field, value] of [
      ['text', { path: '/etc/passwd' }],
      ['html', { href: 'http://127.0.0.1:9/x' }],
      ['raw', 'x'],
    ] as const) {
      await using world = await World.start();
      await refusalOf(() =>
        world.client.sendMessage({ ...hostile, attachments: [], [field]: value } as typeof hostile),
      );
    }
  });
});

describe('Bcc', () => {
  const forms = [
    'Bcc: v@z.test\r\n',
    'BCC: v@z.test\r\n',
    'Bcc : v@z.test\r\n',
    'bcc\t: v@z.test\r\n',
    'Bcc:\r\n v@z.test\r\n',
    'Bcc: v@z.test\r\nBcc: v@z.test\r\n',
    'bCc: v@z.test,\r\n\tw@z.test\r\n',
  ];

  it.each(forms)('%j gets the mail and is not in it', async (field) => {
    await using world = await World.start();
    await world.client.sendMessage(Buffer.from(`From: a@x.test\r\n${field}To: b@y.test\r\n\r\nBcc: in the body\r\n`));
    const [message] = world.server.messages;
    expect(message?.envelope.to).toContain('v@z.test');
    expect(message?.content.toString()).toMatch(/^From: a@x\.test\r\nTo: b@y\.test\r\n\r\nBcc: in the body\r\n$/);
  });

  it('a lone CR does not make one: it is refused in the header block', async () => {
    await using world = await World.start();
    await refusalOf(() =>
      world.client.sendMessage(Buffer.from('From: a@x.test\r\nTo: b@y.test\r\nSubject: x\rBcc: v@z.test\r\n\r\n')),
    );
    expect(world.commands).toEqual([]);
  });

  it('of a message that is attached stays in it', async () => {
    await using world = await World.start();
    const inner = 'From: i@x.test\r\nBcc: inner@z.test\r\n\r\ninner\r\n';
    const raw = `From: a@x.test\r\nTo: b@y.test\r\nContent-Type: message/rfc822\r\n\r\n${inner}`;
    await world.client.sendMessage(Buffer.from(raw));
    expect(world.server.messages[0]?.content.toString()).toBe(raw);
  });

  it('leaves by the command line neither', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await commandLine(
      server,
      [],
      eml(['From: a@x.test', 'To: b@y.test', 'Bcc : v@z.test', 'Resent-From: r@x.test', 'Resent-Bcc:', ' w@z.test']),
    );
    expect(server.messages[0]?.content.toString()).not.toMatch(/bcc|v@z|w@z/i);
  });
});

it('signed bytes are not touched: what arrives is what was given', async () => {
  const raw = Buffer.concat([
    Buffer.from(
      'DKIM-Signature: v=1; a=rsa-sha256;\r\n\tb=AAAA\r\nFROM : a@x.test\r\nto:b@y.test  \r\nSubject:  \r\n x\t\r\n\r\n',
    ),
    Buffer.from('trailing \t\r\n\r\n\r\n=3D not decoded\r\n'),
  ]);
  await using world = await World.start();
  await world.client.sendMessage(raw);
  expect(world.server.messages[0]?.content).toEqual(raw);
});

describe('content', () => {
  it('of 8-bit octets does not go undeclared', async () => {
    const raw = Buffer.from('From: a@x.test\r\nTo: b@y.test\r\n\r\n\u00fc\r\n');
    await using seven = await World.start({ extensions: [] });
    await refusalOf(() => seven.client.sendMessage(raw));
    expect(seven.server.messages).toEqual([]);
    await using eight = await World.start({ extensions: ['8BITMIME'] });
    await eight.client.sendMessage(raw);
    expect(eight.server.messages[0]?.parameters).toContain('BODY=8BITMIME');
  });

  it.each([
    ['a line of 999 octets', `${body}${'x'.repeat(999)}\r\n`],
    ['NUL', `${body}x\0y\r\n`],
    ['nothing', ''],
  ])('with %s is refused', async (_name, content) => {
    await using world = await World.start();
    await refusalOf(() => world.client.sendmail('a@x.test', 'b@y.test', content));
    await refusalOf(() => world.client.sendMessage(Buffer.from(content), { from: 'a@x.test', to: ['b@y.test'] }));
    expect(world.commands).toEqual([]);
  });

  it('with a BOM, or without a final line end, is mended and nothing else', async () => {
    await using world = await World.start();
    await world.client.sendMessage(Buffer.from(`\ufeff${body.trimEnd()}`));
    expect(world.server.messages[0]?.content.toString()).toBe(body);
  });
});

it('a message that has passed a hundred servers is refused', async () => {
  await using world = await World.start();
  const raw = Buffer.from(`${'Received: from x by y; Mon, 1 Jan 2024 00:00:00 +0000\r\n'.repeat(101)}${body}`);
  await refusalOf(() => world.client.sendMessage(raw));
  expect(world.commands).toEqual([]);
});

describe('secrets on the command line', () => {
  const secret = 'Tr0ub4dor-and-3';
  const forms = [secret, Buffer.from(`\0ann\0${secret}`).toString('base64'), Buffer.from(secret).toString('hex')];

  it('are in no output, whether the login works or not, and whatever breaks', async () => {
    for (const on of [{}, { AUTH: '535 5.7.8 no' }, { AUTH: '(close)' }, { MAIL: '550 no' }]) {
      using folder = new Folder();
      await using server = await ScriptedServer.start({
        behave: { extensions: ['AUTH PLAIN'], accounts: { ann: secret }, on },
      });
      const url = `smtp://ann:${secret}@127.0.0.1:${String(server.port)}`;
      const said: string[] = [];
      for (const words of [[], ['--json'], ['--debug'], ['--debug', '--json']]) {
        const file = folder.file('m.eml', eml());
        const { out, err } = await posthaste(['send', file, ...words], { env: { SMTP_URL: url } });
        said.push(out, err);
      }
      for (const form of forms) expect(said.join('\n')).not.toContain(form);
    }
  });

  it('are not quoted out of a URL that cannot be used', async () => {
    for (const url of [
      `smtp://ann:${secret}@`,
      `http://ann:${secret}@h`,
      `smtp://ann:${secret}@h:x`,
      `ann:${secret}@h`,
    ]) {
      const { out, err, code } = await posthaste(['send', '--url', url], { stdin: eml() });
      expect(code).not.toBe(0);
      expect(out + err).not.toContain(secret);
    }
  });
});
