import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileAttachment } from '../../src/files/file-attachment.js';
import { bindMessageEnvironment } from '../../src/message/environment.js';
import type { Attachment } from '../../src/message/message-fields.js';
import { Message } from '../../src/message/message.js';
import { failure } from '../message/failure.js';
import { fixedEnvironment } from '../message/fixed-environment.js';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthaste-attachment-'));
  bindMessageEnvironment(fixedEnvironment);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, octets: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, octets);
  return path;
}

function messageWith(attachment: Attachment): Message {
  return Message.compose({ from: 'a@x.example', to: 'b@x.example', text: 'T', attachments: [attachment] });
}

describe('a file as an attachment', () => {
  it('is sent as its octets would be, with the name and the type of the path, as often as wanted', async () => {
    const octets = Buffer.alloc(300_000, 'octets of a file \n');
    const message = messageWith(fileAttachment(file('Zahlen ü.pdf', octets)));
    const inMemory = messageWith({ content: octets, filename: 'Zahlen ü.pdf' });
    expect(message.replayable).toBe(true);
    expect(await message.toBytes()).toEqual(await inMemory.toBytes());
    expect(await message.toBytes()).toEqual(await inMemory.toBytes());
  });

  it('can have another name, type and place', () => {
    const attachment = fileAttachment('/no/such/file.png', { filename: 'b.gif', cid: 'b', contentType: 'image/gif' });
    expect(attachment).toMatchObject({ filename: 'b.gif', cid: 'b', contentType: 'image/gif' });
  });

  it('is opened when the message is sent, and then only', async () => {
    const message = messageWith(fileAttachment(join(folder, 'late.txt')));
    await expect(message.toBytes()).rejects.toThrow(
      failure({ code: 'ERR_FILE_NOT_READABLE', message: expect.stringContaining('late.txt') as string }),
    );
    file('late.txt', 'x');
    expect(Buffer.from(await message.toBytes()).toString()).toContain('eA==');
  });

  it('that changed after it was sent is refused', async () => {
    const path = file('changing.txt', 'x');
    const message = messageWith(fileAttachment(path));
    await message.toBytes();
    writeFileSync(path, 'xy');
    await expect(message.toBytes()).rejects.toThrow(
      failure({ code: 'ERR_MESSAGE_CHANGED', hint: expect.stringContaining('fileAttachment') as string }),
    );
  });

  it('cannot be a folder or a pipe', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(messageWith(fileAttachment(folder)).toBytes()).rejects.toThrow(failure({ code: 'ERR_NOT_A_FILE' }));
    await expect(messageWith(fileAttachment(pipe)).toBytes()).rejects.toThrow(failure({ code: 'ERR_NOT_A_FILE' }));
  });

  it('refuses options that are none', () => {
    expect(() => fileAttachment('a.txt', null as never)).toThrow(failure({ code: 'ERR_INVALID_ARGUMENT' }));
  });

  it.each(['', 'a\0b', undefined, 7])('needs a path: %j', (path) => {
    expect(() => fileAttachment(path as string)).toThrow(failure({ code: 'ERR_INVALID_FILE_NAME' }));
  });
});
