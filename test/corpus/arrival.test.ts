/** Every real message is sent to a strict server; what arrives is what left, but for the list of what is removed and changed. */
import { domainToASCII } from 'node:url';
import { Message, messageFromFile, SMTP, type Envelope } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { realMessages } from './corpus.js';
import { expectedOctets } from './reference.js';

/** Some of the messages have lines over 998 octets, and some no envelope of their own: that is not what is looked at here. */
const serializeOptions = { allowLongLines: true } as const;
const SOMEBODY: Envelope = { from: 'sender@example.org', to: ['recipient@example.org'] };

function envelopeOf(message: Message): Envelope {
  try {
    return message.envelope();
  } catch {
    return SOMEBODY;
  }
}

/** Internationalized domains travel as A-labels (RFC 5890). */
function onTheWire({ from, to }: Envelope): Envelope {
  const path = (address: string): string =>
    address.replace(
      /@([^@[]*)$/,
      (_, domain: string) => `@${/^[ -~]*$/.test(domain) ? domain : domainToASCII(domain)}`,
    );
  return { from: path(from), to: to.map(path) };
}

describe.each([
  { mode: 'in memory, pipelined', pipelining: true, load: (bytes: Buffer) => Promise.resolve(Message.parse(bytes)) },
  {
    mode: 'in memory, one command at a time',
    pipelining: false,
    load: (bytes: Buffer) => Promise.resolve(Message.parse(bytes)),
  },
  { mode: 'streamed from the file', pipelining: true, load: (_bytes: Buffer, path: string) => messageFromFile(path) },
])('real messages $mode', ({ pipelining, load }) => {
  it('arrive octet for octet', async () => {
    await using server = await ScriptedServer.start(
      { behave: { extensions: ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE'] } },
      { violations: 'record' },
    );
    await using smtp = await SMTP.connect({ host: server.host, port: server.port, pipelining });
    const different: string[] = [];
    for (const { file, bytes, path } of realMessages()) {
      const before = server.messages.length;
      const message = await load(bytes, path);
      const envelope = envelopeOf(message);
      const result = await smtp.sendMessage(message, { ...envelope, serializeOptions });
      const arrived = server.messages[before];
      const isSame =
        arrived !== undefined &&
        arrived.content.equals(expectedOctets(bytes)) &&
        JSON.stringify(arrived.envelope) === JSON.stringify(onTheWire(envelope)) &&
        result.sizeBytes === arrived.content.length;
      if (!isSame) different.push(file);
    }
    expect(different).toEqual([]);
    expect(server.messages).toHaveLength(realMessages().length);
    // The server's own eye for bare line ends; long lines are the messages' own.
    const kinds = new Set(server.violations.map(({ kind }) => kind));
    kinds.delete('long-line');
    expect([...kinds]).toEqual([]);
  });
});
