/**
 * What must become of the octets of a message on its way, said a second time and as plainly as can be, so that the library is
 * not compared with itself: text of one octet per character, split into lines, joined again.
 */

const HIDDEN = /^(?:resent-)?bcc[ \t]*:/i;
const RETURN_PATH = /^return-path[ \t]*:/i;

/** The octets that must arrive. */
export function expectedOctets(raw: Buffer): Buffer {
  let text = raw.toString('latin1');
  if (text.startsWith('\xef\xbb\xbf')) text = text.slice(3);
  const lines = text.split(/\r\n|\r|\n/);
  // The line in front of a message in an mbox file; `From  : ann@example.org` is a field with the white space of RFC 822.
  if (/^>?From (?![ \t]*:)/.test(lines[0] ?? '')) lines.shift();
  const end = lines.indexOf('');
  const headerLines = end === -1 ? lines : lines.slice(0, end);
  const kept: string[] = [];
  let removing = false;
  for (const line of headerLines) {
    if (!/^[ \t]/.test(line)) removing = HIDDEN.test(line) || RETURN_PATH.test(line);
    if (!removing) kept.push(line);
  }
  const all = end === -1 ? kept : [...kept, ...lines.slice(end)];
  if (all.at(-1) === '') all.pop();
  return Buffer.from(all.map((line) => `${line}\r\n`).join(''), 'latin1');
}
