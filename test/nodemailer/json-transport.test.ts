/** The transports that send nothing. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import nodemailer from 'nodemailer';
import { generateKeyPairSync } from 'node:crypto';
import { createTransport, type SendMailOptions } from '../../src/nodemailer/index.js';

const MAIL = {
  from: 'Ann <ann@example.org>',
  to: 'bob@example.org',
  subject: 'Hi',
  text: 'Hello\n',
  date: new Date(0),
  messageId: '<a@example.org>',
};

describe('jsonTransport', () => {
  it.each<[string, () => SendMailOptions]>([
    ['a text', () => MAIL],
    [
      'many addresses',
      () => ({
        ...MAIL,
        to: ['b@x.example', { name: 'Ö', address: 'c@x.example' }],
        cc: 'G: d@x.example;',
        bcc: 'e@x.example',
        replyTo: 'r@x.example',
      }),
    ],
    [
      'contents of all kinds',
      () => ({
        ...MAIL,
        html: Buffer.from('<p>'),
        attachments: [
          { filename: 'a.txt', content: 'text' },
          { filename: 'b.bin', content: Buffer.from('octets'), cid: 'x@y' },
          { content: Readable.from([Buffer.from('stream')]), contentType: 'image/png' },
          { path: 'data:text/plain;base64,aGk=', filename: 'c.txt' },
        ],
        alternatives: [{ contentType: 'text/x-md', content: '*hi*' }],
        icalEvent: { method: 'REQUEST', content: Buffer.from('BEGIN:VCALENDAR') },
      }),
    ],
    [
      'fields',
      () => ({
        ...MAIL,
        headers: { 'X-A': 'b' },
        priority: 'high',
        references: ['<r@x.example>'],
        inReplyTo: '<r@x.example>',
      }),
    ],
  ])('tells the same as nodemailer: %s', async (_name, data) => {
    const theirs = await nodemailer.createTransport({ jsonTransport: true }).sendMail(data() as never);
    const ours = await createTransport({ jsonTransport: true }).sendMail(data());
    expect(JSON.parse(ours.message)).toEqual(JSON.parse(theirs.message));
    expect([ours.envelope, ours.messageId]).toEqual([theirs.envelope, theirs.messageId]);
  });

  it('gives an object where that is asked for', async () => {
    const { message } = await createTransport({ jsonTransport: true, skipEncoding: true }).sendMail(MAIL);
    expect(message['subject']).toBe('Hi');
  });
});

describe('streamTransport', () => {
  it('gives a stream, or a Buffer, of the same octets', async () => {
    const { message } = await createTransport({ streamTransport: true }).sendMail(MAIL);
    const whole = await createTransport({ streamTransport: true, buffer: true }).sendMail(MAIL);
    expect((await buffer(message)).toString()).toBe(whole.message.toString());
    expect(whole.message.toString()).toMatch(/^(?:[^\r\n]*\r\n)+$/);
  });

  it.each([
    ['unix', '\n'],
    ['windows', '\r\n'],
  ])('ends lines as %s does', async (newline, end) => {
    const { message } = await createTransport({ streamTransport: true, buffer: true, newline }).sendMail(MAIL);
    expect(
      message
        .toString()
        .match(/\r?\n/g)
        ?.every((found) => found === end),
    ).toBe(true);
  });

  it('signs, with streams in the message too, and leaves out what is to be skipped', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const dkim = { domainName: 'example.org', keySelector: 'k', privateKey, skipFields: 'message-id:date' };
    const attachments = [{ filename: 'a.bin', content: Readable.from([Buffer.from('stream')]) }];
    const { message } = await createTransport({ streamTransport: true, buffer: true, dkim }).sendMail({
      ...MAIL,
      attachments,
    });
    const names =
      /h=([^;]+);/
        .exec(message.toString().replace(/\r\n\s+/g, ''))?.[1]
        ?.toLowerCase()
        .split(':') ?? [];
    expect(names).toContain('subject');
    expect(names).not.toContain('message-id');
    expect(names).not.toContain('date');
    const record = [[`v=DKIM1; p=${publicKey.toString('base64')}`]];
    const { results } = await dkimVerify(message, { resolver: () => Promise.resolve(record) });
    expect(results[0]?.status.result).toBe('pass');
  });

  it.each([
    { keySelector: 'k' },
    { domainName: 'x', keySelector: 'k', privateKey: 'x', hashAlgo: 'sha1' },
    { domainName: 'x', keySelector: 'k', headerFieldNames: 7 },
  ])('refuses a key that is none: %p', (dkim) => {
    expect(() => createTransport({ streamTransport: true, dkim: dkim as never })).toThrow(
      expect.objectContaining({ code: 'ECONFIG' }) as Error,
    );
  });
});
