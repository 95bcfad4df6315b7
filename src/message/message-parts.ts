/**
 * What a message is made of. One rule: the header block is in memory and is edited there; the body is never looked at before
 * it is sent.
 */
import type { MessageError } from '../errors.js';
import type { Warning } from '../types.js';
import type { HeaderSpan } from './header-block.js';
import type { HeaderList } from './headers.js';

export interface MessageParts {
  readonly headers: HeaderList;
  /** Where the header block came from has a CR without LF in it, which is refused unless the caller allows it. */
  readonly hasLoneCr: boolean;
  /** The end of the line that separates header block and body; no octets when the message has no body. */
  readonly emptyLine: Buffer;
  readonly body: MessageBody;
  /** The latest resending, whose fields give the envelope. */
  readonly resending?: symbol | undefined;
  /** What was found risky when the message was composed. */
  readonly warnings?: readonly Warning[];
  /** Of a message that was composed with 8-bit texts. */
  readonly sevenBit?: SevenBitForm | undefined;
}

/** The same message for servers without 8BITMIME: other transfer encodings, and nothing else. */
export interface SevenBitForm {
  /** The field of the header block that says `8bit`. */
  readonly encodingField: HeaderSpan;
  /** The body, and the fields that stand in that one's place. The same octets each time. */
  readonly render: () => { readonly encodingFields: readonly HeaderSpan[]; readonly body: MessageBody };
}

/** The octets behind the empty line. */
export type MessageBody =
  | { readonly kind: 'octets'; readonly octets: Buffer }
  | {
      readonly kind: 'stream';
      /** False: `open` throws ERR_MESSAGE_CONSUMED when it is called again. */
      readonly replayable: boolean;
      /** Throws ERR_MESSAGE_CONSUMED when `open` would. */
      readonly refuseConsumed?: () => void;
      /** `transient`: see StreamOptions. */
      readonly open: (transient?: boolean) => AsyncIterable<Uint8Array>;
      /** How many octets there are before line ends are made canonical, when that is known without reading. */
      readonly sourceOctets?: number | undefined;
      /** Whether there are octets above 127, when that is known without reading. */
      readonly eightBit?: boolean | undefined;
      /** What is known when the body has been read before. */
      readonly facts?: BodyFacts | undefined;
    };

/** What a body is in its canonical form. */
export interface BodyFacts {
  readonly sizeBytes: number;
  readonly eightBit: boolean;
  readonly dotLines: number;
  /** Why it cannot go out unless `allowLongLines` is given. */
  readonly longLine: MessageError | undefined;
}
