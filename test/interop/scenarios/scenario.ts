// The shape of a scenario, and what several of them ask.
import type { InteropServer } from '../servers/server.js';
import { ALICE, SENDER } from '../mailboxes.js';
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
  /** Undefined: the server can do it. */
  readonly inability?: (server: InteropServer) => Inability | undefined;
}

/** Sends with an explicit envelope; all recipients are accepted, and get `expected`. */
export async function sendAndExpect(
  trial: Trial,
  sent: Buffer,
  { expected = sent, recipients = [ALICE], client = trial.client } = {},
): Promise<void> {
  const result = await client.sendmail(SENDER, recipients, sent);
  expect(result.accepted).toEqual(recipients);
  expect(result.refused.size).toBe(0);
  expect(result.sizeBytes).toBe(expected.length);
  await expectDelivered(trial, { recipients, bytes: expected });
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
