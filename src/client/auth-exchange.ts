/**
 * One AUTH exchange (RFC 4954 section 4) over whatever mechanism: only 235 is a success, the lines are secret, a failure on
 * this side is cancelled with `*`, and a server that never stops asking is stopped.
 */
import { describeReply, SMTPAuthenticationError, SMTPException } from '../errors.js';
import { encodeAuthAnswer, MAX_COMMAND_OCTETS } from '../protocol/command.js';
import { isRefusal } from '../protocol/reply.js';
import { decodeChallenge, encodeInitialResponse, encodeResponse } from '../protocol/sasl/base64.js';
import type { Reply } from '../types.js';
import type { Conversation } from './conversation.js';
import type { Limits } from './limits.js';

/** More challenges than any mechanism has are a loop. */
const MAX_CHALLENGES = 5;

export interface AuthParty {
  readonly mechanism: string;
  /** What goes with AUTH; undefined when the server speaks first. Not asked for without `initialResponseOk`. */
  initial(): Promise<Uint8Array | undefined>;
  respond(challenge: Uint8Array): Promise<Uint8Array>;
  /** What the server said about a failure within the exchange. */
  serverError(): string | undefined;
  /** Throws when the server owes a proof. */
  finish(): void;
}

/** Resolves with the 235. Throws SMTPAuthenticationError for any other answer, and what `party` throws, once cancelled. */
export async function runAuthExchange(
  conversation: Conversation,
  party: AuthParty,
  initialResponseOk: boolean,
  limits: Limits,
): Promise<Reply> {
  const { connection } = conversation;
  let withheld: Uint8Array | undefined;
  let line = `AUTH ${party.mechanism}`;
  const initial = initialResponseOk ? await party.initial() : undefined;
  if (initial !== undefined) {
    const full = `${line} ${encodeInitialResponse(initial)}`;
    // A response that does not fit into the line goes in answer to an empty challenge.
    if (full.length + 2 > MAX_COMMAND_OCTETS) withheld = initial;
    else line = full;
  }
  let reply = await conversation.exchange(line, 'auth', limits, { secret: true });
  for (let challenges = 0; reply.code === 334; challenges += 1) {
    let answer;
    try {
      if (challenges >= MAX_CHALLENGES) throw tooManyChallenges(party.mechanism);
      const challenge = decodeChallenge(reply.text, party.mechanism);
      const response: Uint8Array = withheld ?? (await party.respond(challenge));
      withheld = undefined;
      answer = encodeAuthAnswer(encodeResponse(response));
    } catch (error) {
      await cancel(conversation, limits);
      throw error;
    }
    reply = await connection.exchange(answer, 'auth', limits);
  }
  if (reply.code !== 235) {
    // Neither yes nor no: who is logged in, and whether the server waits for a line of the exchange, is not known.
    if (!isRefusal(reply)) conversation.close();
    throw refused(party, reply);
  }
  try {
    party.finish();
  } catch (error) {
    // The server let us in without showing that it knows the password: it is not the one that was meant.
    conversation.close();
    throw error;
  }
  connection.session.authenticated = true;
  return reply;
}

/** RFC 4954 section 4. A server that does not refuse then waits for an answer, or let somebody in: no place for a command. */
async function cancel(conversation: Conversation, limits: Limits): Promise<void> {
  try {
    const reply = await conversation.connection.exchange(encodeAuthAnswer('*'), 'auth', limits);
    if (!isRefusal(reply)) conversation.close();
  } catch {
    // What made this side cancel says more than how that failed.
    conversation.close();
  }
}

function refused(party: AuthParty, reply: Reply): SMTPAuthenticationError {
  const said = party.serverError();
  return new SMTPAuthenticationError(
    `the server refused ${party.mechanism}: ${describeReply(reply)}${said === undefined ? '' : ` (${said})`}`,
    {
      reply,
      mechanism: party.mechanism,
      hint: hintFor(reply),
    },
  );
}

function hintFor(reply: Reply): string {
  if (!isRefusal(reply)) return 'Only 235 is a yes (RFC 4954 section 6): the connection was closed.';
  return reply.code < 500 ? 'Try again later.' : 'Check the user name and the password or token.';
}

function tooManyChallenges(mechanism: string): SMTPException {
  return new SMTPException(`${mechanism} failed: the server sent more than ${String(MAX_CHALLENGES)} challenges`, {
    code: 'ERR_AUTH_LOOP',
    stage: 'auth',
    hint: 'The server or the mechanism is broken; the exchange was cancelled.',
  });
}
