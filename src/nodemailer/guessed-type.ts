/** What a file is by the end of its name, as a message that carries it says it. */
import { Message } from '../index.js';

const TYPE_OF_PART = /\r\n\r\n(?:.|\r\n)*?\r\nContent-Type: ([^;\s]+)/;

/** `application/octet-stream` for what is not known. */
export async function guessedType(filename: string): Promise<string> {
  const message = Message.compose({ from: 'nobody@localhost', attachments: [{ content: 'x', filename }] });
  const octets = await message.toBytes();
  return TYPE_OF_PART.exec(Buffer.from(octets).toString('latin1'))?.[1] ?? 'application/octet-stream';
}
