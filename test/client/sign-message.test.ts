/** Signatures made here are taken by another implementation: at once, after a resending, and after the way over SMTP. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  Message,
  MessageError,
  messageFromFile,
  signDkim,
  SMTP,
  type DkimKey,
  type Sendable,
  type SendMessageOptions,
  type SendResult,
} from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { readMessage } from '../../src/message/read-message.js';
import { verdicts, verify, type TestKey } from '../support/dkim-verifier.js';
import { rejectionOf } from '../support/rejection.js';
import { fixture } from '../message/fixture.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const domain = 'example.com';
const key: TestKey = { domain, selector: 'ed', privateKey: ed25519 };

/** Both algorithms, with every canonicalization. */
const everyKey: readonly TestKey[] = (
  ['relaxed/relaxed', 'relaxed/simple', 'simple/relaxed', 'simple/simple'] as const
).flatMap((canonicalization) => {
  const selector = canonicalization.replace('/', '-');
  return [
    { domain, selector: `rsa-${selector}`, privateKey: rsa, canonicalization },
    { domain, selector: `ed-${selector}`, privateKey: ed25519, canonicalization },
  ];
});
const allPass = everyKey.map(() => 'pass');

const RESENDING = { from: 'Rita <rita@example.net>', to: 'carol@example.org', bcc: 'secret@example.org' };

const TEXT = [
  'Received: from a by b; Fri, 11 Jul 2003 21:00:37 -0700',
  'From : Ann  Lee <ann@example.com>',
  'To: bob@example.org,',
  '\tcal@example.org  ',
  'Bcc: dan@example.org',
  'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
  'Message-ID: <1@example.com>',
  'Subject:   hi \t there ',
  'X-Other: not signed',
  '',
  '.hello  you \t',
  '',
  '\tand   you',
  ' ',
  '',
  '',
].join('\r\n');

async function bytesOf(message: Message): Promise<Buffer> {
  return Buffer.from(await message.toBytes());
}

/** Sends it over loopback, and gives what arrived. */
async function arrived(
  sendable: Sendable,
  options: SendMessageOptions = {},
): Promise<{ readonly content: Buffer; readonly result: SendResult }> {
  await using server = await ScriptedServer.start({ behave: { extensions: ['8BITMIME', 'SIZE', 'SMTPUTF8'] } });
  await using smtp = await SMTP.connect(server.url);
  const result = await smtp.sendMessage(sendable, options);
  const [message] = server.messages;
  if (message === undefined) throw new Error('nothing arrived');
  return { content: message.content, result };
}

/** A message may end with its header block; the verifier looks at it only behind an empty line. */
function withEmptyLine(content: Buffer): Buffer {
  return content.includes('\r\n\r\n') ? content : Buffer.concat([content, Buffer.from('\r\n')]);
}

/** The first signature's tags. */
function tagsOf(message: Message): Record<string, string> {
  const value = message.headers.get('DKIM-Signature') ?? '';
  return Object.fromEntries(
    value.split(';').map((tag) => tag.replace(/\s/g, '').split(/=(.*)/s, 2)) as [string, string][],
  );
}

describe('a signed message', () => {
  it('passes with both algorithms and every canonicalization', async () => {
    const signed = await signDkim(Message.parse(TEXT), everyKey);
    expect(await verify(await bytesOf(signed), everyKey)).toEqual(allPass);
  });

  it('is the same message with the signatures in front, and no other octet changed', async () => {
    const signed = await signDkim(Message.parse(TEXT), everyKey);
    const signatures = signed.headers.getAll('DKIM-Signature').length;
    expect(signatures).toBe(everyKey.length);
    const octets = await bytesOf(signed);
    const without = TEXT.replace('Bcc: dan@example.org\r\n', '');
    expect(octets.subarray(-without.length).toString('latin1')).toBe(without);
    const front = octets.subarray(0, -without.length).toString('latin1');
    const lines = front.split('\r\n').slice(0, -1);
    expect(lines.filter((line) => !line.startsWith(' '))).toHaveLength(everyKey.length);
    expect(lines.every((line) => line.length <= 78)).toBe(true);
  });

  it('passes after it went over SMTP', async () => {
    const signed = await signDkim(Message.parse(TEXT), everyKey);
    const { content } = await arrived(signed);
    expect(content.equals(await bytesOf(signed))).toBe(true);
    expect(await verify(content, everyKey)).toEqual(allPass);
  });

  it('passes after it was resent, and resent again, and sent', async () => {
    const signed = await signDkim(Message.parse(TEXT), everyKey);
    const once = signed.resend(RESENDING);
    expect(await verify(await bytesOf(once), everyKey)).toEqual(allPass);
    const twice = once.resend({ ...RESENDING, to: 'eve@example.org' });
    expect(await verify((await arrived(twice)).content, everyKey)).toEqual(allPass);
    const later = Message.parse((await arrived(once)).content).resend({ ...RESENDING, to: 'fay@example.org' });
    expect(await verify((await arrived(later)).content, everyKey)).toEqual(allPass);
  });

  it('may have been resent before: then its newest Resent-* fields are signed too, but no Bcc', async () => {
    const resent = Message.parse(TEXT).resend(RESENDING);
    const signed = await signDkim(resent, everyKey);
    expect(signed.envelope()).toEqual(resent.envelope());
    const names = (tagsOf(signed)['h'] ?? '').split(':');
    expect(names.filter((name) => name.startsWith('resent-'))).toEqual(['resent-date', 'resent-from', 'resent-to']);
    expect(names).not.toContain('bcc');
    const { content } = await arrived(signed);
    expect(content.toString()).not.toMatch(/secret@example\.org/);
    expect(await verify(content, everyKey)).toEqual(allPass);
    const again = signed.resend({ ...RESENDING, to: 'eve@example.org' });
    expect(await verify((await arrived(again)).content, everyKey)).toEqual(allPass);
  });

  it('may be signed by whoever resends it, over the signature of the author', async () => {
    const author: TestKey = { ...key, selector: 'author' };
    const resender: TestKey = { ...key, domain: 'example.net', selector: 'resender' };
    const once = await signDkim(Message.parse(TEXT), author);
    const twice = await signDkim(once.resend(RESENDING), resender);
    const results = await verdicts((await arrived(twice)).content, [author, resender]);
    expect(results.map(({ selector, result }) => [selector, result])).toEqual([
      ['resender', 'pass'],
      ['author', 'pass'],
    ]);
  });

  it('is sent with the same octets each time', async () => {
    const signed = await signDkim(Message.parse(TEXT), everyKey);
    expect((await bytesOf(signed)).equals(await bytesOf(signed))).toBe(true);
  });

  it('leaves the message that was given as it is', async () => {
    const message = Message.parse(TEXT);
    await signDkim(message, key);
    expect(message.headers.has('DKIM-Signature')).toBe(false);
  });

  it('is the message as it was when signing began', async () => {
    const message = Message.parse(TEXT);
    const signing = signDkim(message, key);
    message.headers.set('Subject', 'another');
    const signed = await signing;
    expect(signed.headers.get('Subject')).not.toBe('another');
    expect(await verify(await bytesOf(signed), [key])).toEqual(['pass']);
  });

  it('no longer passes when its fields are changed', async () => {
    const signed = await signDkim(Message.parse(TEXT), key);
    signed.headers.set('Subject', 'another');
    expect(await verify(await bytesOf(signed), [key])).toEqual(['fail']);
  });

  it.each(['From', 'Reply-To', 'Subject', 'Cc', 'To', 'Date', 'Message-ID'])(
    'no longer passes when another %s is put in front or behind',
    async (name) => {
      for (const add of ['prepend', 'append'] as const) {
        const signed = await signDkim(Message.parse(TEXT), everyKey);
        signed.headers[add](name, 'eve@example.org');
        expect(new Set(await verify(await bytesOf(signed), everyKey))).toEqual(new Set(['fail']));
      }
    },
  );

  it('passes whatever is done to the fields of the way', async () => {
    const signed = await signDkim(Message.parse(TEXT), everyKey);
    signed.headers.delete('Received');
    for (const name of ['Received', 'Authentication-Results', 'X-Spam']) signed.headers.prepend(name, 'something');
    expect(await verify(await bytesOf(signed), everyKey)).toEqual(allPass);
  });

  it('with oversigning off lets others add what was not there, and with a list only what it names', async () => {
    const open = await signDkim(Message.parse(TEXT), { ...key, oversign: false });
    open.headers.append('Cc', 'eve@example.org');
    expect(await verify(await bytesOf(open), [key])).toEqual(['pass']);
    const closed = await signDkim(Message.parse(TEXT), { ...key, oversign: ['X-Campaign'] });
    closed.headers.append('Cc', 'eve@example.org');
    expect(await verify(await bytesOf(closed), [key])).toEqual(['pass']);
    closed.headers.append('X-Campaign', '1');
    expect(await verify(await bytesOf(closed), [key])).toEqual(['fail']);
  });

  it('ends with its time', async () => {
    const signed = await signDkim(Message.parse(TEXT), { ...key, expiresInMs: 60_000 });
    const octets = await bytesOf(signed);
    const signedAt = Number(tagsOf(signed)['t']) * 1000;
    expect(await verify(octets, [key], new Date(signedAt + 59_000))).toEqual(['pass']);
    expect(await verify(octets, [key], new Date(signedAt + 61_000))).not.toEqual(['pass']);
  });

  it('does not pass for a key that is not in DNS, or another one', async () => {
    const octets = await bytesOf(await signDkim(Message.parse(TEXT), key));
    expect(await verify(octets, [])).not.toEqual(['pass']);
    expect(await verify(octets, [{ ...key, privateKey: generateKeyPairSync('ed25519').privateKey }])).toEqual(['fail']);
  });

  it('says so when its octets may be encoded anew on the way', async () => {
    const codes = (message: Message): readonly string[] => message.warnings.map(({ code }) => code);
    const plain = await signDkim(Message.parse(TEXT), key);
    expect(codes(plain)).toEqual([]);
    const eightBit = await signDkim(Message.parse(`${TEXT}caf\u00e9\r\n`), key);
    expect(codes(eightBit)).toEqual(['WARN_DKIM_EIGHT_BIT']);
    const { result } = await arrived(eightBit);
    expect(result.warnings.map(({ code }) => code)).toEqual(['WARN_DKIM_EIGHT_BIT']);
  });

  it('that was composed is in 7-bit form, which no server encodes anew', async () => {
    const message = Message.compose({
      from: 'a@example.com',
      to: 'b@example.org',
      subject: 'hi',
      text: 'caf\u00e9 \u20ac\n',
    });
    const signed = await signDkim(message, everyKey);
    const { content, result } = await arrived(signed);
    expect(content.every((octet) => octet < 128)).toBe(true);
    expect(result.warnings).toEqual([]);
    expect(await verify(content, everyKey)).toEqual(allPass);
    expect(await verify((await arrived(signed.resend(RESENDING))).content, everyKey)).toEqual(allPass);
  });

  it('says so when its key is shorter than it should be', async () => {
    const privateKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const signed = await signDkim(Message.parse(TEXT), { ...key, privateKey });
    expect(signed.warnings.map(({ code }) => code)).toEqual(['WARN_DKIM_KEY_SIZE']);
  });
});

describe('a signature', () => {
  it('does not pass when any octet of the body or of a signed field is another one', async () => {
    const strict = everyKey.filter(({ canonicalization }) => canonicalization === 'simple/simple');
    const octets = await bytesOf(await signDkim(Message.parse(TEXT), strict));
    const start = octets.indexOf('From :');
    const unsigned = octets.indexOf('X-Other');
    const end = octets.indexOf('\r\n', unsigned) + 2;
    const passed: number[] = [];
    for (let at = start; at < octets.length; at += 1) {
      const before = octets[at] ?? 0;
      // Line ends and the colons' own octets are of the syntax: changing those makes another message altogether.
      if ((at >= unsigned && at < end) || before === 0x0d || before === 0x0a) continue;
      const tampered = Buffer.from(octets);
      tampered[at] = before === 0x7a ? 0x79 : 0x7a;
      if ((await verify(tampered, strict)).includes('pass')) passed.push(at);
    }
    expect(passed).toEqual([]);
  }, 60_000);

  it.each([
    ['another word in the body', '.hello', '.hallo', []],
    ['a line more in the body', '\tand', 'more\r\n\tand', []],
    ['another word in the subject', 'there', 'where', []],
    ['white space in the body', '.hello  you', '.hello you', ['relaxed-relaxed', 'simple-relaxed']],
    [
      'empty lines at the end',
      ' \r\n\r\n',
      ' \r\n\r\n\r\n\r\n\r\n',
      ['relaxed-relaxed', 'relaxed-simple', 'simple-relaxed', 'simple-simple'],
    ],
    ['a field that is folded anew', 'org,\r\n\tcal', 'org,\r\n  cal', ['relaxed-relaxed', 'relaxed-simple']],
    ['another case of a name', 'Subject:', 'SUBJECT:', ['relaxed-relaxed', 'relaxed-simple']],
  ] as const)('bears %s only as its canonicalization says', async (_change, from, to, expected) => {
    const octets = await bytesOf(await signDkim(Message.parse(TEXT), everyKey));
    const changed = octets.toString('latin1').replace(from, to);
    expect(changed).not.toBe(octets.toString('latin1'));
    const results = await verdicts(Buffer.from(changed, 'latin1'), everyKey);
    const passed = results.filter(({ result }) => result === 'pass').map(({ selector }) => selector);
    expect(passed).toEqual(expected.flatMap((name) => [`rsa-${name}`, `ed-${name}`]));
  });

  it('passes over any message', async () => {
    const gaps = fc.constantFrom(' ', '  ', '\t', '\r\n ', ' \r\n\t ');
    const value = fc.array(fc.tuple(gaps, fc.stringMatching(/^[!-9;-~]{1,9}$/)), { maxLength: 4 });
    const name = fc.constantFrom(
      'Subject',
      'to',
      'Cc',
      'X-A',
      'Received',
      'Bcc',
      'References',
      'Content-Type',
      'List-Id',
    );
    const body = fc.array(fc.constantFrom('a', '.', ' ', '\t', '\n', '\r\n', '\r', '\u00e9', '--b', '\r\n\r\n'), {
      maxLength: 25,
    });
    const ed = everyKey.filter(({ privateKey }) => privateKey === ed25519);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 8 }), body, async (given, pieces) => {
        const fields = given.map(([field, words]) => `${field}:${words.flat().join('')}\r\n`).join('');
        const message = Message.parse(`From: a@example.com\r\n${fields}\r\n${pieces.join('')}`);
        const signed = await signDkim(message, ed);
        expect(await verify(await bytesOf(signed), ed)).toEqual(ed.map(() => 'pass'));
        const resent = await bytesOf(signed.resend(RESENDING));
        expect(await verify(resent, ed)).toEqual(ed.map(() => 'pass'));
      }),
    );
  }, 60_000);
});

describe('the fixtures', () => {
  /** What cannot be sent cannot be signed: for the same reason. */
  const refused: Readonly<Record<string, string>> = {
    'cr-cr-lf-ends-the-header-block': 'ERR_BARE_CR_IN_HEADER',
    'line-of-999-octets': 'ERR_LINE_TOO_LONG',
    'lone-cr-hides-a-bcc': 'ERR_BARE_CR_IN_HEADER',
    'nul-in-the-body': 'ERR_NUL_OCTET',
    'one-hundred-and-one-hops': 'ERR_MAIL_LOOP',
  };
  const facts = readdirSync(new URL('../../fixtures/messages', import.meta.url))
    .filter((file) => file.endsWith('.eml'))
    .map((file) => file.slice(0, -4));

  it.each(facts.filter((fact) => refused[fact] === undefined))(
    '%s passes before and after the resending',
    async (fact) => {
      const signed = await signDkim(Message.parse(fixture(fact)), everyKey);
      const sent = await arrived(signed, { from: 'a@example.com', to: 'b@example.com' });
      expect(await verify(withEmptyLine(sent.content), everyKey)).toEqual(allPass);
      const resent = await arrived(signed.resend(RESENDING));
      expect(await verify(withEmptyLine(resent.content), everyKey)).toEqual(allPass);
    },
  );

  it.each(Object.entries(refused))('%s is refused with %s', async (fact, code) => {
    expect(await rejectionOf(signDkim(Message.parse(fixture(fact)), key))).toMatchObject({ code });
  });

  it('are signed as the options for sending them say', async () => {
    const serializeOptions = { allowLongLines: true };
    const signed = await signDkim(Message.parse(fixture('line-of-999-octets')), everyKey, serializeOptions);
    const envelope = { from: 'a@example.com', to: 'b@example.com' };
    const { content } = await arrived(signed, { ...envelope, serializeOptions });
    expect(await verify(content, everyKey)).toEqual(allPass);
    const unsigned = Message.parse(fixture('line-of-999-octets'));
    const atOnce = await arrived(unsigned, { ...envelope, serializeOptions, dkim: everyKey });
    expect(await verify(atOnce.content, everyKey)).toEqual(allPass);
  });
});

describe('sendMessage with dkim', () => {
  const fields = {
    from: 'ann@example.com',
    to: 'bob@example.org',
    bcc: 'dan@example.org',
    subject: 'h\u00e9',
    text: 'hi\n',
  };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const chunk of [TEXT.slice(0, 99), TEXT.slice(99, 300), TEXT.slice(300)])
      yield await Promise.resolve(Buffer.from(chunk));
  }

  it.each<[string, () => Sendable]>([
    ['a Message', () => Message.parse(TEXT)],
    [
      'the fields of a new message',
      () => ({ ...fields, attachments: [{ content: Buffer.alloc(300, 'x'), filename: 'x' }] }),
    ],
    ['bytes', () => Buffer.from(TEXT)],
    ['a factory', () => chunks],
    ['an object with toBytes()', () => ({ toBytes: () => Promise.resolve(Buffer.from(TEXT)) })],
  ])('signs %s', async (_form, make) => {
    const { content, result } = await arrived(make(), { dkim: everyKey });
    expect(await verify(content, everyKey)).toEqual(allPass);
    expect(content.toString()).not.toMatch(/dan@example\.org/);
    expect(result.sizeBytes).toBe(content.length);
    expect(result.envelope.to).toContain('dan@example.org');
  });

  it('reads a streamed body twice: for the hash, and to send it', async () => {
    let opened = 0;
    const message = await readMessage(() => {
      opened += 1;
      return chunks();
    });
    opened = 0;
    const { content } = await arrived(message, { dkim: key });
    expect(opened).toBe(2);
    expect(await verify(content, [key])).toEqual(['pass']);
  });

  it('signs a message in a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'posthaste-'));
    try {
      const path = join(folder, 'message.eml');
      writeFileSync(path, `${TEXT}${'line \t of a large body\n'.repeat(20_000)}`);
      const { content } = await arrived(await messageFromFile(path), { dkim: everyKey });
      expect(await verify(content, everyKey)).toEqual(allPass);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('does not deliver a body that is no longer the one that was signed', async () => {
    let opened = 0;
    const message = await readMessage(async function* () {
      opened += 1;
      yield await Promise.resolve(
        Buffer.from(`From: a@example.com\nTo: b@example.com\n\n${opened < 3 ? 'old' : 'new'}\n`),
      );
    });
    await using server = await ScriptedServer.start({ behave: {} });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.sendMessage(message, { dkim: key }));
    expect(error).toMatchObject({ code: 'ERR_MESSAGE_CHANGED', delivery: 'not-sent' });
    expect(server.messages.map(({ outcome }) => outcome)).toEqual(['incomplete']);
  });

  it.each<[string, Sendable, unknown, string]>([
    ['a key that is none', chunks, { ...key, privateKey: 'nothing' }, 'ERR_INVALID_DKIM_KEY'],
    ['an empty list of keys', chunks, [], 'ERR_INVALID_DKIM_KEY'],
    ['text in the place of a key', chunks, 'example.com', 'ERR_INVALID_OPTION'],
    ['an order to sign Bcc', chunks, { ...key, headerFields: ['Bcc'] }, 'ERR_INVALID_DKIM_FIELDS'],
    ['a message without From', Buffer.from('Sender: a@example.com\nTo: b@example.com\n\n'), key, 'ERR_DKIM_NO_FROM'],
    [
      'a message that is read once',
      { ...fields, attachments: [{ content: chunks(), filename: 'x' }] },
      key,
      'ERR_DKIM_NOT_REPLAYABLE',
    ],
  ])('refuses %s before anything is said to the server', async (_fault, sendable, dkim, code) => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.sendMessage(sendable, { dkim: dkim as DkimKey }));
    expect(error).toBeInstanceOf(MessageError);
    expect(error).toMatchObject({ code, delivery: 'not-sent', hint: expect.any(String) as string });
    expect(server.connections[0]?.commands.map(({ verb }) => verb)).toEqual(['EHLO']);
    await smtp.sendMessage(fields);
    expect(server.messages).toHaveLength(1);
  });

  it('looks at the keys before it opens the source of the message', async () => {
    let opened = 0;
    const source = (): AsyncIterable<Uint8Array> => {
      opened += 1;
      return chunks();
    };
    await using server = await ScriptedServer.start({ behave: {} });
    await using smtp = await SMTP.connect(server.url);
    const dkim = { ...key, domain: 'nowhere' };
    expect(await rejectionOf(smtp.sendMessage(source, { dkim }))).toMatchObject({ code: 'ERR_INVALID_DKIM_DOMAIN' });
    expect(opened).toBe(0);
  });

  it('stops reading the message when the caller gives up', async () => {
    const controller = new AbortController();
    let closed = 0;
    let opened = 0;
    let linesRead = 0;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      opened += 1;
      const isHash = opened === 2;
      try {
        yield Buffer.from('From: a@example.com\nTo: b@example.com\n\n');
        for (let index = 0; index < 1000; index += 1) {
          if (isHash && index === 5) controller.abort();
          if (isHash) linesRead = index;
          yield await Promise.resolve(Buffer.from('line\n'));
        }
      } finally {
        closed += 1;
      }
    };
    await using server = await ScriptedServer.start({ behave: {} });
    await using smtp = await SMTP.connect(server.url);
    const sending = smtp.sendMessage(source, { dkim: key, signal: controller.signal });
    expect(await rejectionOf(sending)).toMatchObject({ code: 'ERR_ABORTED', delivery: 'not-sent' });
    while (closed < 2) await new Promise(setImmediate);
    expect([opened, closed, linesRead]).toEqual([2, 2, 5]);
  });

  it('is refused by sendmail(), whose octets are sent as they are', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using smtp = await SMTP.connect(server.url);
    const error = await rejectionOf(smtp.sendmail('a@example.com', 'b@example.com', TEXT, { dkim: key }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', hint: expect.stringContaining('sendMessage') as string });
  });
});

describe('signDkim', () => {
  it.each<[string, unknown]>([
    ['bytes', Buffer.from(TEXT)],
    ['fields', { from: 'a@example.com' }],
    ['nothing', undefined],
  ])('refuses %s: it takes a Message', async (_kind, given) => {
    expect(await rejectionOf(signDkim(given as Message, key))).toMatchObject({ code: 'ERR_INVALID_MESSAGE' });
  });

  it('refuses a message that can be read only once, and leaves it unread', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from(TEXT));
    }
    const message = await readMessage(source());
    expect(await rejectionOf(signDkim(message, key))).toMatchObject({ code: 'ERR_DKIM_NOT_REPLAYABLE' });
    // Its octets may still be taken into memory, and signed then.
    const signed = await signDkim(Message.parse(await message.toBytes()), key);
    expect(await verify(await bytesOf(signed), [key])).toEqual(['pass']);
  });

  it('refuses a block that begins with a continuation line, which would become part of the signature', async () => {
    const message = Message.parse(' folded\r\nFrom: a@example.com\r\n\r\n');
    expect(await rejectionOf(signDkim(message, key))).toMatchObject({ code: 'ERR_MALFORMED_HEADER' });
  });
});
