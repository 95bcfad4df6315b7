/**
 * The messages of the demo, and what must become of each. Written by hand, so that the library is held against something that
 * it did not say itself.
 */
export const MESSAGES = [
  {
    file: 'new-message-with-bcc.eml',
    title: 'A new message with a Bcc: they get it, nobody sees them',
    from: 'ada@analytical.example',
    to: ['charles@difference.example', 'mary@sciences.example', 'annabella@ockham.example', 'byron@newstead.example'],
    removed: ['Bcc'],
  },
  {
    file: 'archived-with-lf-and-leading-dots.eml',
    title: 'An archived message: LF line ends, Latin-1, lines that begin with dots',
    from: 'weber@netz.example',
    to: ['sysadmins@lists.example'],
    removed: ['Return-Path'],
  },
  {
    file: 'resent-once.eml',
    title: 'A resent message: it goes where the Resent fields say, not to the old recipients',
    from: 'grace@navy.example',
    to: ['museum@history.example', 'logbook@navy.example'],
    removed: ['Resent-Bcc'],
  },
  {
    file: 'one-recipient-refused.eml',
    title: 'One recipient is refused: the others get it, and the reply is kept',
    from: 'margaret@apollo.example',
    to: ['guidance@apollo.example', 'nobody@apollo.example', 'capcom@houston.example'],
    refusedRecipients: ['nobody@apollo.example'],
    removed: [],
  },
  {
    file: 'resent-twice.eml',
    title: 'Two sets of Resent fields: nobody can know which one counts, so nothing is sent',
    errorCode: 'ERR_MULTIPLE_RESENT_SETS',
  },
];

/** The octets that must arrive: CRLF line ends, without the removed fields and their folded lines, else as in the file. */
export function expectedOctets(file, removed) {
  // Latin-1 maps each octet to one character and back.
  const lines = file.toString('latin1').split(/\r\n|\n/);
  const headerEnd = lines.indexOf('');
  let dropping = false;
  const kept = lines.filter((line, index) => {
    if (index >= headerEnd) return true;
    if (!/^[ \t]/.test(line)) dropping = removed.some((name) => line.startsWith(`${name}:`));
    return !dropping;
  });
  return Buffer.from(kept.join('\r\n'), 'latin1');
}
