// One face for an `SMTP` and a `Mailer`, so that a scenario need not know through which of them it sends.
import {
  isPosthasteError,
  type CallOptions,
  type Mailer,
  type SendMessageOptions,
  type SendResult,
  type Sendable,
  type SMTP,
} from '../../src/index.js';
import { SENDER, NEIGHBOUR } from './mailboxes.js';
import type { Neighbours } from './neighbours.js';

export interface BurstMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly message: Sendable;
  readonly options?: CallOptions;
}

export interface Sender {
  sendmail(
    from: string,
    to: string | readonly string[],
    message: Uint8Array | (() => AsyncIterable<Uint8Array>),
    options?: CallOptions,
  ): Promise<SendResult>;
  sendMessage(message: Sendable, options?: SendMessageOptions): Promise<SendResult>;
  /** Sends all of them, and gives what became of each: a Mailer gets them at once, an SMTP one after the other. */
  sendBurst(messages: readonly BurstMessage[]): Promise<PromiseSettledResult<SendResult>[]>;
}

export function clientSender(client: SMTP): Sender {
  return {
    sendmail: (from, to, message, options) => client.sendmail(from, to, message, options),
    sendMessage: (message, options) => client.sendMessage(message, options),
    sendBurst: async (messages) => {
      const settled: PromiseSettledResult<SendResult>[] = [];
      for (const { from, to, message, options } of messages) {
        settled.push(...(await Promise.allSettled([client.sendMessage(message, { ...options, from, to })])));
      }
      return settled;
    },
  };
}

/** With neighbours each message goes between two of them, over the same connection. */
export function mailerSender(mailer: Mailer, neighbours: Neighbours | undefined): Sender {
  const between = async (message: Sendable, options: SendMessageOptions): Promise<SendResult> => {
    if (neighbours === undefined) return await mailer.send(message, options);
    const [first, last] = [neighbours.make(), neighbours.make()];
    const sendNeighbour = (bytes: Buffer) => mailer.send(bytes, { from: SENDER, to: NEIGHBOUR });
    const settled = await Promise.allSettled([
      sendNeighbour(first.bytes),
      mailer.send(message, options),
      sendNeighbour(last.bytes),
    ]);
    const [firstEnd, end, lastEnd] = settled;
    for (const [neighbour, its] of [[first, firstEnd] as const, [last, lastEnd] as const]) {
      if (its.status === 'fulfilled') neighbours.expect(neighbour.name, neighbour.bytes);
      else expectSameFate(its.reason, end);
    }
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  };
  return {
    sendmail: (from, to, message, options) => between(message, { ...options, from, to }),
    sendMessage: (message, options = {}) => between(message, options),
    sendBurst: async (messages) =>
      await Promise.allSettled(
        messages.map(({ from, to, message, options }) => mailer.send(message, { ...options, from, to })),
      ),
  };
}

/** A neighbour fails only when the connection could not be had at all: then all fail alike, and nothing was sent. */
function expectSameFate(reason: unknown, end: PromiseSettledResult<SendResult>): void {
  expect(isPosthasteError(reason) ? reason.delivery : reason).toBe('not-sent');
  expect(end.status === 'rejected' ? codeOf(end.reason) : 'sent').toEqual(codeOf(reason));
}

function codeOf(error: unknown): string {
  return isPosthasteError(error) ? error.code : String(error);
}
