/** The parity with smtplib is shown row by row: no row may lose its test. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const titles = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts') && name !== 'rows.test.ts')
  .flatMap(
    (name) =>
      readFileSync(join(folder, name), 'utf8').match(/(?:describe|it)(?:\.each\([\s\S]*?\]\))?\(\s*'[^\n]*/g) ?? [],
  );

/** The numbers that titles name: `row 5: ...`, `rows 17 and 18: ...`. */
function numbersOf(title: string): number[] {
  const [, list = ''] = /\brows? (\d+(?:(?:, | and )\d+)*):/.exec(title) ?? [];
  return list.split(/\D+/).filter(Boolean).map(Number);
}

describe('the tests of parity', () => {
  it('name each of the 33 differences by its number', () => {
    const named = new Set(titles.flatMap(numbersOf));
    expect([...named].sort((a, b) => a - b)).toEqual(Array.from({ length: 33 }, (_, index) => index + 1));
  });

  it.each(['1.1 module', '1.2 class SMTP', '1.3 getreply', '1.4 AUTH', '1.5 sendmail', '1.6 send_message'])(
    'have a part for %s',
    (part) => {
      expect(titles.some((title) => title.includes(`'${part}'`))).toBe(true);
    },
  );

  it('name every member of the class', () => {
    const members = [
      ...['with', 'set_debuglevel', 'connect', 'send', 'putcmd', 'docmd', 'helo', 'ehlo', 'has_extn', 'help', 'rset'],
      ...['noop', 'mail', 'rcpt', 'data', 'ehlo_or_helo_if_needed', 'starttls', 'close', 'quit', 'SMTP_SSL', 'LMTP'],
    ];
    const missing = members.filter((member) => !titles.some((title) => title.includes(`1.2 ${member}`)));
    expect(missing).toEqual([]);
  });
});
