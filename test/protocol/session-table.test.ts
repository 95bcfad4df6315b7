import { SESSION_TABLE, type Phase, type Verb } from '../../src/protocol/session-table.js';

const PHASES: readonly Phase[] = ['closed', 'connected', 'greeted', 'ready', 'mail', 'rcpt', 'body', 'quitting'];
const VERBS: readonly Verb[] = [
  'EHLO',
  'HELO',
  'LHLO',
  'STARTTLS',
  'AUTH',
  'MAIL',
  'RCPT',
  'DATA',
  'BDAT',
  'RSET',
  'QUIT',
  'OTHER',
];

const REFUSED = 'refused';

/** Written from the RFCs, one line per phase and verb: `phase after yes / phase after no`. */
const EXPECTED: Readonly<Record<Phase, Readonly<Partial<Record<Verb, string>>>>> = {
  closed: {},
  connected: {},
  greeted: {
    EHLO: 'ready / closed',
    HELO: 'ready / closed',
    LHLO: 'ready / closed',
    RSET: 'greeted / closed',
    QUIT: 'closed / closed',
    OTHER: 'greeted / greeted',
  },
  ready: {
    EHLO: 'ready / ready',
    HELO: 'ready / ready',
    LHLO: 'ready / ready',
    STARTTLS: 'greeted / ready',
    AUTH: 'ready / ready',
    MAIL: 'mail / ready',
    RSET: 'ready / closed',
    QUIT: 'closed / closed',
    OTHER: 'ready / ready',
  },
  mail: {
    EHLO: 'ready / mail',
    HELO: 'ready / mail',
    LHLO: 'ready / mail',
    RCPT: 'rcpt / mail',
    DATA: 'body / mail',
    BDAT: 'ready / mail',
    RSET: 'ready / closed',
    QUIT: 'closed / closed',
    OTHER: 'mail / mail',
  },
  rcpt: {
    EHLO: 'ready / rcpt',
    HELO: 'ready / rcpt',
    LHLO: 'ready / rcpt',
    RCPT: 'rcpt / rcpt',
    DATA: 'body / rcpt',
    BDAT: 'ready / rcpt',
    RSET: 'ready / closed',
    QUIT: 'closed / closed',
    OTHER: 'rcpt / rcpt',
  },
  body: {},
  quitting: {},
};

describe('SESSION_TABLE', () => {
  const cells = PHASES.flatMap((phase) => VERBS.map((verb) => [verb, phase] as const));

  it.each(cells)('has %s in phase %s as the RFCs have it', (verb, phase) => {
    const transition = SESSION_TABLE[phase][verb];
    const cell = transition === undefined ? REFUSED : `${transition.yes} / ${transition.no}`;
    expect(cell).toBe(EXPECTED[phase][verb] ?? REFUSED);
  });

  it('has no cell that this walk leaves out', () => {
    expect(Object.keys(SESSION_TABLE).sort()).toEqual([...PHASES].sort());
    for (const row of Object.values(SESSION_TABLE)) {
      expect(Object.keys(row).filter((verb) => !(VERBS as readonly string[]).includes(verb))).toEqual([]);
    }
  });
});
