/**
 * Programs after the examples of nodemailer's documentation, written anew. Each is run twice, with nodemailer's createTransport and with
 * ours, and prints what its author would look at.
 */
import { Readable, Transform } from 'node:stream';
import type { createTransport } from '../../src/nodemailer/index.js';

export interface World {
  /** Whose it is does not show in the program. */
  readonly createTransport: typeof createTransport;
  readonly url: string;
  readonly port: number;
  readonly print: (...words: readonly unknown[]) => void;
}

type Program = (world: World) => Promise<void>;

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const programs: Readonly<Record<string, Program>> = {
  'the first message': async ({ createTransport, port, print }) => {
    const transporter = createTransport({
      host: '127.0.0.1',
      port,
      secure: false,
      auth: { user: 'ann', pass: 'secret' },
    });
    const info = await transporter.sendMail({
      from: '"Maddison Foo Koch" <maddison53@ethereal.example>',
      to: 'bar@example.com, baz@example.com',
      subject: 'Hello',
      text: 'Hello world?',
      html: '<b>Hello world?</b>',
    });
    print(info.accepted, info.rejected, info.response);
    transporter.close();
  },
  'verify, then send with a callback': async ({ createTransport, port, print }) => {
    const transporter = createTransport({ host: '127.0.0.1', port });
    await new Promise<void>((resolve) => {
      transporter.verify((error, success) => {
        print(error, success);
        transporter.sendMail({ from: 'a@example.com', to: 'b@example.com', text: 'x' }, (failure, info) => {
          print(failure, info.envelope);
          resolve();
        });
      });
    });
    transporter.close();
  },
  'a pool that sends a list': async ({ createTransport, url, print }) => {
    const transporter = createTransport(
      { url, pool: true, maxConnections: 2, maxMessages: 3 },
      { from: 'list@example.com' },
    );
    const messages = Array.from({ length: 12 }, (_, index) => ({ to: `r${String(index)}@example.com`, text: 'News' }));
    const infos = await Promise.all(messages.map((message) => transporter.sendMail(message)));
    print(infos.flatMap(({ accepted }) => accepted).sort());
    transporter.close();
  },
  'embedded images, streams and a calendar': async ({ createTransport, url, print }) => {
    const transporter = createTransport(url);
    const info = await transporter.sendMail({
      from: 'a@example.com',
      to: 'b@example.com',
      subject: 'Embedded',
      html: 'Embedded image: <img src="cid:unique@kreata.example"/>',
      attachments: [
        { filename: 'image.png', content: Buffer.from(PNG, 'base64'), cid: 'unique@kreata.example' },
        { filename: 'notes.txt', content: Readable.from(['some ', 'notes']), contentType: 'text/plain' },
      ],
      icalEvent: {
        filename: 'invitation.ics',
        method: 'request',
        content: 'BEGIN:VCALENDAR\r\nPRODID:-//ACME\r\nEND:VCALENDAR',
      },
    });
    print(info.accepted);
    transporter.close();
  },
  'a plugin that writes the text from the html': async ({ createTransport, url, print }) => {
    const transporter = createTransport(url);
    transporter.use('compile', (mail, callback) => {
      if (mail.data['text'] !== undefined || mail.data['html'] === undefined) {
        callback();
        return;
      }
      mail.resolveContent(mail.data, 'html', (error, html) => {
        if (error === null) mail.data['text'] = String(html).replace(/<[^>]*>/g, '');
        callback(error);
      });
    });
    transporter.use('stream', (mail, callback) => {
      print(mail.message.getEnvelope());
      mail.message.transform(
        new Transform({
          transform(chunk: Buffer, _encoding, done) {
            done(null, chunk.toString('latin1').replaceAll('world', 'WORLD'));
          },
        }),
      );
      callback();
    });
    await transporter.sendMail({ from: 'a@example.com', to: 'b@example.com', html: '<p>Hello <b>world</b></p>' });
    transporter.close();
  },
  'headers, lists, threads and priorities': async ({ createTransport, url, print }) => {
    const transporter = createTransport(url, { headers: { 'X-Campaign': 'spring' } });
    const info = await transporter.sendMail({
      from: 'a@example.com',
      to: 'b@example.com',
      subject: 'Re: thread',
      text: 'x',
      inReplyTo: '<first@example.com>',
      references: '<zero@example.com> <first@example.com>',
      priority: 'high',
      list: { unsubscribe: [[{ url: 'https://example.com/u', comment: 'Leave' }, 'leave@example.com']] },
      headers: { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click', 'X-Key': ['one', 'two'] },
    });
    print(info.accepted);
    transporter.close();
  },
  'an envelope of its own, for bounces that tell whose they are': async ({ createTransport, url, print }) => {
    const transporter = createTransport(url);
    const info = await transporter.sendMail({
      from: 'a@example.com',
      to: 'b@example.com',
      text: 'x',
      envelope: {
        from: 'Daemon <bounce+b=example.com@example.com>',
        to: 'mailer@example.com, Mailer <mailer2@example.com>',
      },
    });
    print(info.envelope);
    transporter.close();
  },
  'what went wrong': async ({ createTransport, url, print }) => {
    const transporter = createTransport(url);
    try {
      await transporter.sendMail({ from: 'a@example.com', to: ['no@example.com', 'nobody@example.com'], text: 'x' });
    } catch (error) {
      const { code, responseCode, command, rejected } = error as Record<string, unknown>;
      print(code, responseCode, command, rejected);
    }
    const info = await transporter.sendMail({
      from: 'a@example.com',
      to: ['no@example.com', 'b@example.com'],
      text: 'x',
    });
    print(
      info.rejected,
      info.rejectedErrors?.map(({ recipient, responseCode }) => [recipient, responseCode]),
    );
    transporter.close();
  },
};
