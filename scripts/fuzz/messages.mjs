/** Whatever octets a message has: what goes out is one message of canonical lines, without Bcc, and a strict reader reads it back. */
import { cut, mutate } from './random.mjs';

const namesOfFields = [
  'From',
  'To',
  'Bcc',
  'bcc ',
  'BCC\t',
  'Resent-Bcc',
  'Subject',
  'Cc',
  'X-Y',
  'Bcc-Not',
  'Received',
  'Return-Path',
  '',
];
const values = [
  'a@x.test',
  'Ann <a@x.test>, b@y.test',
  'x;\r\n y',
  'hi\rBcc: v@x.test',
  '\u00e9',
  'undisclosed-recipients:;',
  '',
  ':',
  'a\0b',
];
const ends = ['\r\n', '\n', '\r\n', '\n', '\r', '\r\r\n', '\n\r'];
const bodies = ['.', '..', '.\r', 'text', ' Bcc: x@y.test', 'Bcc: x@y.test', '\u00ff', '', 'x'.repeat(300)];
const alphabet = [...Buffer.from('\r\n.: \tBbc\0\xff', 'latin1')];

export function makeMessage(random) {
  const end = random.once(3) ? undefined : random.of(['\r\n', '\n']);
  const lineEnd = () => end ?? random.of(ends);
  const header = random.many(
    6,
    () => `${random.of(namesOfFields)}:${random.of([' ', '', '\t'])}${random.of(values)}${lineEnd()}`,
  );
  const body = random.once(6) ? '' : lineEnd() + random.many(6, () => random.of(bodies) + lineEnd());
  return Buffer.from(mutate(random, Buffer.from(header + body, 'latin1'), alphabet));
}

/** What a strict server takes for the content: every line up to the lone dot; undefined when there is another CR or LF. */
function readStrictly(wire) {
  const text = wire.toString('latin1');
  if (/\r(?!\n)|(?<!\r)\n/.test(text)) return undefined;
  const lines = text.split('\r\n');
  const dot = lines.indexOf('.');
  if (dot !== lines.length - 2 || lines.at(-1) !== '') return undefined;
  return lines
    .slice(0, dot)
    .map((line) => `${line.replace(/^\./, '')}\r\n`)
    .join('');
}

export function messagesTarget({ Message, MessageError, contentOf, frameInMemory }) {
  const settle = async (work) => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof MessageError || error?.code?.startsWith?.('ERR_') === true) return undefined;
      throw error;
    }
  };
  return {
    name: 'messages',
    make: makeMessage,
    size: () => 1,
    complaint: async (octets, random) => {
      const content = await settle(() => contentOf(octets));
      if (content !== undefined && octets.length > 0) {
        const framed = Buffer.concat(frameInMemory(content));
        const read = readStrictly(framed);
        const plain = Buffer.concat(content.segments).toString('latin1');
        if (read !== plain) return 'a strict reader reads something else';
        const pieces = cut(random, octets);
        const streamed = await settle(async () => {
          const parts = [];
          for await (const part of contentOf(async function* () {
            yield* pieces;
          }).stream({ dotStuffing: true }))
            parts.push(Buffer.from(part));
          return Buffer.concat(parts);
        });
        if (streamed !== undefined && `${streamed.toString('latin1')}.\r\n` !== framed.toString('latin1'))
          return 'a stream goes out otherwise';
      }
      const message = await settle(() => Message.parse(octets));
      if (message === undefined) return undefined;
      await settle(() => message.envelope());
      const out = await settle(() => message.toBytes({ lineEndings: random.once(2) ? 'normalize' : 'normalize-all' }));
      if (out === undefined) return undefined;
      const header = `\r\n${Buffer.from(out).toString('latin1')}`.split('\r\n\r\n', 1)[0];
      if (/^(?:resent-)?bcc[ \t]*:/im.test(header)) return 'a Bcc goes out';
      return undefined;
    },
  };
}
