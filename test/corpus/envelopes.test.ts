/** Every real message has an envelope, or stands in the reviewed list of those that have none. */
import { InvalidAddressError, isPosthasteError, Message } from '../../src/index.js';
import { realMessages } from './corpus.js';
import { badAddresses, withoutOriginator, withoutRecipients } from './refusals.js';

const messages = realMessages();

function refusalOf(
  bytes: Buffer,
): { code: string; header: string | undefined; position: number | undefined } | undefined {
  try {
    Message.parse(bytes).envelope();
    return undefined;
  } catch (error) {
    if (!isPosthasteError(error)) throw error;
    const header = 'header' in error ? (error.header as string | undefined) : undefined;
    return { code: error.code, header, position: error instanceof InvalidAddressError ? error.position : undefined };
  }
}

describe('the envelopes of real messages', () => {
  it('are there for all but those in the reviewed list', () => {
    const refused = messages.flatMap(({ file, bytes }) => {
      const refusal = refusalOf(bytes);
      return refusal === undefined ? [] : [{ file, ...refusal }];
    });
    const listed = [
      ...badAddresses.map(({ file, code, header, position }) => ({ file, code, header, position })),
      ...withoutRecipients.map((file) => ({ file, code: 'ERR_MISSING_RECIPIENTS', header: 'To', position: undefined })),
      ...withoutOriginator.map((file) => ({ file, code: 'ERR_MISSING_SENDER', header: 'From', position: undefined })),
    ];
    const inOrder = (list: readonly { file: string }[]): unknown =>
      [...list].sort((one, other) => (one.file < other.file ? -1 : 1));
    expect(inOrder(refused)).toEqual(inOrder(listed));
    expect(messages.length - refused.length).toBeGreaterThanOrEqual(170);
  });

  it('are missing for want of fields, far more often than for want of a reading', () => {
    const hasRecipientField = ({ bytes }: { bytes: Buffer }): boolean => {
      const { headers } = Message.parse(bytes);
      return ['To', 'Cc', 'Bcc'].some((name) => headers.has(name));
    };
    const fine = messages.filter((message) => refusalOf(message.bytes) === undefined || !hasRecipientField(message));
    expect(fine.length).toBeGreaterThanOrEqual(200);
  });

  it('come with the place of each address in the message', () => {
    for (const { bytes } of messages.filter((message) => refusalOf(message.bytes) === undefined)) {
      const message = Message.parse(bytes);
      const { from, to, sources } = message.explainEnvelope();
      expect(sources.filter(({ role }) => role === 'from').map(({ address }) => address)).toEqual([from]);
      const recipients = sources.filter(({ role, duplicateOf }) => role === 'to' && duplicateOf === undefined);
      expect(recipients.map(({ address }) => address)).toEqual(to);
      for (const { header, occurrence, position } of sources) {
        const value = message.headers.getAll(header)[occurrence] ?? '';
        expect(position).toBeGreaterThanOrEqual(0);
        expect(position).toBeLessThanOrEqual(value.length);
      }
    }
  });
});
