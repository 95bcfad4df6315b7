/** The messages of the benchmark: the same octets in every run, canonical CRLF, printable ASCII. */

const FROM = 'sender@example.com';

/** A linear congruential generator (Numerical Recipes' constants): random enough for text, and the same everywhere. */
function* randomNumbers(seed) {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 16;
  }
}

const LETTERS = Buffer.from('abcdefghijklmnopqrstuvwxyz    ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/');
const LINE_OCTETS = 76;

/** Lines of 76 letters, `octets` in all with their line ends. Every `dotEvery`th line begins with a dot; 0: none does. */
export function bodyText(octets, { lineEnd = '\r\n', dotEvery = 0 } = {}) {
  const random = randomNumbers(1);
  const body = Buffer.alloc(octets);
  let at = 0;
  for (let line = 1; at < octets; line += 1) {
    const left = octets - at;
    // The last line takes what would be too little for one more.
    const end = at + (left <= LINE_OCTETS + 2 * lineEnd.length ? left - lineEnd.length : LINE_OCTETS);
    if (dotEvery > 0 && line % dotEvery === 0) at += body.write('.', at, 'latin1');
    while (at < end) body[at++] = LETTERS[random.next().value % LETTERS.length];
    at += body.write(lineEnd, at, 'latin1');
  }
  return body;
}

/** A message of exactly `octets` octets. Its last line is empty, because smtp-source ends every content with an empty line. */
export function message(octets) {
  const header = Buffer.from(
    [
      `From: The Sender <${FROM}>`,
      'To: The Recipient <recipient0@example.com>',
      'Subject: A message of the benchmark',
      'Date: Mon, 02 Mar 2026 10:00:00 +0000',
      'Message-ID: <benchmark@example.com>',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=us-ascii',
      '',
      '',
    ].join('\r\n'),
  );
  const end = Buffer.from('\r\n');
  return Buffer.concat([header, bodyText(octets - header.length - end.length), end]);
}

export function envelope(recipients) {
  return { from: FROM, to: Array.from({ length: recipients }, (_, index) => `recipient${String(index)}@example.com`) };
}
