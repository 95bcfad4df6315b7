import { generateKeyPairSync } from 'node:crypto';
import { Message } from '../../src/index.js';
import { hashOf, sealMessage } from '../../src/outbox/seal-message.js';

const LETTER = { from: 'ann@example.org', to: 'bob@example.net', subject: 'Grüße', text: 'naïve' };

describe('a sealed message', () => {
  it('has its envelope, its octets, their hash, and what a list shows of it', async () => {
    const sealed = await sealMessage(
      { ...LETTER, bcc: 'eve@example.net' },
      { mailOptions: ['RET=HDRS'], requireTls: true },
    );
    expect(sealed).toMatchObject({
      envelope: { from: 'ann@example.org', to: ['bob@example.net', 'eve@example.net'] },
      subject: 'Grüße',
      parameters: { mailOptions: ['RET=HDRS'], requireTls: true },
      contentHash: hashOf(sealed.content),
    });
    expect(Buffer.from(sealed.content).toString()).not.toContain('eve');
    expect(sealed.messageId).toBe(Message.parse(sealed.content).headers.get('Message-ID'));
    expect(JSON.parse(JSON.stringify(sealed.parameters))).toEqual(sealed.parameters);
  });

  it('is in the form that every server takes', async () => {
    const { content } = await sealMessage({ ...LETTER, textEncoding: '8bit' }, {});
    expect(content.every((octet) => octet < 128)).toBe(true);
  });

  it('is signed over what is sent', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = {
      domain: 'example.org',
      selector: 's',
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    };
    const fields = { ...LETTER, messageId: '<1@example.org>', date: new Date(0) };
    const signed = await sealMessage(fields, { dkim: key });
    expect(Message.parse(signed.content).headers.get('DKIM-Signature')).toContain('d=example.org');
    expect(signed.contentHash).toBe(hashOf(signed.content));
    expect(signed.identity).toBe((await sealMessage(fields, {})).identity);
  });

  it('keeps long lines where the caller let them pass, and says so for each attempt', async () => {
    const long = Buffer.from(`From: ann@example.org\r\nTo: bob@example.net\r\n\r\n${'x'.repeat(2_000)}\r\n`);
    await expect(sealMessage(long, {})).rejects.toMatchObject({ code: 'ERR_LINE_TOO_LONG' });
    const sealed = await sealMessage(long, { serializeOptions: { allowLongLines: true } });
    expect(sealed.parameters).toEqual({ allowLongLines: true });
  });

  it.each([
    [{ to: 'no address' }, 'ERR_INVALID_ADDRESS'],
    [{ mailOptions: ['BODY=BINARYMIME'] }, 'ERR_INVALID_OPTION'],
    [{ mailOptions: ['RET'] }, 'ERR_INVALID_PARAMETER'],
    [{ dsn: { notify: [] } }, 'ERR_INVALID_PARAMETER'],
    [{ requireTls: 'yes' as never }, 'ERR_INVALID_OPTION'],
    [{ signal: AbortSignal.abort(Object.assign(new Error('no'), { code: 'MINE' })) }, 'MINE'],
  ])('is not made of %j', async (options, code) => {
    await expect(sealMessage(LETTER, options)).rejects.toMatchObject({ code });
  });
});
