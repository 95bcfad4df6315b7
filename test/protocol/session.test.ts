import fc from 'fast-check';
import { makeReply } from '../../src/protocol/reply.js';
import { heloMayFollow, Session } from '../../src/protocol/session.js';
import { SESSION_TABLE, type Phase, type Verb } from '../../src/protocol/session-table.js';

const reply = (code: number) => makeReply(code, ['']);

/** The commands, with their answers, that lead from a greeted session to each phase. */
const WAYS: Readonly<Partial<Record<Phase, readonly (readonly [verb: string, code: number])[]>>> = {
  greeted: [],
  ready: [['EHLO', 250]],
  mail: [
    ['EHLO', 250],
    ['MAIL', 250],
  ],
  rcpt: [
    ['EHLO', 250],
    ['MAIL', 250],
    ['RCPT', 250],
  ],
  body: [
    ['EHLO', 250],
    ['MAIL', 250],
    ['RCPT', 250],
    ['DATA', 354],
  ],
};

function sessionIn(phase: Phase): Session {
  const session = new Session();
  if (phase === 'closed') return session;
  session.opened();
  if (phase === 'connected') return session;
  session.greeted();
  for (const [verb, code] of WAYS[phase] ?? []) session.answered(verb, reply(code));
  expect(session.phase).toBe(phase);
  return session;
}

function phaseAfter(phase: Phase, verb: string, code: number): Phase {
  const session = sessionIn(phase);
  session.answered(verb, reply(code));
  return session.phase;
}

/** `quitting` is left out: nothing is read between QUIT and its answer. */
const REACHED: readonly Phase[] = ['closed', 'connected', 'greeted', 'ready', 'mail', 'rcpt', 'body'];

/** The one code that is a yes where not every 2xx is. */
const YES: Readonly<Partial<Record<Verb, number>>> = { STARTTLS: 220, DATA: 354, AUTH: 235 };

const cells = REACHED.flatMap((phase) =>
  Object.entries(SESSION_TABLE[phase]).map(([verb, { yes, no }]) => [verb as Verb, phase, yes, no] as const),
);

describe('Session', () => {
  const NOTHING = { tls: false, authenticated: false, upgraded: false } as const;

  it('knows nothing before a connection, and nothing of the one before', () => {
    const session = new Session();
    expect(session).toMatchObject({ phase: 'closed', ...NOTHING });
    session.opened();
    session.greeted();
    session.encrypted();
    session.authenticated = true;
    expect(session).toMatchObject({ phase: 'greeted', tls: true, authenticated: true, upgraded: true });
    session.closed();
    expect(session.phase).toBe('closed');
    session.opened();
    expect(session).toMatchObject({ phase: 'connected', ...NOTHING });
  });

  it('is upgraded by TLS in its middle, not by TLS from the start, and forgets who logged in', () => {
    const session = new Session();
    session.opened();
    session.encrypted();
    expect(session).toMatchObject({ tls: true, upgraded: false });
    session.greeted();
    session.authenticated = true;
    session.encrypted();
    expect(session).toMatchObject({ tls: true, authenticated: false, upgraded: true });
  });

  it.each(cells)('walks %s in phase %s as the table says', (verb, phase, yes, no) => {
    const sent = verb === 'OTHER' ? 'NOOP' : verb;
    expect(sessionIn(phase).allows(sent)).toBe(true);
    expect(phaseAfter(phase, sent, YES[verb] ?? 250)).toBe(yes);
    expect(phaseAfter(phase, sent, 451)).toBe(no);
    expect(phaseAfter(phase, sent, 554)).toBe(no);
    expect(phaseAfter(phase, sent, 421)).toBe('closed');
  });

  it.each(REACHED)('refuses in phase %s every verb that has no cell there', (phase) => {
    const session = sessionIn(phase);
    const verbs = ['EHLO', 'HELO', 'LHLO', 'STARTTLS', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'BDAT', 'RSET', 'QUIT'];
    const allowed = verbs.filter((verb) => session.allows(verb));
    expect(allowed).toEqual(verbs.filter((verb) => Object.keys(SESSION_TABLE[phase]).includes(verb)));
    for (const verb of ['NOOP', 'HELP', 'VRFY', 'EXPN', 'XCLIENT', 'constructor', '__proto__']) {
      expect(session.allows(verb)).toBe(SESSION_TABLE[phase].OTHER !== undefined);
    }
  });

  it.each([500, 501, 502, 504, 550])('lets HELO follow a %d to EHLO', (code) => {
    expect(heloMayFollow(reply(code))).toBe(true);
    expect(phaseAfter('greeted', 'EHLO', code)).toBe('greeted');
    expect(phaseAfter('greeted', 'HELO', code)).toBe('closed');
    expect(phaseAfter('greeted', 'LHLO', code)).toBe('closed');
  });

  it.each([421, 450, 503, 535, 553, 554])('lets nothing follow a %d to EHLO', (code) => {
    expect(heloMayFollow(reply(code))).toBe(false);
    expect(phaseAfter('greeted', 'EHLO', code)).toBe('closed');
  });

  it.each([
    ['greeted', 'EHLO', 251, 'closed'],
    ['greeted', 'HELO', 220, 'closed'],
    ['greeted', 'LHLO', 251, 'closed'],
    ['greeted', 'EHLO', 354, 'closed'],
    ['ready', 'STARTTLS', 250, 'ready'],
    ['ready', 'MAIL', 354, 'ready'],
    ['mail', 'RCPT', 334, 'mail'],
    ['rcpt', 'DATA', 250, 'rcpt'],
    ['rcpt', 'DATA', 334, 'rcpt'],
    ['rcpt', 'RSET', 251, 'closed'],
    ['rcpt', 'BDAT', 354, 'rcpt'],
  ] as const)('in phase %s takes no answer to %s for a yes that is none: %d', (phase, verb, code, after) => {
    expect(phaseAfter(phase, verb, code)).toBe(after);
  });

  it.each([251, 252])('takes %d to MAIL and RCPT for a yes', (code) => {
    expect(phaseAfter('ready', 'MAIL', code)).toBe('mail');
    expect(phaseAfter('mail', 'RCPT', code)).toBe('rcpt');
  });

  it('forgets the transaction when it has ended, and the session when it cannot go on', () => {
    const session = sessionIn('rcpt');
    session.transactionEnded(true);
    expect(session.phase).toBe('ready');
    session.transactionEnded(false);
    expect(session.phase).toBe('closed');
  });

  it('never leaves closed by an answer, and always closes on 421', () => {
    const verb = fc.constantFrom('EHLO', 'HELO', 'STARTTLS', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'RSET', 'QUIT', 'NOOP');
    const answer = fc.tuple(verb, fc.constantFrom(220, 250, 251, 354, 421, 450, 500, 550, 554));
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 12 }), (answers) => {
        const session = sessionIn('greeted');
        for (const [sent, code] of answers) {
          const wasClosed = session.phase === 'closed';
          session.answered(sent, reply(code));
          if (wasClosed || code === 421) expect(session.phase).toBe('closed');
        }
      }),
    );
  });
});
