import { simpleParser } from 'mailparser';
import { prepareMessage, type Sendable } from '../../src/client/send-message.js';
import { MissingSenderError } from '../../src/errors.js';
import { bindMessageEnvironment } from '../../src/message/environment.js';
import { Message } from '../../src/message/message.js';
import { failure } from '../message/failure.js';
import { fixedEnvironment } from '../message/fixed-environment.js';

beforeAll(() => {
  bindMessageEnvironment(fixedEnvironment);
});

const raw = 'From: a@x.example\r\nTo: b@x.example\r\nBcc: c@x.example\r\nMessage-ID: <1@x.example>\r\n\r\nText\r\n';

async function* octets(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(raw);
}

async function sentOf(sendable: Sendable): Promise<string> {
  const { shipment } = await prepareMessage(sendable, {});
  expect(shipment.forwardPaths.map(({ address }) => address)).toEqual(['b@x.example', 'c@x.example']);
  expect(shipment.reversePath.address).toBe('a@x.example');
  const chunks: Uint8Array[] = [];
  for await (const chunk of shipment.content.stream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('sendMessage takes', () => {
  it.each<[what: string, sendable: Sendable]>([
    ['a Message', Message.parse(raw)],
    ['bytes', Buffer.from(raw)],
    ['a function', octets],
    ['an object with toBytes()', { toBytes: () => Promise.resolve(Buffer.from(raw)) }],
  ])('%s', async (_what, sendable) => {
    expect(await sentOf(sendable)).toBe(raw.replace('Bcc: c@x.example\r\n', ''));
  });

  it('the fields of a message, with its identifier and its warnings', async () => {
    const fields = { from: 'a@x.example', to: 'b@x.example', bcc: 'c@x.example', text: 'Text' };
    expect(await sentOf(fields)).toContain('To: b@x.example\r\n');
    const { messageId, shipment } = await prepareMessage(fields, {});
    expect(messageId).toBe(`<${'ab'.repeat(16)}@host.example>`);
    expect(shipment.warnings.map(({ code }) => code)).toEqual(['WARN_NO_SUBJECT']);
    expect(shipment.content).toMatchObject({ eightBit: false, replayable: true });
  });

  it('what mailparser has read', async () => {
    const parsed = await simpleParser(raw);
    const sent = await sentOf(parsed);
    expect(sent).toContain('Message-ID: <1@x.example>\r\n');
    expect(sent).not.toContain('c@x.example');
    const nameless = await simpleParser('To: b@x.example\r\n\r\nText');
    await expect(prepareMessage(nameless, {})).rejects.toThrow(MissingSenderError);
  });

  it('fields that came as JSON, which never make a file be read', async () => {
    const fields = JSON.parse(
      '{"from":"a@x.example","to":"b@x.example","attachments":[{"path":"/etc/passwd"}]}',
    ) as Sendable;
    await expect(prepareMessage(fields, {})).rejects.toThrow(failure({ code: 'ERR_UNKNOWN_MESSAGE_FIELD' }));
    await expect(prepareMessage({ from: [] }, {})).rejects.toThrow(MissingSenderError);
    await expect(prepareMessage({ to: 'b@x.example' } as Sendable, {})).rejects.toThrow(MissingSenderError);
  });

  it.each([null, undefined, 7, 'From: a@x', {}, { id: 1 }, []])('not %j', async (value) => {
    await expect(prepareMessage(value as unknown as Sendable, {})).rejects.toThrow(
      failure({ code: 'ERR_INVALID_MESSAGE', hint: expect.stringContaining('from') as string }),
    );
  });
});

it('a half of the envelope that is given replaces what the message says', async () => {
  const { shipment } = await prepareMessage({ from: 'a@x.example', text: '' }, { to: ['z@x.example'], from: '' });
  expect(shipment.reversePath.address).toBe('');
  expect(shipment.forwardPaths.map(({ address }) => address)).toEqual(['z@x.example']);
});
