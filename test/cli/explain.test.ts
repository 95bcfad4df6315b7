/** What `send --dry-run` says: offline, about everything that a send would do. */
import { join } from 'node:path';
import { eml, posthaste } from './cli-world.js';

const fixture = (name: string): string => join(import.meta.dirname, '..', '..', 'fixtures', 'demo', name);
const dryRun = async (words: readonly string[], stdin?: string) =>
  await posthaste(['send', '--dry-run', ...words], stdin === undefined ? {} : { stdin });

describe('posthaste send --dry-run', () => {
  it('shows the envelope, where each address comes from, what is removed, warnings and the size', async () => {
    const file = fixture('new-message-with-bcc.eml');
    expect(await dryRun([file])).toEqual({
      code: 0,
      out: [
        `${file}: nothing was sent (dry run)`,
        '  from     ada@analytical.example      (From)',
        '  to       charles@difference.example  (To)',
        '           mary@sciences.example       (Cc)',
        '           annabella@ockham.example    (Bcc)',
        '           byron@newstead.example      (Bcc)',
        '  removed  Bcc',
        '  size     525 octets',
        '',
        '',
      ].join('\n'),
      err: '',
    });
  });

  it('needs no server, and connects to none that is named', async () => {
    expect(await dryRun(['--url', 'smtp://127.0.0.1:1'], eml())).toMatchObject({ code: 0, err: '' });
  });

  it('shows what --from and --to replace', async () => {
    const { out } = await dryRun(
      ['--from', '', '--to', 'x@example.net', '--to', 'y@example.net'],
      eml(['Bcc: z@example.net']),
    );
    expect(out.split('\n')).toEqual([
      'standard input: nothing was sent (dry run)',
      expect.stringMatching(/^ {2}from {5}<> .*\(--from\)$/),
      expect.stringMatching(/^ {2}to {7}x@example\.net +\(--to\)$/),
      expect.stringMatching(/^ {11}y@example\.net +\(--to\)$/),
      '  removed  Bcc',
      expect.stringMatching(/^ {2}size {5}\d+ octets$/),
      '',
      '',
    ]);
  });

  it('asks the message for the other half alone when one is given', async () => {
    const withoutSender = await dryRun(['--from', 'x@example.net'], eml(['From: broken@', 'To: b@example.org']));
    expect(withoutSender).toMatchObject({
      code: 0,
      out: expect.stringMatching(/x@example\.net +\(--from\)\n.*b@example\.org +\(To\)/) as string,
    });
    const withoutRecipients = await dryRun(['--to', 'x@example.net'], eml(['Sender: a@example.org', 'Bcc: @']));
    expect(withoutRecipients).toMatchObject({
      code: 0,
      out: expect.stringMatching(/\(Sender\)\n.*x@example\.net +\(--to\)/) as string,
    });
    const neither = await dryRun(['--to', 'x@example.net', '--from', ''], eml(['Date: today', 'From: @', 'Bcc: @']));
    expect(neither.code).toBe(0);
  });

  it('asks a message that was resent twice for nothing when both are given', async () => {
    const words = [fixture('resent-twice.eml'), '--from', 'x@example.net'];
    expect((await dryRun(words)).code).toBe(65);
    expect((await dryRun([...words, '--to', 'y@example.net'])).code).toBe(0);
  });

  it('shows that a resent message goes where its Resent fields say', async () => {
    const { out } = await dryRun([fixture('resent-once.eml')]);
    expect(out).toMatch(/from +grace@navy\.example +\(Resent-From\)\n/);
    expect(out).not.toContain('relay-team');
  });

  it('shows an address once, and counts the fields that are removed', async () => {
    const fields = [
      'From: a@example.org',
      'To: b@example.org, b@EXAMPLE.org',
      'Bcc: c@example.org',
      'bcc : d@example.org',
    ];
    const { out } = await dryRun([], eml(fields));
    expect(out.match(/b@example\.org/gi)).toHaveLength(1);
    expect(out).toContain('  removed  Bcc (2 fields)\n');
  });

  it('shows warnings', async () => {
    const { out } = await dryRun([], eml(['From: a@example.org, b@example.org', 'To: c@example.org']));
    expect(out).toMatch(/^ {2}warning {2}From names 2 addresses/m);
  });

  it('says of a message that cannot be sent what a send would say, and ends with its code', async () => {
    expect(await dryRun([fixture('resent-twice.eml')])).toEqual({
      code: 65,
      out: '',
      err: expect.stringMatching(/^posthaste: .*resent-twice\.eml: .*2 sets of Resent.*--resent latest.*\n$/) as string,
    });
    expect((await dryRun([], eml(undefined, 'NUL\0\r\n'))).code).toBe(65);
  });

  it('lets no control of a message reach the terminal', async () => {
    const { out, err } = await dryRun(
      [],
      eml(['From: "\u001b[31m" <a@example.org>', 'To: "\u001b]0;x\u0007"@example.org']),
    );
    // eslint-disable-next-line no-control-regex -- finding controls is the purpose
    expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
