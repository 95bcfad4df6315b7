import fc from 'fast-check';
import { Message, type MessageFields } from '../../src/index.js';
import { sealMessage } from '../../src/outbox/seal-message.js';

const identityOf = async (...args: Parameters<typeof sealMessage>): Promise<string> =>
  (await sealMessage(...args)).identity;

const base = { from: 'ann@example.org', to: 'bob@example.net' };
const fields: fc.Arbitrary<MessageFields> = fc.record(
  {
    from: fc.constant('ann@example.org'),
    to: fc.constantFrom('bob@example.net', ['bob@example.net', 'carl@example.net']),
    bcc: fc.constantFrom('eve@example.net'),
    subject: fc.constantFrom('one', 'zwei ü'),
    text: fc.constantFrom('text', 'text ü', '=_0123456789abcdef0123456789abcd_1'),
    html: fc.constantFrom('<p>a</p>', '<p>b</p>'),
    attachments: fc.constantFrom([{ content: 'a' }], [{ content: 'b' }], [{ content: 'a', filename: 'a.txt' }]),
    date: fc.constantFrom(new Date(0), new Date(86_400_000)),
    messageId: fc.constantFrom('<1@example.org>', '<2@example.org>'),
    headers: fc.constantFrom({ 'X-One': '1' }, { 'X-One': '2' }),
  },
  { requiredKeys: ['from', 'to'] },
);

describe('what counts as the same message', () => {
  it('is for fields what the fields say: the same give the same, and others another', async () => {
    await fc.assert(
      fc.asyncProperty(fields, fields, async (one, two) => {
        const [first, again, other] = [
          await identityOf(one, {}),
          await identityOf({ ...one }, {}),
          await identityOf(two, {}),
        ];
        expect(again).toBe(first);
        expect(other === first).toBe(
          JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(two).sort()),
        );
      }),
    );
  });

  it('holds its envelope, its recipients and the parameters, and neither its key nor its times nor its signature', async () => {
    const first = await identityOf(base, {});
    expect(await identityOf(base, { key: 'k', priority: 3, expires: 8e15, notBefore: 1 })).toBe(first);
    for (const options of [
      { to: 'x@example.net' },
      { from: 'x@example.org' },
      { requireTls: true },
      { mailOptions: ['SIZE=1'] },
      { dsn: { envid: 'x' } },
    ]) {
      // prettier-ignore
      expect(await identityOf(base, options)).not.toBe(first);
    }
  });

  it('is for octets, and for a message that was composed before, the octets', async () => {
    const message = Message.compose(base);
    const octets = await message.toBytes();
    const identity = await identityOf(message, {});
    expect(await identityOf(octets, { to: 'bob@example.net' })).toBe(identity);
    expect(await identityOf({ toBytes: () => Promise.resolve(octets) }, {})).toBe(identity);
    async function* stream(): AsyncIterable<Uint8Array> {
      await Promise.resolve();
      yield octets.subarray(0, 20);
      yield octets.subarray(20);
    }
    expect(await identityOf(stream, {})).toBe(identity);
    expect(await identityOf(Message.compose(base), {})).not.toBe(identity);
  });

  it('does not depend on the order of the names in what was given', async () => {
    const one = await identityOf(base, { dsn: { envid: 'x', ret: 'full' } });
    expect(await identityOf({ to: base.to, from: base.from }, { dsn: { ret: 'full', envid: 'x' } })).toBe(one);
  });
});
