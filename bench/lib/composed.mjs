/** The fields of the composed messages: text and HTML beyond ASCII, and an attachment, in memory or streamed, or none. */
import { Readable } from 'node:stream';

const PARAGRAPH = 'Grüße aus dem Norden: the quick brown fox jumps over the lazy dog, and says so again. ';
const TEXT = `${PARAGRAPH.repeat(4)}\n`.repeat(6);

const BLOCK = Buffer.alloc(65_536, 'The octets of a large attachment, over and over. ');

async function* blocks(octets) {
  for (let left = octets; left > 0; left -= BLOCK.length) yield left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
}

/** `input`: the octets of the attachment; without them, `streamedOctets` are streamed. */
export function composedFields({ input, streamedOctets }, { asReadable = false } = {}) {
  const streamed = () => blocks(streamedOctets);
  return {
    from: 'Jörg Müller <joerg@example.com>',
    to: ['Recipient One <one@example.com>', 'two@example.com'],
    subject: 'Übersicht: a message of the benchmark',
    text: TEXT,
    html: `<p>${TEXT.replaceAll('\n', '</p>\n<p>')}</p>`,
    attachments: [
      {
        filename: 'attachment.bin',
        contentType: 'application/octet-stream',
        content: input ?? (asReadable ? Readable.from(streamed()) : streamed),
      },
    ],
  };
}

const LETTER = [
  'Grüße aus dem Norden,',
  'your parcel has left our house today and will be with you on Thursday.',
  'You can follow it on its way: https://example.com/parcels/1234567890',
  'If something is not as it should be, answer this message and we shall see to it.',
];

/** A letter as programs send them all day. */
export const letterFields = () => ({
  from: 'Jörg Müller <joerg@example.com>',
  to: 'Recipient One <one@example.com>',
  subject: 'Your parcel is on its way',
  text: `${LETTER.join('\n')}\n`,
  html: `<html><body>${LETTER.map((line) => `<p>${line}</p>`).join('\n')}</body></html>\n`,
});
