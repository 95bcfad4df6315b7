/**
 * The numbers that a script sees, with the meanings of sysexits.h, and one order of urgency for runs with several messages.
 */
/** Every exit code, the most urgent first: of a run with several messages, the first one here that occurred is the result. */
export const EXIT_CODES = {
  'may-be-delivered': {
    code: 70,
    means:
      'A message may have been delivered: its end was sent and no answer came. Do not simply send it again. ' +
      'Also a fault of this program that it did not foresee.',
  },
  interrupted: { code: 130, means: 'SIGINT ended the run (143: SIGTERM did); what was in flight was finished first.' },
  'cannot-write': {
    code: 73,
    means: 'The report or the journal could not be written; what was not sent by then was not sent.',
  },
  configuration: {
    code: 78,
    means:
      'No server is known, or SMTP_URL, an account or a source of passwords is wrong; a port is in use; npm lmdb is missing.',
  },
  usage: { code: 64, means: 'The command line is wrong. Nothing was sent.' },
  'no-input': {
    code: 66,
    means: 'A file could not be read, a directory holds no messages or no outbox, or a message is not in the outbox.',
  },
  login: { code: 77, means: 'The server refused the login, or offers none.' },
  protocol: { code: 76, means: 'The server broke the protocol, or its certificate did not pass.' },
  'try-again': {
    code: 75,
    means: 'A 4xx reply, no connection, no DNS answer, a time-out. Later, send again to those who did not get it.',
  },
  'bad-message': {
    code: 65,
    means: 'A message, an mbox or a journal is wrong: no sender, no recipients, a bad address, forbidden octets.',
  },
  'recipient-refused': { code: 67, means: 'A recipient was refused for good (5xx).' },
  refused: {
    code: 69,
    means:
      'The server refused a message for good (5xx), or cannot do what the message needs. Also a message of an outbox whose state ' +
      'does not allow what was asked.',
  },
  ok: { code: 0, means: 'Every recipient of every message was accepted.' },
} as const satisfies Record<string, { readonly code: number; readonly means: string }>;

export type ExitName = keyof typeof EXIT_CODES;

const BY_URGENCY = Object.keys(EXIT_CODES) as ExitName[];

/** The result of a run. Without any: `ok`. */
export function mostUrgent(names: Iterable<ExitName>): ExitName {
  const occurred = new Set(names);
  return BY_URGENCY.find((name) => occurred.has(name)) ?? 'ok';
}
