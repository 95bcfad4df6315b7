/** The objects of `--json`: programs rely on these names. */
import { join } from 'node:path';
import { ScriptedServer } from '../../src/testing/index.js';
import { eml, posthaste } from './cli-world.js';

const fixture = (name: string): string => join(import.meta.dirname, '..', '..', 'fixtures', 'demo', name);

async function reportOf(words: readonly string[], stdin?: string): Promise<unknown> {
  const { out } = await posthaste(['send', '--json', ...words], stdin === undefined ? {} : { stdin });
  expect(out).toMatch(/^[^\n]+\n$/);
  return JSON.parse(out);
}

const fields = ['From: a@example.org', 'To: b@example.org, c@example.org', 'Message-ID: <1@example.org>'];

describe('--json', () => {
  it('of a message that somebody got', async () => {
    await using server = await ScriptedServer.start({
      behave: { on: { 'RCPT:2': '550 5.1.1 no such user', final: '250 2.0.0 Ok: queued as 4F2' } },
    });
    expect(await reportOf(['--url', server.url], eml(fields))).toEqual({
      file: '-',
      status: 'partly-sent',
      exitCode: 67,
      envelope: { from: 'a@example.org', to: ['b@example.org', 'c@example.org'] },
      recipients: [
        {
          index: 0,
          address: 'b@example.org',
          status: 'accepted',
          stage: 'final',
          reply: { code: 250, enhancedCode: '2.0.0', text: '2.0.0 Ok: queued as 4F2' },
        },
        {
          index: 1,
          address: 'c@example.org',
          status: 'refused',
          stage: 'rcpt',
          reply: { code: 550, enhancedCode: '5.1.1', text: '5.1.1 no such user' },
        },
      ],
      reply: { code: 250, enhancedCode: '2.0.0', text: '2.0.0 Ok: queued as 4F2' },
      queueId: '4F2',
      messageId: '<1@example.org>',
      sizeBytes: expect.any(Number) as number,
      tls: null,
      warnings: [],
    });
  });

  it('of a message that nobody got', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { MAIL: '451 4.7.1 later' } } });
    expect(await reportOf(['--url', server.url], eml(fields))).toEqual({
      file: '-',
      status: 'refused',
      exitCode: 75,
      error: {
        name: 'SMTPSenderRefused',
        code: 'ERR_SENDER_REFUSED',
        message: expect.stringContaining('451 4.7.1 later') as string,
        hint: expect.any(String) as string,
        retryable: true,
        reply: { code: 451, enhancedCode: '4.7.1', text: '4.7.1 later' },
      },
      recipients: [expect.objectContaining({ index: 0, status: 'not-sent' }), expect.objectContaining({ index: 1 })],
    });
  });

  it('of a message that may have been delivered', async () => {
    await using server = await ScriptedServer.start({ behave: { on: { final: '(close)' } } });
    expect(await reportOf(['--url', server.url], eml(fields))).toMatchObject({
      status: 'unknown',
      exitCode: 70,
      error: { retryable: false, reply: null },
      recipients: [{ status: 'unknown' }, { status: 'unknown' }],
    });
  });

  it('of a dry run', async () => {
    expect(await reportOf(['--dry-run', '--to', 'x@example.net', fixture('resent-once.eml')])).toEqual({
      file: fixture('resent-once.eml'),
      status: 'dry-run',
      exitCode: 0,
      envelope: { from: 'grace@navy.example', to: ['x@example.net'] },
      resent: true,
      sources: [
        {
          role: 'from',
          address: 'grace@navy.example',
          header: 'Resent-From',
          occurrence: 0,
          position: expect.any(Number) as number,
        },
        { role: 'to', address: 'x@example.net', header: '--to', occurrence: 0, position: 0 },
      ],
      removed: [{ header: 'Resent-Bcc', occurrence: 0 }],
      sizeBytes: 767,
      warnings: [],
    });
  });

  it('of a file that cannot be read, with a name that hides a password', async () => {
    expect(await reportOf(['--dry-run', '/nowhere/smtp:..user:secret@h'])).toMatchObject({
      status: 'not-sent',
      exitCode: 66,
      error: { code: 'ERR_FILE_NOT_READABLE', retryable: false },
      recipients: [],
    });
  });

  it('of a server that is not there: the second message is worth another attempt too', async () => {
    const server = await ScriptedServer.start({ behave: {} });
    await server.close();
    const { out } = await posthaste([
      'send',
      '--json',
      '--url',
      'smtp://127.0.0.1:1',
      fixture('resent-once.eml'),
      fixture('new-message-with-bcc.eml'),
    ]);
    const reports = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(reports).toEqual([
      expect.objectContaining({
        exitCode: 75,
        error: expect.objectContaining({ code: 'ERR_DIAL', retryable: true }) as unknown,
      }),
      expect.objectContaining({
        exitCode: 75,
        error: expect.objectContaining({ code: 'ERR_TRY_AGAIN', retryable: true }) as unknown,
      }),
    ]);
  });
});
