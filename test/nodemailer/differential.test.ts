/** The same message through nodemailer and through ours comes to the same, or differs as docs/coming-from-nodemailer.md says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import { createTransport } from '../../src/nodemailer/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { cases } from './cases.js';
import { outcomes } from './compared.js';

const MAIL = {
  from: 'ann@example.org',
  to: 'bob@example.org',
  bcc: 'eve@example.org',
  subject: 'Hi',
  text: '.\nHello\n',
};

const same = cases.filter(({ differs = [] }) => differs.length === 0);
const different = cases.filter(({ differs = [] }) => differs.length > 0);

it.each(same.map((one) => [one.name, one] as const))('%s: the same', async (_name, one) => {
  const [theirs, ours] = await outcomes(one);
  expect(ours).toEqual(theirs);
  // Something was compared.
  expect(ours.error !== undefined || ours.headers.length > 0).toBe(true);
});

it.each(different.map((one) => [`${one.name} (${String(one.differs)})`, one] as const))('%s', async (_name, one) => {
  const [theirs, ours] = await outcomes(one);
  expect(ours).toMatchObject(one.ours ?? { error: { code: 'none' } });
  expect(theirs).not.toMatchObject(one.ours ?? {});
});

/** Those that no server sees. */
const others: Readonly<Record<string, () => Promise<void>>> = {
  'bcc-of-streams': async () => {
    const options = { streamTransport: true, buffer: true } as const;
    const theirs = await nodemailer.createTransport(options).sendMail(MAIL);
    const ours = await createTransport(options).sendMail(MAIL);
    expect([theirs.message, ours.message].map((message) => (message as Buffer).includes('eve@'))).toEqual([
      true,
      false,
    ]);
    expect(ours.envelope.to).toEqual(['bob@example.org', 'eve@example.org']);
  },
  'message-size': async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    await using transport = createTransport(server.url);
    const theirs = await nodemailer.createTransport(server.url).sendMail(MAIL);
    const ours = await transport.sendMail(MAIL);
    const [first, second] = server.messages;
    expect(theirs.messageSize).toBe(first?.raw.length);
    expect(ours.messageSize).toBe(second?.content.length);
  },
  connections: async () => {
    await using server = await ScriptedServer.start({ behave: {} });
    const theirs = nodemailer.createTransport(server.url);
    for (let count = 0; count < 3; count += 1) await theirs.sendMail(MAIL);
    const before = server.connections.length;
    await using transport = createTransport(server.url);
    for (let count = 0; count < 3; count += 1) await transport.sendMail(MAIL);
    expect([before, server.connections.length - before]).toEqual([3, 1]);
  },
  'unknown-options': async () => {
    expect(() => nodemailer.createTransport({ hots: 'mail.example.org' } as object)).not.toThrow();
    expect(() => createTransport({ hots: 'mail.example.org' } as object)).toThrow(
      expect.objectContaining({ code: 'ECONFIG' }) as Error,
    );
    await Promise.resolve();
  },
  'transfer-encodings': async () => {
    const mail = { ...MAIL, encoding: 'base64' };
    const options = { streamTransport: true, buffer: true } as const;
    const theirs = await nodemailer.createTransport(options).sendMail(mail);
    const ours = await createTransport(options).sendMail(mail);
    const encoding = /Content-Transfer-Encoding: (\S+)/i;
    expect([theirs.message, ours.message].map((message) => encoding.exec((message as Buffer).toString())?.[1])).toEqual(
      ['base64', undefined],
    );
  },
  'verify-without-server': async () => {
    expect(nodemailer.createTransport({ jsonTransport: true }).verify()).toBe(false);
    expect(await createTransport({ jsonTransport: true }).verify()).toBe(true);
  },
};

describe('what no server sees', () => {
  it.each(Object.entries(others))('%s', async (_name, show) => {
    await show();
  });
});

describe('docs/coming-from-nodemailer.md', () => {
  const document = readFileSync(join(import.meta.dirname, '../../docs/coming-from-nodemailer.md'), 'utf8');
  const table = document.split('## What differs')[1]?.split('\n## ', 1)[0] ?? '';

  it('lists each difference that is shown here, and no other', () => {
    const listed = [...table.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, id = '']) => id);
    const shown = new Set([...different.flatMap(({ differs = [] }) => differs), ...Object.keys(others)]);
    expect([...new Set(listed)]).toEqual(listed);
    expect([...listed].sort()).toEqual([...shown].sort());
  });
});
