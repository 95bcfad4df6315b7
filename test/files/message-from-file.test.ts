import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageFromFile } from '../../src/files/message-from-file.js';
import { Message, serializeMessage } from '../../src/message/message.js';
import { failure } from '../message/failure.js';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthaste-files-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, octets: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, octets);
  return path;
}

function fixturePath(fact: string): string {
  return fileURLToPath(new URL(`../../fixtures/messages/${fact}.eml`, import.meta.url));
}

async function sizeOf(octets: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of octets) size += chunk.length;
  return size;
}

const large = `From: a@x\nTo: b@x\nBcc: c@x\n\n${'.some text of a line\n'.repeat(200_000)}`;

describe('a message in a file', () => {
  it.each([
    'new-mail-with-bcc',
    'bcc-in-every-form',
    'byte-order-mark',
    'header-only',
    'header-only-without-line-end',
    'no-final-line-end',
    'utf-8-header',
  ])('is the same as when it is parsed: %s', async (fact) => {
    const path = fixturePath(fact);
    const parsed = Message.parse(readFileSync(path));
    for (const scan of [false, true]) {
      const message = await messageFromFile(path, { scan });
      expect(message.envelope()).toEqual(parsed.envelope());
      expect(message.replayable).toBe(true);
      expect(await message.toBytes()).toEqual(await parsed.toBytes());
      expect(await message.toBytes()).toEqual(await parsed.toBytes());
    }
  });

  it('has its body read from the file, in pieces', async () => {
    const message = await messageFromFile(file('large.eml', large));
    const expected = 'From: a@x\r\nTo: b@x\r\n\r\n'.length + 200_000 * 22;
    expect(await sizeOf(message.stream())).toBe(expected);
    expect(serializeMessage(message)).toMatchObject({ segments: undefined, sizeBytes: undefined, eightBit: undefined });
  });

  it('refuses a scan that is neither true nor false', async () => {
    const reading = messageFromFile(file('choice.eml', large), { scan: 'yes' as never });
    await expect(reading).rejects.toThrow(failure({ code: 'ERR_INVALID_OPTION' }));
  });

  it('is known beforehand when it was scanned', async () => {
    const message = await messageFromFile(file('scanned.eml', large), { scan: true });
    const content = serializeMessage(message);
    expect(content).toMatchObject({ eightBit: false, dotLines: 200_000, headerCharset: 'ascii' });
    expect(await sizeOf(content.stream())).toBe(content.sizeBytes);
  });

  it.each(['A: 1', 'A: 1\n', 'A: 1\n\n', 'A: 1\n\nx', 'A: 1\n\n\xff\r\n', 'Bcc: b\nA: \xff\n\nText\r\r\n'])(
    'has the scanned size and width of %j',
    async (text) => {
      const path = file('exact.eml', Buffer.from(text, 'latin1'));
      const content = serializeMessage(await messageFromFile(path, { scan: true }));
      const { sizeBytes, eightBit, dotLines } = serializeMessage(Message.parse(Buffer.from(text, 'latin1')));
      expect(content).toMatchObject({ sizeBytes, eightBit, dotLines });
    },
  );

  it.each([
    ['exactly, when its line ends are CRLF', 'A: 1\r\nBcc: b\r\n\r\n.Text\r\n\r\nText\r\n', 0],
    ['exactly, when it is a header block', 'A: 1\r\n', 0],
    ['but for the line ends that lack an octet', 'A: 1\nBcc: b\n\nText\nText\rText', 1 + 1 + 2],
    ['but for its last line end', 'A: 1\r\n\r\nText', 2],
  ])('has its size foretold %s', async (_fact, text, missing) => {
    const message = await messageFromFile(file('foretold.eml', text));
    const content = serializeMessage(message);
    expect(content.sizeBytes).toBeUndefined();
    expect(content.leastSizeBytes).toBe((await message.toBytes()).length - missing);
  });

  it('has its long lines refused before it is sent, when it was scanned', async () => {
    const message = await messageFromFile(fixturePath('line-of-999-octets'), { scan: true });
    expect(() => message.stream()).toThrow(failure({ code: 'ERR_LINE_TOO_LONG' }));
    expect(await sizeOf(message.stream({ allowLongLines: true }))).toBe(
      statSync(fixturePath('line-of-999-octets')).size,
    );
  });

  it('has its NUL refused when it is scanned, else in the middle', async () => {
    await expect(messageFromFile(fixturePath('nul-in-the-body'), { scan: true })).rejects.toThrow(
      failure({ code: 'ERR_NUL_OCTET' }),
    );
    const message = await messageFromFile(fixturePath('nul-in-the-body'));
    await expect(message.toBytes()).rejects.toThrow(failure({ code: 'ERR_NUL_OCTET' }));
  });

  it('must not change', async () => {
    const path = file('changing.eml', 'A: 1\n\nText\n');
    const message = await messageFromFile(path);
    writeFileSync(path, 'B: 1\n\nTxet\n');
    utimesSync(path, 1, 1);
    await expect(message.toBytes()).rejects.toThrow(failure({ code: 'ERR_MESSAGE_CHANGED', hint: expect.any(String) }));
  });

  it('ends where it ended when its reading began', async () => {
    const path = file('growing.eml', large);
    const message = await messageFromFile(path);
    let size = 0;
    let grown = false;
    for await (const chunk of message.stream()) {
      // Behind the header block the file is open.
      if (size > 1000 && !grown) appendFileSync(path, 'more\n');
      grown ||= size > 1000;
      size += chunk.length;
    }
    expect(size).toBe('From: a@x\r\nTo: b@x\r\n\r\n'.length + 200_000 * 22);
    await expect(message.toBytes()).rejects.toThrow(failure({ code: 'ERR_MESSAGE_CHANGED' }));
  });

  it('must not shrink while it is read', async () => {
    const path = file('shrinking.eml', large);
    const message = await messageFromFile(path);
    const reading = async (): Promise<void> => {
      for await (const chunk of message.stream()) if (Buffer.from(chunk).includes('text')) truncateSync(path, 100);
    };
    await expect(reading()).rejects.toThrow(failure({ code: 'ERR_MESSAGE_CHANGED' }));
  });

  it('must not vanish', async () => {
    const path = file('vanishing.eml', 'A: 1\n\nText\n');
    const message = await messageFromFile(path);
    rmSync(path);
    await expect(message.toBytes()).rejects.toThrow(failure({ code: 'ERR_FILE_NOT_READABLE' }));
  });
});

describe('what is no message in a file', () => {
  it('is told by name, with what to do and what the system said', async () => {
    const path = join(folder, 'missing.eml');
    await expect(messageFromFile(path)).rejects.toThrow(
      failure({
        name: 'MessageError',
        code: 'ERR_FILE_NOT_READABLE',
        message: expect.stringContaining('missing.eml'),
        hint: expect.stringContaining('path'),
        cause: expect.objectContaining({ code: 'ENOENT' }),
      }),
    );
  });

  it('may be a directory', async () => {
    await expect(messageFromFile(folder)).rejects.toThrow(
      failure({ code: 'ERR_NOT_A_FILE', message: expect.stringContaining('directory') }),
    );
  });

  it('may be a pipe, which is not waited for', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    await expect(messageFromFile(path)).rejects.toThrow(failure({ code: 'ERR_NOT_A_FILE' }));
  });

  it('may be empty', async () => {
    await expect(messageFromFile(file('empty.eml', ''))).rejects.toThrow(failure({ code: 'ERR_MESSAGE_EMPTY' }));
  });

  it('may have a header block without end', async () => {
    const path = file('endless.eml', 'x'.repeat(3_000_000));
    await expect(messageFromFile(path)).rejects.toThrow(failure({ code: 'ERR_HEADER_BLOCK_TOO_LARGE' }));
  });

  it('may be a path through a file', async () => {
    const path = join(file('not-a-folder', 'A: 1\n'), 'x.eml');
    await expect(messageFromFile(path)).rejects.toThrow(
      failure({
        code: 'ERR_FILE_NOT_READABLE',
        cause: expect.objectContaining({ code: 'ENOTDIR' }),
        hint: expect.any(String),
      }),
    );
  });
});
