/** What a transporter needs of what is below it. Types only. */
import type { MailMessage } from './mail-message.js';
import type { SentMessageInfo } from './transport-types.js';

export interface CloseOptions {
  /** Ends also what is under way. */
  readonly force?: boolean;
}

export interface Transport<Info extends SentMessageInfo = SentMessageInfo> {
  readonly name: string;
  readonly version: string;
  /** How many messages are under way at a time at most. */
  readonly capacity: number;
  /** Whether the message must be readable twice. */
  readonly replayable: (data: Readonly<Record<string, unknown>>) => boolean;
  readonly send: (mail: MailMessage) => Promise<Info>;
  readonly verify: () => Promise<true>;
  readonly close: (options?: CloseOptions) => Promise<void>;
}
