/** Whatever octets a server sends, in whatever pieces: the parser says what a slow and simple reading of the rules says. */
import { isUtf8 } from 'node:buffer';

import { cut, mutate } from './random.mjs';

const codes = ['220', '250', '354', '421', '550', '235', '334', '000', '199', '600', '999', '25', '2x0'];
const texts = [
  '',
  'ok',
  '2.1.0 ok',
  '5.1.1 no',
  'PIPELINING',
  'SIZE 100',
  'AUTH PLAIN',
  '\0',
  '\u00e9',
  '\u00c3\u00a9',
  'x'.repeat(400),
];
const alphabet = [...Buffer.from('0123456789 -\r\n\0\t.a\u00ff', 'latin1')];

function line(random) {
  const end = random.once(12) ? random.of(['\n', '\r', '\r\r\n', '']) : '\r\n';
  return (
    random.of(codes.slice(0, random.once(6) ? codes.length : 7)) +
    random.of([' ', ' ', '-', '']) +
    random.of(texts) +
    end
  );
}

/** One reply of several lines, mostly of one code. */
function reply(random) {
  const code = random.of(codes.slice(0, 7));
  const inner = random.many(random.once(40) ? 600 : 4, () => `${code}-${random.of(texts)}\r\n`);
  return `${inner}${code} ${random.of(texts)}\r\n`;
}

export function makeReplies(random) {
  let text = random.many(6, () => (random.once(3) ? line(random) : reply(random)));
  if (random.once(60)) text += `250 ${'x'.repeat(12_270 + random.below(30))}\r\n`;
  return Buffer.from(mutate(random, Buffer.from(text, 'latin1'), alphabet));
}

/** UTF-8 where it is some, else Latin-1. */
function asText(latin1) {
  const octets = Buffer.from(latin1, 'latin1');
  return isUtf8(octets) ? octets.toString('utf8') : latin1;
}

/** RFC 5321 section 4.2 and the limits of this package, line by line. Replies as `code:lines`, and whether a rule was broken. */
export function readSimply(octets, { lineOctets, replyLines, replyOctets }) {
  const replies = [];
  let open = [];
  let size = 0;
  let code;
  let at = 0;
  for (;;) {
    const lf = octets.indexOf(10, at);
    const end = lf === -1 ? octets.length : lf + 1;
    if (end - at > lineOctets) return { replies, broken: true };
    if (lf === -1) return { replies, broken: false, rest: end > at || open.length > 0 };
    const text = octets.subarray(at, lf).toString('latin1').replace(/\r$/, '');
    const match = /^([2-5]\d\d)(?:([ -])([^]*))?$/.exec(text);
    if (match === null || (open.length > 0 && match[1] !== code)) return { replies, broken: true };
    size += end - at;
    if (size > replyOctets || open.length >= replyLines) return { replies, broken: true };
    code = match[1];
    open.push(asText(match[3] ?? ''));
    if (match[2] !== '-') {
      replies.push(`${code}:${JSON.stringify(open)}`);
      open = [];
      size = 0;
    }
    at = end;
  }
}

export function repliesTarget({
  ReplyParser,
  MAX_REPLY_LINE_OCTETS,
  MAX_REPLY_LINES,
  MAX_REPLY_OCTETS,
  parseExtensions,
}) {
  const limits = { lineOctets: MAX_REPLY_LINE_OCTETS, replyLines: MAX_REPLY_LINES, replyOctets: MAX_REPLY_OCTETS };
  const written = (reply) => `${reply.code}:${JSON.stringify(reply.lines)}`;
  const run = (pieces) => {
    const parser = new ReplyParser();
    const replies = [];
    for (const piece of pieces) replies.push(...parser.push(Buffer.from(piece)));
    return { replies, broken: parser.violation !== undefined, rest: parser.incomplete };
  };
  const complaintAt = (octets, pieces) => {
    const expected = readSimply(octets, limits);
    const got = run(pieces);
    const same = JSON.stringify(got.replies.map(written)) === JSON.stringify(expected.replies);
    if (!same) return 'other replies than a simple reading gives';
    if (got.broken !== expected.broken)
      return got.broken ? 'a violation where there is none' : 'a violation was missed';
    if (!got.broken && got.rest !== expected.rest) return 'a wrong answer to whether something is incomplete';
    for (const reply of got.replies) {
      for (const keyword of parseExtensions(reply).features.keys()) {
        if (!/^[a-z0-9][a-z0-9-]*$/.test(keyword)) return `the extension ${JSON.stringify(keyword)}`;
      }
    }
    return undefined;
  };
  return {
    name: 'reply octets',
    make: makeReplies,
    size: (octets) => octets.length,
    // The pieces come out of the input, so that a shrunk input is cut as well.
    complaint: (octets, random) => complaintAt(octets, [octets]) ?? complaintAt(octets, cut(random, octets)),
  };
}
