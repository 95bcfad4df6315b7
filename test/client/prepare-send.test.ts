import { Mailer } from '../../src/index.js';
import { prepareSend } from '../../src/client/prepare-send.js';
import { ScriptedServer } from '../../src/testing/index.js';

const LETTER = {
  from: 'ann@example.org',
  to: 'bob@example.net',
  bcc: 'eve@example.net',
  subject: 'x',
  text: '.dot\nnaïve',
};

describe('what is prepared for a later send', () => {
  it('is what a send puts on the wire, to whom it would', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using mailer = new Mailer(server.url);
    const fields = { ...LETTER, date: new Date(0), messageId: '<1@example.org>' };
    const { envelope, content, messageId } = await prepareSend(fields);
    await mailer.send(fields);
    await mailer.send(content, { from: envelope.from, to: envelope.to });
    expect(messageId).toBe('<1@example.org>');
    for (const message of server.messages) {
      expect(message.envelope).toEqual(envelope);
      expect(message.content.equals(content)).toBe(true);
    }
    expect(server.messages).toHaveLength(2);
  });

  it('is read from a stream whose octets are used again, within the bound', async () => {
    const octets = Buffer.from(`From: ann@example.org\r\nTo: bob@example.net\r\n\r\n${'line\r\n'.repeat(1_000)}`);
    async function* stream(): AsyncIterable<Uint8Array> {
      const shared = Buffer.alloc(100);
      for (let start = 0; start < octets.length; start += 100) {
        await Promise.resolve();
        yield shared.subarray(0, octets.copy(shared, 0, start));
      }
    }
    expect(Buffer.from((await prepareSend(stream)).content).equals(octets)).toBe(true);
    const bounded = prepareSend(stream, { maxBytes: octets.length - 1 });
    await expect(bounded).rejects.toMatchObject({ code: 'ERR_MESSAGE_TOO_LARGE', limitBytes: octets.length - 1 });
    await expect(prepareSend(octets, { maxBytes: 10 })).rejects.toMatchObject({ code: 'ERR_MESSAGE_TOO_LARGE' });
  });

  it('stops to read when the signal fires', async () => {
    const controller = new AbortController();
    async function* endless(): AsyncIterable<Uint8Array> {
      yield Buffer.from('From: ann@example.org\r\nTo: bob@example.net\r\n\r\n');
      for (;;) {
        await Promise.resolve();
        controller.abort(new Error('enough'));
        yield Buffer.from('line\r\n');
      }
    }
    await expect(prepareSend(endless, { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('is checked as by a send', async () => {
    await expect(prepareSend({ ...LETTER, to: 'no address' })).rejects.toMatchObject({ code: 'ERR_INVALID_ADDRESS' });
    await expect(prepareSend(LETTER, { rcptOptions: ['NOTIFY'] })).rejects.toMatchObject({
      code: 'ERR_INVALID_PARAMETER',
    });
    await expect(prepareSend(LETTER, { mailOptions: ['BODY=BINARYMIME'] })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' }); // prettier-ignore
    await expect(prepareSend(5 as never)).rejects.toMatchObject({ code: 'ERR_INVALID_MESSAGE' });
    // Nothing is left of it: found in the stream as it is in the bytes.
    const onlyBcc = Buffer.from('Bcc: eve@example.net\r\n');
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(onlyBcc);
    };
    for (const message of [onlyBcc, stream]) {
      const preparing = prepareSend(message, { from: 'ann@example.org' });
      await expect(preparing).rejects.toMatchObject({ code: 'ERR_MESSAGE_EMPTY' });
    }
  });
});
