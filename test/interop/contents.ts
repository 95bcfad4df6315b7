// Contents for the scenarios. Each has From, Date and Message-ID, because some servers add those where they are missing.

const HEADER = [
  'From: A sender <sender@interop.test>',
  'To: alice@interop.test',
  'Date: Mon, 2 Mar 2026 10:00:00 +0000',
  'Message-ID: <a-message@interop.test>',
];

/** A message with CRLF line ends. `body` is Latin-1: a character is an octet. */
export function content(subject: string, body: string, more: readonly string[] = []): Buffer {
  return Buffer.from([...HEADER, `Subject: ${subject}`, ...more, '', body].join('\r\n'), 'latin1');
}

/** The one canonical form: CRLF, lone LF and lone CR are each one line end. */
export function canonical(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
}

/** The same with LF line ends. */
export function withLf(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

/** The message without the named lines, which are each a whole line of the header. */
export function without(bytes: Buffer, lines: readonly string[]): Buffer {
  let text = bytes.toString('latin1');
  for (const line of lines) {
    if (!text.includes(`${line}\r\n`)) throw new Error(`The message has no line ${JSON.stringify(line)}.`);
    text = text.replace(`${line}\r\n`, '');
  }
  return Buffer.from(text, 'latin1');
}

/** 5 MB of lines that differ, some of them with a dot in front. */
export function fiveMegabytes(): Buffer {
  return lines('5 MB', 5_000_000);
}

/** The same with 1 MB. */
export function megabyte(subject: string): Buffer {
  return lines(subject, 1_000_000);
}

function lines(subject: string, size: number): Buffer {
  const all: string[] = [];
  for (let octets = 0, line = 0; octets < size; line += 1) {
    const text = `${line % 7 === 0 ? '.' : ''}${String(line)} ${'abcdefghij'.repeat(line % 8)}`;
    all.push(text);
    octets += text.length + 2;
  }
  return content(subject, `${all.join('\r\n')}\r\n`);
}
