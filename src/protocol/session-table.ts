/**
 * Which command may be sent when, and where its answer leads: data, no code. RFC 5321 section 4.1.4, RFC 3207 section 4.2
 * (STARTTLS forgets everything), RFC 4954 section 4 (AUTH once, and not during a transaction), RFC 2033 (LHLO).
 */

/** `connected`: the greeting has not come. `greeted`: no EHLO yet. `body`: after 354. */
export type Phase = 'closed' | 'connected' | 'greeted' | 'ready' | 'mail' | 'rcpt' | 'body' | 'quitting';

/** Verbs with a row of their own; any other verb is `OTHER` and leaves the phase alone. */
export type Verb =
  'EHLO' | 'HELO' | 'LHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'BDAT' | 'RSET' | 'QUIT' | 'OTHER';

/** Where a command leads: after a yes (session.ts says which codes are one), and after any other answer. */
export interface Transition {
  readonly yes: Phase;
  readonly no: Phase;
}

type Row = Readonly<Partial<Record<Verb, Transition>>>;

/** NOOP, HELP, VRFY, EXPN and verbs unknown here change nothing; QUIT ends the session whatever the answer. */
const anywhere = (phase: Phase): Row => ({
  OTHER: { yes: phase, no: phase },
  QUIT: { yes: 'closed', no: 'closed' },
});

const hello = (no: Phase): Row => ({
  EHLO: { yes: 'ready', no },
  HELO: { yes: 'ready', no },
  LHLO: { yes: 'ready', no },
});

/** A transaction can be dropped by RSET; a server that refuses it is in a state nobody knows. */
const reset = (yes: Phase): Row => ({ RSET: { yes, no: 'closed' } });

const transaction = (phase: Phase): Row => ({
  ...anywhere(phase),
  ...hello(phase),
  ...reset('ready'),
  RCPT: { yes: 'rcpt', no: phase },
  DATA: { yes: 'body', no: phase },
  BDAT: { yes: 'ready', no: phase },
});

export const SESSION_TABLE: Readonly<Record<Phase, Row>> = {
  closed: {},
  connected: {},
  // A refusal ends the session, but for the codes of EHLO behind which HELO may follow (session.ts).
  greeted: { ...anywhere('greeted'), ...reset('greeted'), ...hello('closed') },
  ready: {
    ...anywhere('ready'),
    ...reset('ready'),
    ...hello('ready'),
    STARTTLS: { yes: 'greeted', no: 'ready' },
    AUTH: { yes: 'ready', no: 'ready' },
    MAIL: { yes: 'mail', no: 'ready' },
  },
  mail: transaction('mail'),
  rcpt: transaction('rcpt'),
  body: {},
  quitting: {},
};
