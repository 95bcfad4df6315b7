/**
 * Files as attachments. One rule: a file is read only because this was called with its path, never because of something that a
 * message says.
 */
import { basename } from 'node:path';
import { MessageError } from '../errors.js';
import { checkOptions } from '../message/check-argument.js';
import type { Attachment } from '../message/message-fields.js';
import { FileSource } from './file-source.js';

export type FileAttachmentOptions = Omit<Attachment, 'content' | 'encoding'>;

/**
 * An attachment that is read from a file each time the message is sent, and never held in memory. Its name and its type come from the
 * path unless they are given. A file that changed after the first sending is refused, since every sending must give the same
 * octets.
 *
 * @throws MessageError: `ERR_INVALID_FILE_NAME`. When it is sent: `ERR_FILE_NOT_READABLE` (with the system's error as `cause`),
 *   `ERR_NOT_A_FILE`, `ERR_MESSAGE_CHANGED`.
 */
export function fileAttachment(path: string, options: FileAttachmentOptions = {}): Attachment {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new MessageError('an attachment needs the path of a file', {
      code: 'ERR_INVALID_FILE_NAME',
      hint: "Give fileAttachment('report.pdf').",
    });
  }
  checkOptions(options);
  const file = new FileSource(path, 'attachment', 'Call fileAttachment(path) anew for what the file is now.');
  return { filename: basename(path), ...options, content: () => file.readFrom(0) };
}
