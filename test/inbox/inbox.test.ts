import { jest } from '@jest/globals';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTP } from '../../src/index.js';
import { Inbox } from '../../src/inbox/index.js';
import { rejectionOf } from '../support/rejection.js';

// The parser of bodies is loaded with the first message, which may take seconds on a busy machine.
jest.setTimeout(30_000);

const fields = { from: 'ann@example.org', to: 'bob@example.org', subject: 'Grüße', text: 'Hello\n.dot\n' };

it('a message is in the inbox before its sender hears that it was accepted', async () => {
  await using inbox = await Inbox.start();
  await using smtp = await SMTP.connect(inbox.smtpUrl);
  const { reply } = await smtp.sendMessage({ ...fields, bcc: 'cid@example.org', html: '<p>Hello</p>' });
  expect(reply.text).toContain('Kept as 1');
  const [message] = inbox.messages;
  expect(message).toEqual(
    expect.objectContaining({
      id: 1,
      envelope: { from: 'ann@example.org', to: ['bob@example.org', 'cid@example.org'] },
      outcome: 'accepted',
      subject: 'Grüße',
      from: 'ann@example.org',
      text: 'Hello\n.dot\n',
      html: '<p>Hello</p>',
      warnings: [],
    }),
  );
  expect(message?.raw.toString()).not.toContain('cid@');
  expect(message?.provenance.recipients.map(({ origin }) => origin)).toEqual(['field', 'blind']);
});

it('waitFor gives what is here, and waits for what is not', async () => {
  await using inbox = await Inbox.start();
  await using smtp = await SMTP.connect(inbox.smtpUrl);
  const waiting = inbox.waitFor({ to: 'bob@example.org', subject: /^Gr/ });
  await smtp.sendMessage(fields);
  expect((await waiting).id).toBe(1);
  expect((await inbox.waitFor({ to: 'BOB@example.org' })).id).toBe(1);
  const second = inbox.waitFor({ after: 1 });
  await smtp.sendMessage(fields);
  expect((await second).id).toBe(2);
});

it('clear and delete take messages away, and tell how many', async () => {
  await using inbox = await Inbox.start();
  await using smtp = await SMTP.connect(inbox.smtpUrl);
  for (let count = 0; count < 3; count += 1) await smtp.sendMessage(fields);
  expect([inbox.delete(2), inbox.delete(2)]).toEqual([true, false]);
  expect(inbox.messages.map(({ id }) => id)).toEqual([1, 3]);
  expect([inbox.clear(), inbox.clear()]).toEqual([2, 0]);
  await smtp.sendMessage(fields);
  expect(inbox.messages.map(({ id }) => id)).toEqual([4]);
});

it('onMessage tells until it is ended', async () => {
  await using inbox = await Inbox.start();
  await using smtp = await SMTP.connect(inbox.smtpUrl);
  const ids: number[] = [];
  const end = inbox.onMessage(({ id }) => ids.push(id));
  await smtp.sendMessage(fields);
  end();
  await smtp.sendMessage(fields);
  expect(ids).toEqual([1]);
});

it('close ends waits and connections, may be called twice, and keeps the messages readable', async () => {
  const inbox = await Inbox.start();
  const smtp = await SMTP.connect(inbox.smtpUrl);
  await smtp.sendMessage(fields);
  const waiting = rejectionOf(inbox.waitFor({ subject: 'never' }));
  await inbox.close();
  await inbox.close();
  expect(await waiting).toMatchObject({ code: 'ERR_INBOX_CLOSED' });
  expect(inbox.messages).toHaveLength(1);
  await expect(smtp.noop()).rejects.toThrow();
  await expect(fetch(inbox.webUrl)).rejects.toThrow();
  smtp.close();
});

it('a port that is in use is said, whichever it is, and nothing stays open', async () => {
  const taken = createServer();
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  const { port } = taken.address() as AddressInfo;
  for (const options of [{ smtpPort: port }, { webPort: port }]) {
    expect(await rejectionOf(Inbox.start(options))).toMatchObject({
      code: 'ERR_INBOX_CANNOT_LISTEN',
      message: expect.stringContaining(`127.0.0.1:${String(port)}: the port is in use`) as unknown,
      hint: expect.stringContaining('another port') as unknown,
    });
  }
  taken.close();
});

it('listens on IPv6 too, and on loopback unless told otherwise', async () => {
  await using four = await Inbox.start();
  expect(four.webUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  await using six = await Inbox.start({ host: '::1' });
  expect([six.smtpUrl, six.webUrl]).toEqual([
    expect.stringMatching(/^smtp:\/\/\[::1\]:\d+$/),
    expect.stringMatching(/^http:\/\/\[::1\]:\d+\/$/),
  ]);
  await using smtp = await SMTP.connect(six.smtpUrl);
  await smtp.sendMessage(fields);
  expect((await fetch(`${six.webUrl}api/messages`)).status).toBe(200);
});
