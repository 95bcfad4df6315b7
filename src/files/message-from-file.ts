/**
 * Messages in files. One rule: the header block is read once and kept; the body is read from the file each time it is sent, and
 * only if the file is still the one whose header block was read.
 */
import { checkChoice, checkOptions, checkText } from '../message/check-argument.js';
import { messageOfHead, readHead, type MessageHead } from '../message/read-message.js';
import type { Message } from '../message/message.js';
import { scanBody } from '../message/scan-body.js';
import { FileSource } from './file-source.js';

const CHANGED_HINT = 'Read it anew with messageFromFile(path); write new messages to new files.';

export interface MessageFromFileOptions {
  /**
   * Reads the whole file once beforehand: the exact size and whether BODY=8BITMIME is needed are known before the first command,
   * and NUL octets and over-long lines are refused there instead of in the middle of a sending. Default false.
   */
  scan?: boolean;
}

/**
 * A message of which only the header block is in memory. It can be sent again and again, as long as the file does not change. SIZE
 * is declared from the file's length without reading it: exact for a file with CRLF line ends, else an estimate that is too small by
 * the line ends that lack an octet (RFC 1870 section 6.3 foresees that).
 *
 * @throws MessageError: `ERR_FILE_NOT_READABLE` (with the system's error as `cause`), `ERR_NOT_A_FILE` (a directory, a pipe),
 *   `ERR_MESSAGE_CHANGED`, and what `Message.parse` throws; with `scan` also `ERR_NUL_OCTET`.
 */
export async function messageFromFile(path: string, options: MessageFromFileOptions = {}): Promise<Message> {
  checkText(path, 'the path of the message file');
  checkOptions(options);
  checkChoice(options.scan, [true, false], 'scan');
  const source = new FileSource(path, 'message file', CHANGED_HINT);
  const head = await readHeadOf(source);
  const { bodyStart } = head.block;
  const facts = options.scan === true ? await scanBody(source.readFrom(bodyStart)) : undefined;
  const sourceOctets = source.sizeBytes - bodyStart;
  const open = (transient?: boolean): AsyncIterable<Uint8Array> => source.readFrom(bodyStart, transient);
  return messageOfHead(head, { replayable: true, open, sourceOctets, facts });
}

async function readHeadOf(file: FileSource): Promise<MessageHead> {
  const octets = file.readSparingly();
  try {
    return await readHead(octets);
  } finally {
    await octets.return();
  }
}
