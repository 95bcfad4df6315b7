/** Packages that are written for nodemailer run on posthaste/nodemailer unmodified: by the places that they document for a transport. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { Mailer } from '../../../src/index.js';
import { createTransport, posthasteTransport, type SendMailOptions } from '../../../src/nodemailer/index.js';
import { ScriptedServer } from '../../../src/testing/index.js';

const here = import.meta.dirname;
const templates = join(here, 'templates');
const load = createRequire(import.meta.url);

interface Sends {
  sendMail(mail: object): Promise<{ readonly accepted: readonly string[]; readonly messageId: string }>;
}

describe('email-templates', () => {
  interface Email {
    send(
      options: object,
    ): Promise<{ readonly accepted: readonly string[]; readonly originalMessage: { readonly subject: string } }>;
  }
  const make = (config: object): Email => new (load('email-templates') as new (config: object) => Email)(config);

  it('renders a message, and sends it over our transport', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using transport = createTransport(server.url);
    const email = make({
      message: { from: 'ann@example.org' },
      views: { root: templates },
      send: true,
      preview: false,
      transport,
    });
    const sent = await email.send({
      template: 'welcome',
      message: { to: 'bob@example.org', attachments: [{ filename: 'a.txt', content: 'x' }] },
      locals: { name: 'Bob' },
    });
    expect([sent.accepted, sent.originalMessage.subject]).toEqual([['bob@example.org'], 'Welcome Bob']);
    const parsed = await simpleParser(server.messages[0]?.content ?? '');
    expect([parsed.subject, parsed.text?.trim()]).toEqual(['Welcome Bob', 'Hello Bob']);
    expect(parsed.html).toContain('<p>Hello Bob</p>');
    expect(parsed.attachments).toHaveLength(1);
  });
});

describe('preview-email', () => {
  const preview = (): ((message: unknown, options: object) => Promise<string>) => load('preview-email') as never;
  const options = { open: false, openSimulator: false, returnHTML: true };

  it('shows what our streamTransport has made', async () => {
    const { message } = await createTransport({ streamTransport: true, buffer: true }).sendMail({
      from: 'ann@example.org',
      to: 'bob@example.org',
      subject: 'Seen before it is sent',
      html: '<p>Hello</p>',
    });
    expect(await preview()(message, options)).toContain('Seen before it is sent');
  });

  it('runs as a plugin, on the fields of the message', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using transport = createTransport(server.url);
    const shown: string[] = [];
    transport.use('stream', (mail, done) => {
      preview()(mail.data, options).then((html) => {
        shown.push(html);
        done();
      }, done);
    });
    await transport.sendMail({ from: 'ann@example.org', to: 'bob@example.org', subject: 'A plugin', text: 'Hello' });
    expect(shown[0]).toContain('A plugin');
    expect(server.messages).toHaveLength(1);
  });
});

describe('@nestjs-modules/mailer', () => {
  interface Nest {
    readonly MailerService: new (
      options: object,
      factory?: object,
    ) => Sends & { verifyAllTransporters(): Promise<boolean>; onModuleDestroy(): Promise<void> };
  }
  const nest = (): Nest => {
    load('reflect-metadata');
    return load('@nestjs-modules/mailer') as Nest;
  };
  const handlebars = (): object => {
    const { HandlebarsAdapter } = load('@nestjs-modules/mailer/adapters/handlebars.adapter') as {
      HandlebarsAdapter: new (helpers?: object, config?: object) => object;
    };
    return new HandlebarsAdapter(undefined, { inlineCssEnabled: false });
  };

  it('sends through a factory of transports, with its templates as a plugin', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const service = new (nest().MailerService)(
      {
        transport: server.url,
        template: { dir: templates, adapter: handlebars(), options: { strict: true } },
      },
      { createTransport: (transport: string) => createTransport(transport, { from: '"Ann" <ann@example.org>' }) },
    );
    const info = await service.sendMail({
      to: 'bob@example.org',
      subject: 'Dear {{name}}',
      template: 'dear',
      context: { name: 'Bob' },
    });
    expect(info.accepted).toEqual(['bob@example.org']);
    expect(await service.verifyAllTransporters()).toBe(true);
    await service.onModuleDestroy();
    const parsed = await simpleParser(server.messages[0]?.content ?? '');
    expect(parsed.subject).toBe('Dear Bob');
    expect(parsed.html).toContain('<p>Dear Bob</p>');
  });

  it('sends through our transport below its own nodemailer', async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using mailer = new Mailer(server.url);
    const service = new (nest().MailerService)({
      transport: posthasteTransport(mailer),
      defaults: { from: 'ann@example.org' },
    });
    const info = await service.sendMail({
      to: 'bob@example.org',
      bcc: 'eve@example.org',
      subject: 'Hi',
      text: 'Hello',
    } satisfies SendMailOptions);
    expect(info.accepted).toEqual(['bob@example.org', 'eve@example.org']);
    expect(server.messages[0]?.content.toString()).not.toMatch(/eve/);
  });
});
