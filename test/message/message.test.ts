import { Message } from '../../src/message/message.js';
import type { SerializeOptions } from '../../src/types.js';
import { failure } from './failure.js';
import { fixture } from './fixture.js';

async function sent(raw: string | Uint8Array, options?: SerializeOptions): Promise<string> {
  return latin1(await Message.parse(raw).toBytes(options));
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1');
}

describe('parse', () => {
  it('keeps the octets it was given', async () => {
    const raw = fixture('new-mail-with-bcc');
    const before = Buffer.from(raw);
    const parsed = Message.parse(raw);
    parsed.headers.set('Subject', 'other');
    await parsed.toBytes();
    expect(raw.equals(before)).toBe(true);
  });

  it('takes a string as UTF-8, and a plain Uint8Array', () => {
    expect(Message.parse('Subject: Grüße\n\n').headers.get('Subject')).toBe('Grüße');
    const view = new Uint8Array(new TextEncoder().encode('xxA: 1\n\n')).subarray(2);
    expect(Message.parse(view).headers.get('A')).toBe('1');
  });

  it.each<[what: string, raw: string]>([
    ['no octets', ''],
    ['a BOM alone', '\ufeff'],
    ['an mbox line alone', 'From a@b Fri Nov 21\n'],
    ['an empty line alone', '\r\n'],
  ])('refuses %s as empty', (_what, raw) => {
    expect(() => Message.parse(raw)).toThrow(failure({ code: 'ERR_MESSAGE_EMPTY', hint: expect.any(String) }));
  });

  it.each([undefined, null, 7, { raw: '' }, ['A: 1']])('refuses %j', (raw) => {
    expect(() => Message.parse(raw as unknown as string)).toThrow(failure({ code: 'ERR_INVALID_MESSAGE' }));
  });

  it('refuses a header block over 1 MiB', () => {
    expect(() => Message.parse('x'.repeat(1_100_000))).toThrow(failure({ code: 'ERR_HEADER_BLOCK_TOO_LARGE' }));
  });

  it('takes a message of only a body', async () => {
    expect(await sent('\r\nText')).toBe('\r\nText\r\n');
  });

  it('can be sent again', () => {
    expect(Message.parse('A: 1\n\n').replayable).toBe(true);
  });
});

describe('edited fields', () => {
  it('leave where they stand, and the others stay as they are', async () => {
    const parsed = Message.parse('A:  1\nB: 2\nC :3\n\nText\n');
    parsed.headers.set('B', 'two');
    parsed.headers.append('D', '4');
    parsed.headers.prepend('E', '5');
    expect(latin1(await parsed.toBytes())).toBe('E: 5\r\nA:  1\r\nB: two\r\nC :3\r\nD: 4\r\n\r\nText\r\n');
  });

  it('stand on lines of their own behind a last line without end', async () => {
    const parsed = Message.parse('A: 1');
    parsed.headers.append('B', '2');
    expect(latin1(await parsed.toBytes())).toBe('A: 1\r\nB: 2\r\n');
  });

  it('change the envelope', () => {
    const parsed = Message.parse('From: a@x\nTo: b@x\nBcc: c@x\n\n');
    parsed.headers.delete('Bcc');
    parsed.headers.append('Cc', 'd@x');
    expect(parsed.envelope().to).toEqual(['b@x', 'd@x']);
  });

  it('are removed when they are blind copies', async () => {
    const parsed = Message.parse('A: 1\r\n\r\n');
    parsed.headers.append('Bcc', 'a@b');
    parsed.headers.prepend('RESENT-BCC', 'a@b');
    expect(latin1(await parsed.toBytes())).toBe('A: 1\r\n\r\n');
  });
});
