/** Every real message is signed, sent, resent and sent again; another implementation verifies each signature at each place. */
import { generateKeyPairSync } from 'node:crypto';
import { Message, messageFromFile, MessageError, signDkim, SMTP, type Envelope } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { verdicts, type TestKey } from '../support/dkim-verifier.js';
import { realMessages } from './corpus.js';
import { withoutOriginator } from './refusals.js';

/** Some of the messages have lines over 998 octets, and some no envelope of their own: that is not what is looked at here. */
const serializeOptions = { allowLongLines: true } as const;
const SOMEBODY: Envelope = { from: 'sender@example.org', to: ['recipient@example.org'] };
const RESENDING = { from: 'archive@example.org', to: 'recipient@example.org' };

const domain = 'example.com';
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const keys: readonly TestKey[] = [
  ...(['relaxed/relaxed', 'relaxed/simple', 'simple/relaxed', 'simple/simple'] as const).map((canonicalization) => ({
    domain,
    selector: canonicalization.replace('/', '-'),
    privateKey: ed25519,
    canonicalization,
  })),
  { domain, selector: 'rsa', privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey },
];
const ours = new Set(keys.map(({ selector }) => selector));

/** Some real messages have signatures of their own, whose keys are not known here. */
async function passing(content: Buffer): Promise<number> {
  const results = await verdicts(content, keys);
  return results.filter(({ selector, result }) => ours.has(selector) && result === 'pass').length;
}

describe.each([
  { mode: 'in memory', load: (bytes: Buffer) => Promise.resolve(Message.parse(bytes)) },
  { mode: 'streamed from the file', load: (_bytes: Buffer, path: string) => messageFromFile(path) },
])('the signatures of real messages $mode', ({ load }) => {
  it('pass when they arrive, and when the messages were resent, but for those without From', async () => {
    await using server = await ScriptedServer.start(
      { behave: { extensions: ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE'] } },
      { violations: 'record' },
    );
    await using smtp = await SMTP.connect(server.url);
    const refused: string[] = [];
    const broken: string[] = [];
    for (const { file, bytes, path } of realMessages()) {
      const unsigned = await load(bytes, path);
      let signed: Message;
      try {
        signed = await signDkim(unsigned, keys, serializeOptions);
      } catch (error) {
        expect(error).toBeInstanceOf(MessageError);
        expect(error).toMatchObject({ code: 'ERR_DKIM_NO_FROM' });
        refused.push(file);
        continue;
      }
      for (const message of [signed, signed.resend(RESENDING)]) {
        const before = server.messages.length;
        await smtp.sendMessage(message, { ...SOMEBODY, serializeOptions });
        const content = server.messages[before]?.content ?? Buffer.alloc(0);
        if ((await passing(content)) !== keys.length) broken.push(file);
      }
      const tampered = Buffer.from(await signed.toBytes(serializeOptions));
      const from = tampered.toString('latin1').search(/^from[ \t]*:/im);
      tampered.write('x', tampered.indexOf(':', from) + 1, 'latin1');
      if ((await passing(tampered)) !== 0) broken.push(`${file}: although its From was changed`);
    }
    expect(broken).toEqual([]);
    expect(refused).toEqual(withoutOriginator);
  }, 120_000);
});
