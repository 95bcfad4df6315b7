// The shape of a scenario, and what several of them ask.
import type { SendResult, WireEvent } from '../../../src/index.js';
import type { InteropServer } from '../servers/server.js';
import { ALICE, SENDER } from '../mailboxes.js';
import type { Mode } from '../modes.js';
import { expectDelivered, type Trial } from '../trial.js';

/** What a server cannot do stands in the table with the reason, and the reason is proved on the server. */
export interface Inability {
  /** Follows the name of the server: `does not offer DSN`. */
  readonly reason: string;
  /** Fails when the server can do it after all. */
  readonly prove: (trial: Trial) => Promise<void>;
}

export interface Scenario {
  readonly name: string;
  readonly run: (trial: Trial) => Promise<void>;
  /** Default: all. */
  readonly modes?: readonly Mode[];
  /** Undefined: the server can do it. */
  readonly inability?: (server: InteropServer) => Inability | undefined;
}

/** Sends with an explicit envelope; all recipients are accepted, and get `expected`. */
export async function sendAndExpect(
  trial: Trial,
  sent: Buffer,
  { expected = sent, recipients = [ALICE], sender = trial.sender } = {},
): Promise<SendResult> {
  const result = await sender.sendmail(SENDER, recipients, sent);
  expect(result.accepted).toEqual(recipients);
  expect(result.refused.size).toBe(0);
  expect(result.sizeBytes).toBe(expected.length);
  await expectDelivered(trial, { recipients, bytes: expected });
  return result;
}

/** What the promise rejects with; fails when it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => {
      throw new Error('It did not reject.');
    },
    (error: unknown) => error,
  );
}

/** An inability of every server whose plain endpoint does not offer the extension. */
export function needs(keyword: string, prove: (trial: Trial) => Promise<void> = () => Promise.resolve()) {
  return ({ plain }: InteropServer): Inability | undefined => {
    if (plain.keywords.includes(keyword)) return undefined;
    return {
      reason: `does not offer ${keyword}`,
      prove: async (trial) => {
        expect(trial.client.hasExtn(keyword)).toBe(false);
        await prove(trial);
      },
    };
  };
}

/** A login was begun with that mechanism, or any, and was taken. */
export function expectLogin({ wire }: Trial, mechanism = ''): void {
  const isLogin = ({ direction, text }: WireEvent): boolean => direction === 'sent' && text.startsWith('AUTH ');
  expect(wire.find(isLogin)?.text).toContain(`AUTH ${mechanism}`);
  expect(wire.some(({ direction, text }) => direction === 'received' && text.startsWith('235'))).toBe(true);
}
