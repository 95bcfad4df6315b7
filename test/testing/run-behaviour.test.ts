import { type Behaviour, ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';
import { codes, hello, mail, message, rcpt, talk } from './talk.js';

describe('the ordinary server', () => {
  it('takes a message, a second one, and QUIT', async () => {
    const { replies, server } = await talk({}, [
      hello,
      mail,
      rcpt,
      'DATA',
      message,
      mail,
      rcpt,
      'DATA',
      message,
      'QUIT',
    ]);
    expect(codes(replies)).toEqual([220, 250, 250, 250, 354, 250, 250, 250, 354, 250, 221]);
    expect(replies[5]).toBe('250 2.0.0 queued as T1-1');
    expect(server.messages).toMatchObject([
      { envelope: { from: 'a@x', to: ['b@x'] }, outcome: 'queued', reply: { text: '2.0.0 queued as T1-1' } },
      { envelope: { from: 'a@x', to: ['b@x'] }, outcome: 'queued', reply: { text: '2.0.0 queued as T1-2' } },
    ]);
    expect(server.violations).toEqual([]);
    expect(server.totals).toEqual({
      connections: 1,
      commands: 8,
      violations: 0,
      queued: 2,
      refused: 0,
      unanswered: 0,
      incomplete: 0,
    });
  });

  it.each<[string, string[], number[]]>([
    ['MAIL before EHLO', [mail], [503]],
    ['RCPT before MAIL', [hello, rcpt], [250, 503]],
    ['DATA before MAIL', [hello, 'DATA'], [250, 503]],
    ['DATA before RCPT', [hello, mail, 'DATA'], [250, 250, 554]],
    ['a nested MAIL, which leaves the first one open', [hello, mail, mail, rcpt, 'DATA'], [250, 250, 503, 250, 354]],
    ['RCPT after RSET', [hello, mail, 'RSET', rcpt], [250, 250, 250, 503]],
    ['RCPT after a second EHLO', [hello, mail, hello, rcpt], [250, 250, 250, 503]],
    ['DATA after RSET', [hello, mail, rcpt, 'RSET', 'DATA'], [250, 250, 250, 250, 503]],
    ['EHLO without a name', ['EHLO'], [501]],
    ['LHLO', ['LHLO me'], [500]],
    ['a verb that it does not know', ['FROB x'], [500]],
    ['an empty line', [''], [500]],
    ['MAIL without brackets', [hello, 'MAIL FROM:a@x'], [250, 501]],
    ['MAIL with TO', [hello, 'MAIL TO:<a@x>'], [250, 501]],
    ['RCPT with an empty path', [hello, mail, 'RCPT TO:<>'], [250, 250, 501]],
    ['MAIL with the null path', [hello, 'MAIL FROM:<>'], [250, 250]],
    ['a quoted local part with a bracket', [hello, 'MAIL FROM:<"a> b"@x>'], [250, 250]],
    [
      'parameters that it offers',
      [hello, `${mail} SIZE=5 BODY=8BITMIME RET=HDRS`, `${rcpt} NOTIFY=NEVER`],
      [250, 250, 250],
    ],
    ['a parameter that it does not offer', [hello, `${mail} REQUIRETLS`], [250, 555]],
    ['a parameter after HELO', ['HELO me', `${mail} SIZE=5`], [250, 555]],
    ['a size above its limit', [hello, `${mail} SIZE=99999999`], [250, 552]],
    ['a non-ASCII address', [hello, 'MAIL FROM:<\xc3\xbc@x>', 'MAIL FROM:<\xc3\xbc@x> SMTPUTF8'], [250, 553, 250]],
    ['DATA with an argument', [hello, mail, rcpt, 'DATA now'], [250, 250, 250, 501]],
    ['the small commands', ['NOOP', 'VRFY a', 'EXPN l', 'HELP', 'RSET'], [250, 252, 252, 214, 250]],
    ['STARTTLS that it does not offer', [hello, 'STARTTLS'], [250, 502]],
    ['AUTH that it does not offer', [hello, 'AUTH PLAIN AGEAYg=='], [250, 502]],
  ])('answers %s', async (_, lines, expected) => {
    const { replies } = await talk({}, lines);
    expect(codes(replies).slice(1)).toEqual(expected);
  });

  it('announces what it is told to announce', async () => {
    const { replies } = await talk({ hostname: 'mx.example', extensions: ['SIZE 100', '8BITMIME'] }, [
      hello,
      'HELO me',
    ]);
    expect(replies).toEqual([
      '220 mx.example ESMTP',
      '250-mx.example\r\n250-SIZE 100\r\n250 8BITMIME',
      '250 mx.example',
    ]);
    expect((await talk({ extensions: [] }, [hello])).replies[1]).toBe('250 scripted.test');
  });

  it('refuses content above the size that it announces', async () => {
    const { replies, server } = await talk({ extensions: ['SIZE 10'] }, [hello, mail, rcpt, 'DATA', message]);
    expect(codes(replies).at(-1)).toBe(552);
    expect(server.messages).toMatchObject([{ outcome: 'refused', reply: { code: 552 } }]);
  });

  it('reads chunks of BDAT and counts their octets', async () => {
    const { replies, server } = await talk({}, [
      hello,
      mail,
      rcpt,
      'BDAT 5\r\nQUI',
      'BDAT 5 LAST\r\nT..',
      'BDAT 2\r\n',
      'BDAT x',
    ]);
    expect(codes(replies).slice(4)).toEqual([250, 250, 503, 501]);
    expect(server.messages).toMatchObject([{ framing: 'bdat', outcome: 'queued' }]);
    expect(String(server.messages[0]?.content)).toBe('QUI\r\nT..\r\n');
    expect(server.violations).toEqual([]);
  });

  it('does not mix BDAT and DATA', async () => {
    const { replies } = await talk({}, [hello, mail, rcpt, 'BDAT 5\r\nQUI', 'DATA']);
    expect(codes(replies).slice(4)).toEqual([250, 503]);
  });

  it('gives a chunk without recipients back unread', async () => {
    const { replies, server } = await talk({}, [hello, mail, 'BDAT 8\r\nRSET x', 'NOOP']);
    expect(codes(replies).slice(3)).toEqual([554, 250]);
    expect(server.connections[0]?.commands.map((command) => command.verb)).toEqual(['EHLO', 'MAIL', 'BDAT', 'NOOP']);
  });

  it('reads a chunk as commands when it does not know BDAT', async () => {
    const { server } = await talk({ unsupported: ['bdat'] }, [hello, mail, rcpt, 'BDAT 6\r\nRSET']);
    await server.close();
    expect(server.connections[0]?.commands.map((command) => [command.verb, command.reply?.code]).slice(3)).toEqual([
      ['BDAT', 502],
      ['RSET', 250],
    ]);
  });
});

describe('LMTP', () => {
  const lmtp = { protocol: 'lmtp' } as const;

  it('answers once for each accepted recipient', async () => {
    await using server = await ScriptedServer.start(
      { behave: { on: { 'RCPT:2': '550 no', 'delivery:2': '452 4.2.2 full', 'delivery:<d@x>': '550 5.7.1 never' } } },
      lmtp,
    );
    await using client = await RawClient.connect(server);
    expect(await client.reply()).toBe('220 scripted.test LMTP');
    expect(codes([await client.say(hello), await client.say('LHLO me')])).toEqual([500, 250]);
    await client.say(mail);
    for (const name of ['a', 'b', 'c', 'd']) await client.say(`RCPT TO:<${name}@x>`);
    await client.say('DATA');
    client.write(`${message}\r\n`);
    expect(codes([await client.reply(), await client.reply(), await client.reply()])).toEqual([250, 452, 550]);
    expect(server.messages[0]?.recipients.map((one) => [one.address, one.reply?.code, one.final?.code])).toEqual([
      ['a@x', 250, 250],
      ['b@x', 550, undefined],
      ['c@x', 250, 452],
      ['d@x', 250, 550],
    ]);
    expect(server.messages[0]?.outcome).toBe('queued');
  });

  it('can say all final replies in one answer, and fewer than it owes', async () => {
    const { server } = await talk(
      { on: { final: '250 first\n(close)' } },
      ['LHLO me', mail, rcpt, 'RCPT TO:<c@x>', 'DATA', message],
      lmtp,
    );
    expect(server.messages[0]?.recipients.map((one) => one.final?.code)).toEqual([250, undefined]);
  });
});

describe('an answer that is replaced', () => {
  it.each<[string, Behaviour['on'], string[], number[]]>([
    ['the greeting', { greeting: '554 5.3.2 go away' }, [], [554]],
    ['EHLO', { EHLO: '502 5.5.1 no' }, [hello, 'HELO me'], [220, 502, 250]],
    ['the second EHLO only', { 'EHLO:2': '421 4.3.2 no' }, [hello, hello, hello], [220, 250, 421, 250]],
    ['MAIL', { MAIL: '450 4.7.1 later' }, [hello, mail, rcpt], [220, 250, 450, 503]],
    ['MAIL by its address', { 'MAIL:<a@x>': '550 no' }, [hello, mail, 'MAIL FROM:<b@x>'], [220, 250, 550, 250]],
    [
      'RCPT by its number',
      { 'RCPT:2': '550 5.1.1 no' },
      [hello, mail, rcpt, rcpt, rcpt],
      [220, 250, 250, 250, 550, 250],
    ],
    [
      'RCPT by its address',
      { 'RCPT:<c@x>': '550 5.1.1 no' },
      [hello, mail, rcpt, 'RCPT TO:<c@x>'],
      [220, 250, 250, 250, 550],
    ],
    [
      'the exact key before the general one',
      { RCPT: '550 no', 'RCPT:2': '250 ok' },
      [hello, mail, rcpt, rcpt],
      [220, 250, 250, 550, 250],
    ],
    [
      'all RCPT: DATA has no recipients then',
      { RCPT: '550 no' },
      [hello, mail, rcpt, 'DATA'],
      [220, 250, 250, 550, 554],
    ],
    ['DATA', { DATA: '451 4.3.0 no' }, [hello, mail, rcpt, 'DATA', 'RSET'], [220, 250, 250, 250, 451, 250]],
    [
      'DATA by a wrong 2xx: content is read as commands',
      { DATA: '250 what' },
      [hello, mail, rcpt, 'DATA', 'NOOP'],
      [220, 250, 250, 250, 250, 250],
    ],
    [
      'DATA by a 354 without recipients',
      { RCPT: '550 no', DATA: '354 go' },
      [hello, mail, rcpt, 'DATA', '.'],
      [220, 250, 250, 550, 354, 250],
    ],
    ['final', { final: '554 5.6.0 no' }, [hello, mail, rcpt, 'DATA', message], [220, 250, 250, 250, 354, 554]],
    [
      'the second final',
      { 'final:2': '451 no' },
      [hello, mail, rcpt, 'DATA', message, mail, rcpt, 'DATA', message],
      [220, 250, 250, 250, 354, 250, 250, 250, 354, 451],
    ],
    ['RSET: the transaction stays', { RSET: '500 no' }, [hello, mail, 'RSET', rcpt], [220, 250, 250, 500, 250]],
    ['QUIT', { QUIT: '500 no' }, [hello, 'QUIT'], [220, 250, 500]],
    ['a verb that it does not know', { unknown: '421 no' }, [hello, 'FROB'], [220, 250, 421]],
    ['a chunk', { 'BDAT:1': '452 no' }, [hello, mail, rcpt, 'BDAT 2\r\n'], [220, 250, 250, 250, 452]],
    ['the only chunk', { BDAT: '452 no' }, [hello, mail, rcpt, 'BDAT 2 LAST\r\n'], [220, 250, 250, 250, 452]],
    ['the content of BDAT', { final: '452 no' }, [hello, mail, rcpt, 'BDAT 2 LAST\r\n'], [220, 250, 250, 250, 452]],
  ])('%s', async (_, on, lines, expected) => {
    const { replies } = await talk(on === undefined ? {} : { on }, lines);
    expect(codes(replies)).toEqual(expected);
  });

  it('can be several lines, bytes, actions, or a list of them', async () => {
    await using server = await ScriptedServer.start({
      behave: { on: { EHLO: ['250-mx\n250 SIZE', Buffer.from('!'), '(close)'] } },
    });
    await using client = await RawClient.connect(server);
    await client.reply();
    client.write(`${hello}\r\n`);
    await client.closed();
    expect(client.heard).toBe('250-mx\r\n250 SIZE\r\n!');
  });

  it('can be a function, which may leave the ordinary answer standing', async () => {
    const { replies, server } = await talk(
      {
        on: {
          RCPT: ({ address, occurrence }) => (occurrence > 2 ? `452 4.5.3 enough for ${String(address)}` : undefined),
        },
      },
      [hello, mail, rcpt, rcpt, rcpt],
    );
    expect(replies.slice(3)).toEqual(['250 2.1.5 recipient ok', '250 2.1.5 recipient ok', '452 4.5.3 enough for b@x']);
    expect(server.failures).toEqual([]);
  });

  it('can differ from connection to connection', async () => {
    await using server = await ScriptedServer.start({
      behave: (connection) => (connection === 1 ? { on: { greeting: '421 busy\n(close)' } } : {}),
    });
    await using one = await RawClient.connect(server);
    expect(await one.reply()).toBe('421 busy');
    await using two = await RawClient.connect(server);
    expect(await two.reply()).toBe('220 scripted.test ESMTP');
  });

  it('before the greeting can be a reset', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { connect: '(reset)' } } });
    await using client = await RawClient.connect(server);
    await client.closed();
    expect(client.heard).toBe('');
  });

  it('can come while the content arrives', async () => {
    await using server = await ScriptedServer.start({
      behave: { on: { content: '(hold first)', 'content:20': ['452 4.3.1 full', '(close)'] } },
    });
    await using client = await RawClient.connect(server);
    await client.reply();
    for (const line of [hello, mail, rcpt, 'DATA']) await client.say(line);
    client.write('x');
    await server.held('first');
    server.release('first');
    client.write('y'.repeat(19));
    expect(await client.reply()).toBe('452 4.3.1 full');
    await client.closed();
    await server.finished();
    expect(server.messages).toMatchObject([{ outcome: 'incomplete', raw: Buffer.from(`x${'y'.repeat(19)}`) }]);
  });

  it('an early reply to content does not stand for the final one', async () => {
    const { server } = await talk({ on: { content: '(surplus 250 ok)', final: '554 no' } }, [
      hello,
      mail,
      rcpt,
      'DATA',
      message,
    ]);
    expect(server.messages).toMatchObject([{ outcome: 'refused', reply: { code: 554 } }]);
  });

  it('an early reply stands for the command that it is for', async () => {
    const { server } = await talk({ on: { MAIL: ['250 ok', '(early 250 rcpt)'], RCPT: [] } }, [
      hello,
      mail,
      rcpt,
      'DATA',
    ]);
    expect(server.connections[0]?.commands.map((command) => command.reply?.code)).toEqual([250, 250, 250, 354]);
  });

  it('a content without an answer is unanswered, one that was cut off incomplete', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { final: '(reset)' } } });
    for (const [said, outcome] of [
      [`${message}\r\n`, 'unanswered'],
      ['abc', 'incomplete'],
    ] as const) {
      await using client = await RawClient.connect(server);
      await client.reply();
      for (const line of [hello, mail, rcpt, 'DATA']) await client.say(line);
      client.socket.end(said);
      await client.closed();
      await server.waitFor(() => server.messages.at(-1)?.outcome === outcome, outcome);
    }
    expect(server.totals).toMatchObject({ unanswered: 1, incomplete: 1, queued: 0 });
  });
});

describe('the strictness of the ordinary server', () => {
  it('books what content must not hold', async () => {
    const { server } = await talk({}, [hello, mail, rcpt, 'DATA', 'a\nb\rc\r\n.x\r\n\xfc\r\n.']);
    expect(server.messages[0]?.violations.map((one) => one.kind).sort()).toEqual([
      'bare-cr',
      'bare-lf',
      'eight-bit',
      'unstuffed-dot',
    ]);
    await expect(server.finished()).rejects.toThrow('bare-lf in content at 1');
  });

  it.each(['BODY=8BITMIME', 'SMTPUTF8'])('lets 8-bit content pass with %s', async (parameter) => {
    const { server } = await talk({}, [hello, `${mail} ${parameter}`, rcpt, 'DATA', '\xfc\r\n.']);
    expect(server.violations).toEqual([]);
  });

  it('books pipelining that was not offered', async () => {
    await using server = await ScriptedServer.start({ behave: { extensions: [] } });
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say(hello);
    client.write(`${mail}\r\n${rcpt}\r\n`);
    expect(codes([await client.reply(), await client.reply()])).toEqual([250, 250]);
    expect(server.violations).toMatchObject([{ kind: 'early-talk', detail: '15 octets behind MAIL' }]);
  });

  it.each(['EHLO me', 'NOOP', 'VRFY a', 'DATA'])('books what follows %s in the same write', async (line) => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say(hello);
    client.write(`${line}\r\nRSET\r\n`);
    expect([await client.reply(), await client.reply()]).toHaveLength(2);
    expect(server.violations.map((one) => one.kind)).toEqual(['early-talk']);
  });

  it('lets a group of RFC 2920 pass, with content in front', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say(hello);
    const group = `${mail}\r\n${rcpt}\r\nDATA\r\n`;
    client.write(group);
    expect(codes([await client.reply(), await client.reply(), await client.reply()])).toEqual([250, 250, 354]);
    client.write(`${message}\r\nRSET\r\n${group}`);
    for (const code of [250, 250, 250, 250, 354]) expect(codes([await client.reply()])).toEqual([code]);
    client.write('.\r\nQUIT\r\n');
    expect(codes([await client.reply(), await client.reply()])).toEqual([250, 221]);
    await client.closed();
    await server.finished();
    expect(server.messages).toHaveLength(2);
  });

  it('a function can disconnect early talkers', async () => {
    await using server = await ScriptedServer.start({
      behave: { on: { NOOP: ({ peer }) => (peer.bufferedBytes > 0 ? ['521 5.5.1 wait', '(close)'] : undefined) } },
    });
    await using client = await RawClient.connect(server);
    await client.reply();
    expect(await client.say('NOOP')).toMatch(/^250/);
    expect(await client.say('NOOP\r\nRSET')).toBe('521 5.5.1 wait');
  });
});

describe('STARTTLS', () => {
  it('is offered until it is used, and forgets what was before', async () => {
    await using server = await ScriptedServer.start({ behave: { extensions: ['STARTTLS', 'SIZE'] } });
    await using client = await RawClient.connect(server);
    await client.reply();
    expect(await client.say(hello)).toBe('250-scripted.test\r\n250-STARTTLS\r\n250 SIZE');
    expect(await client.say('STARTTLS')).toMatch(/^220/);
    await client.upgrade(server.certificate);
    expect(await client.say(mail)).toMatch(/^503/);
    expect(await client.say(hello)).toBe('250-scripted.test\r\n250 SIZE');
    expect(await client.say('STARTTLS')).toMatch(/^502/);
    expect(await client.say('QUIT')).toMatch(/^221/);
    await client.closed();
    await server.finished();
  });
});

describe('an answer that is no reply', () => {
  it('leaves its command unanswered, and the next reply to the next command', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { greeting: 'hello', NOOP: 'what?' } } });
    await using client = await RawClient.connect(server);
    client.write('EHLO me\r\n');
    await client.until(() => client.heard.includes('250 SIZE'), 'the reply to EHLO');
    client.write('NOOP\r\nRSET\r\nQUIT\r\n');
    await client.closed();
    expect(server.connections[0]?.commands.map((command) => [command.verb, command.reply?.code])).toEqual([
      ['EHLO', 250],
      ['NOOP', undefined],
      ['RSET', 250],
      ['QUIT', 221],
    ]);
  });
});
