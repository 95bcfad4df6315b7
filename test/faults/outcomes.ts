/**
 * What every fault at every step comes to, as data, written down from the rules and not from the code.
 *
 * A cell is `result/delivery/retry/connection/server`, and where it matters `/recipients`:
 *
 * - result: `ok`, or the class of the error (`resultNames`).
 * - delivery: `d` delivered (no error), `n` not-sent, `r` refused, `?` unknown.
 * - retry: `S` safe and useful, `P` no use, `A` ambiguous: may deliver twice; `-` nothing to retry.
 * - connection: `K` usable as it is, `R` usable behind a RSET, `C` closed (at the latest when it is next used).
 * - server: what it has of the message: `q` queued it, `x` refused it, `?` gave no complete answer, `-` nothing, or not all.
 * - recipients: `a` accepted, `r` refused, `?` unknown, `n` not-sent, one letter for each of the three.
 *
 * `.` stands where a fault does not exist at a step. A row may name several steps.
 */

/** The first ten: hazards of any server. Then those of servers that break the protocol. */
export const plainFaults = [
  'transient',
  'permanent',
  'shutdown',
  'close',
  'reset',
  'silence',
  'garbage',
  'long-line',
  'byte-by-byte',
  'surplus',
] as const;

export const brokenFaults = {
  more: ['endless-line', 'surplus-refusal', 'late-surplus', 'partial-reply', 'open-multiline', 'endless-reply'],
  form: ['bare-lf', 'nul', 'non-ascii', 'empty-text', 'drip'],
  code: ['code-000', 'code-199', 'code-999', 'mixed-2xx-5xx', 'mixed-5xx-2xx', 'wrong-2xx', 'wrong-3xx'],
} as const;

const plain = `
connect          | .          | .          | .          | DE/n/S/C/-  | DI/n/S/C/-  | TO/n/S/C/-  | .           | .           | .           | .
greeting         | CE/n/S/C/- | CE/n/P/C/- | CE/n/S/C/- | DE/n/S/C/-  | DE/n/S/C/-  | TO/n/S/C/-  | PE/n/S/C/-  | PE/n/S/C/-  | ok/d/-/K/q  | PE/n/S/C/-
EHLO             | HE/n/S/C/- | ok/d/-/K/q | HE/n/S/C/- | DE/n/S/C/-  | DE/n/S/C/-  | TO/n/S/C/-  | PE/n/S/C/-  | PE/n/S/C/-  | ok/d/-/K/q  | PE/n/S/C/-
STARTTLS         | RE/n/S/C/- | NS/n/P/C/- | RE/n/S/C/- | DE/n/S/C/-  | DE/n/S/C/-  | TO/n/S/C/-  | PE/n/S/C/-  | PE/n/S/C/-  | ok/d/-/K/q  | PE/n/S/C/-
TLS              | .          | .          | .          | TL/n/S/C/-  | TL/n/S/C/-  | TO/n/S/C/-  | TL/n/S/C/-  | TL/n/S/C/-  | ok/d/-/K/q  | TL/n/S/C/-
EHLO-2           | HE/n/S/C/- | HE/n/P/C/- | HE/n/S/C/- | DE/n/S/C/-  | DE/n/S/C/-  | TO/n/S/C/-  | PE/n/S/C/-  | PE/n/S/C/-  | ok/d/-/K/q  | PE/n/S/C/-
AUTH-1,2,3       | AE/n/S/K/- | AE/n/P/K/- | AE/n/S/C/- | DE/n/S/C/-  | DE/n/S/C/-  | TO/n/S/C/-  | PE/n/S/C/-  | PE/n/S/C/-  | ok/d/-/K/q  | PE/n/S/C/-
MAIL             | SR/r/S/R/- | SR/r/P/R/- | SR/r/S/C/- | DE/n/S/C/-  | DE/n/S/C/-  | TO/n/S/C/-  | PE/n/S/C/-  | PE/n/S/C/-  | ok/d/-/K/q  | PE/n/S/C/-
RCPT-1           | ok/d/-/K/q/raa | ok/d/-/K/q/raa | RR/r/S/C/-/rrr | DE/n/S/C/-/nnn | DE/n/S/C/-/nnn | TO/n/S/C/-/nnn | PE/n/S/C/-/nnn | PE/n/S/C/-/nnn | ok/d/-/K/q/aaa | PE/n/S/C/-/nnn
RCPT-2           | ok/d/-/K/q/ara | ok/d/-/K/q/ara | RR/r/S/C/-/nrr | DE/n/S/C/-/nnn | DE/n/S/C/-/nnn | TO/n/S/C/-/nnn | PE/n/S/C/-/nnn | PE/n/S/C/-/nnn | ok/d/-/K/q/aaa | PE/n/S/C/-/nnn
RCPT-3           | ok/d/-/K/q/aar | ok/d/-/K/q/aar | RR/r/S/C/-/nnr | DE/n/S/C/-/nnn | DE/n/S/C/-/nnn | TO/n/S/C/-/nnn | PE/n/S/C/-/nnn | PE/n/S/C/-/nnn | ok/d/-/K/q/aaa | PE/n/S/C/-/nnn
RCPT-all         | RR/r/S/R/-/rrr | RR/r/P/R/-/rrr | . | . | . | . | . | . | ok/d/-/K/q/aaa | .
RCPT-2 behind a refusal | ok/d/-/K/q/rra | ok/d/-/K/q/rra | RR/r/S/C/-/rrr | DE/n/S/C/-/rnn | DE/n/S/C/-/rnn | TO/n/S/C/-/rnn | PE/n/S/C/-/rnn | PE/n/S/C/-/rnn | ok/d/-/K/q/raa | PE/n/S/C/-/rnn
DATA             | DT/r/S/R/- | DT/r/P/R/- | DT/r/S/C/- | DE/n/S/C/-  | DE/n/S/C/-  | TO/n/S/C/-  | PE/n/S/C/-  | PE/n/S/C/-  | ok/d/-/K/q  | PE/n/S/C/-
content          | DT/r/S/C/- | DT/r/P/C/- | DT/r/S/C/- | DE/n/S/C/-  | DE/n/S/C/-  | TO/n/S/C/-  | PE/n/S/C/-  | PE/n/S/C/-  | ok/d/-/K/q  | PE/n/S/C/-
final            | DT/r/S/K/x | DT/r/P/K/x | DT/r/S/C/x | DE/?/A/C/?  | DE/?/A/C/?  | TO/?/A/C/?  | PE/?/A/C/?  | PE/?/A/C/q  | ok/d/-/K/q  | PE/?/A/C/q
RSET             | SR/r/P/C/- | SR/r/P/C/- | SR/r/P/C/- | SR/r/P/C/-  | SR/r/P/C/-  | SR/r/P/C/-  | SR/r/P/C/-  | SR/r/P/C/-  | SR/r/P/R/-  | SR/r/P/C/-
rset()           | RE/n/S/C/q | RE/n/P/C/q | RE/n/S/C/q | DE/n/S/C/q  | DE/n/S/C/q  | TO/n/S/C/q  | PE/n/S/C/q  | PE/n/S/C/q  | ok/d/-/R/q  | PE/n/S/C/q
QUIT             | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q  | ok/d/-/C/q  | ok/d/-/C/q  | ok/d/-/C/q  | ok/d/-/C/q  | ok/d/-/C/q  | ok/d/-/C/q
quit()           | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | DE/n/S/C/q  | DE/n/S/C/q  | TO/n/S/C/q  | PE/n/S/C/q  | PE/n/S/C/q  | ok/d/-/C/q  | PE/n/S/C/q
`;

/** endless-line, surplus-refusal, late-surplus, partial-reply, open-multiline, endless-reply */
const more = `
greeting         | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
EHLO             | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
STARTTLS         | PE/n/S/C/- | PE/n/S/C/- | TL/n/S/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
EHLO-2           | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
AUTH-1,2         | PE/n/S/C/- | PE/n/S/C/- | AE/n/P/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
AUTH-3           | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
MAIL             | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
RCPT-1,2,3       | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
DATA             | PE/n/S/C/- | PE/n/S/C/- | ok/d/-/C/q | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
content          | PE/n/S/C/- | PE/n/S/C/- | .          | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
final            | PE/?/A/C/? | PE/?/A/C/q | ok/d/-/C/q | DE/?/A/C/? | DE/?/A/C/? | PE/?/A/C/?
RSET             | SR/r/P/C/- | SR/r/P/C/- | SR/r/P/C/- | SR/r/P/C/- | SR/r/P/C/- | SR/r/P/C/-
rset()           | PE/n/S/C/q | PE/n/S/C/q | ok/d/-/C/q | DE/n/S/C/q | DE/n/S/C/q | PE/n/S/C/q
QUIT             | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q
quit()           | PE/n/S/C/q | PE/n/S/C/q | ok/d/-/C/q | DE/n/S/C/q | DE/n/S/C/q | PE/n/S/C/q
`;

/** bare-lf, nul, non-ascii, empty-text, drip */
const form = `
greeting         | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/n/S/C/-
EHLO             | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/n/S/C/-
STARTTLS         | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/n/S/C/-
EHLO-2           | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/n/S/C/-
AUTH-1,2         | ok/d/-/K/q | EX/n/P/K/- | EX/n/P/K/- | ok/d/-/K/q | TO/n/S/C/-
AUTH-3           | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/n/S/C/-
MAIL             | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/n/S/C/-
RCPT-1,2,3       | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/n/S/C/-
DATA             | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/n/S/C/-
content          | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | TO/n/S/C/-
final            | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/?/A/C/q
RSET             | SR/r/P/R/- | SR/r/P/R/- | SR/r/P/R/- | SR/r/P/R/- | SR/r/P/C/-
rset()           | ok/d/-/R/q | ok/d/-/R/q | ok/d/-/R/q | ok/d/-/R/q | TO/n/S/C/q
QUIT             | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q
quit()           | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | TO/n/S/C/q
`;

/** code-000, code-199, code-999, mixed-2xx-5xx, mixed-5xx-2xx, wrong-2xx, wrong-3xx */
const code = `
greeting         | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | CE/n/P/C/- | CE/n/P/C/-
EHLO             | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | EX/n/P/C/- | EX/n/P/C/-
STARTTLS         | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | RE/n/P/C/- | RE/n/P/C/-
EHLO-2           | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | EX/n/P/C/- | EX/n/P/C/-
AUTH-1,2,3       | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | AE/n/P/C/- | AE/n/P/C/-
MAIL             | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | ok/d/-/K/q | PE/n/S/C/-
RCPT-1,2,3       | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | ok/d/-/K/q | PE/n/S/C/-
DATA             | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/-
content          | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/-
final            | PE/?/A/C/? | PE/?/A/C/? | PE/?/A/C/? | PE/?/A/C/? | PE/?/A/C/? | ok/d/-/K/q | PE/?/A/C/?
RSET             | SR/r/P/C/- | SR/r/P/C/- | SR/r/P/C/- | SR/r/P/C/- | SR/r/P/C/- | SR/r/P/C/- | SR/r/P/C/-
rset()           | PE/n/S/C/q | PE/n/S/C/q | PE/n/S/C/q | PE/n/S/C/q | PE/n/S/C/q | RE/n/P/C/q | RE/n/P/C/q
QUIT             | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q
quit()           | PE/n/S/C/q | PE/n/S/C/q | PE/n/S/C/q | PE/n/S/C/q | PE/n/S/C/q | ok/d/-/C/q | ok/d/-/C/q
`;

/** Where TLS is required, a session that cannot have it ends. */
const withStarttls = {
  plain: `
EHLO             | HE/n/S/C/- | NS/n/P/C/- | HE/n/S/C/- | DE/n/S/C/-  | DE/n/S/C/-  | TO/n/S/C/-  | PE/n/S/C/-  | PE/n/S/C/-  | ok/d/-/K/q  | PE/n/S/C/-
`,
  more: `
greeting         | PE/n/S/C/- | PE/n/S/C/- | NS/n/P/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
EHLO             | PE/n/S/C/- | PE/n/S/C/- | RE/n/P/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
`,
  form: `
EHLO             | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | NS/n/P/C/- | TO/n/S/C/-
`,
};

/** The 554 that came too early is taken for DATA's answer, and the 354 for that of RSET: no content has left. */
const pipelined = {
  more: `
RCPT-3           | PE/n/S/C/- | DT/r/P/C/- | PE/n/S/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
`,
};

/** A Mailer says the user name with AUTH, so that one challenge is left, and lets a connection go whose login was refused. */
const mailer = {
  plain: `
AUTH-1,2         | AE/n/S/C/- | AE/n/P/C/- | AE/n/S/C/- | DE/n/S/C/-  | DE/n/S/C/-  | TO/n/S/C/-  | PE/n/S/C/-  | PE/n/S/C/-  | ok/d/-/K/q  | PE/n/S/C/-
`,
  more: `
AUTH-2           | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
`,
  form: `
AUTH-1           | ok/d/-/K/q | EX/n/P/C/- | EX/n/P/C/- | EX/n/P/C/- | TO/n/S/C/-
AUTH-2           | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/n/S/C/-
`,
};

/** BDAT behind the answers to the envelope: there is no 354, so that a reply too many is not found before the end. */
const chunks = {
  plain: `
RSET in front    | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | ok/d/-/C/q | TO/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | ok/d/-/K/q | PE/n/S/C/-
chunk            | DT/r/S/K/- | DT/r/P/K/- | DT/r/S/C/- | DE/n/S/C/- | DE/n/S/C/- | TO/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | ok/d/-/K/q | PE/n/S/C/-
`,
  more: `
RSET in front    | PE/n/S/C/- | SR/r/P/C/- | PE/n/S/C/- | ok/d/-/C/q | ok/d/-/C/q | PE/n/S/C/-
RCPT-2           | PE/n/S/C/- | PE/n/S/C/- | ok/d/-/C/q | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
RCPT-3           | PE/n/S/C/- | PE/n/S/C/- | ok/d/-/C/q | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
chunk            | PE/n/S/C/- | DT/r/P/C/- | ok/d/-/C/q | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
`,
  form: `
RSET in front    | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/n/S/C/-
chunk            | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/n/S/C/-
`,
  code: `
RSET in front    | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | ok/d/-/C/q | ok/d/-/C/q
chunk            | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | PE/n/S/C/- | ok/d/-/K/q | PE/n/S/C/-
`,
};

/** All of the message is on its way before anything is answered: what is lost by then may have been delivered. */
const window = {
  plain: `
RSET in front    | DE/?/A/C/q | DE/?/A/C/q | DE/?/A/C/- | DE/?/A/C/- | DE/?/A/C/- | TO/?/A/C/q | PE/?/A/C/q | PE/?/A/C/q | ok/d/-/K/q | ok/d/-/C/q
MAIL             | SR/r/S/K/- | SR/r/P/K/- | SR/r/S/C/- | DE/?/A/C/- | DE/?/A/C/- | TO/?/A/C/q | PE/?/A/C/q | PE/?/A/C/q | ok/d/-/K/q | ok/d/-/C/q
RCPT-1           | ok/d/-/K/q/raa | ok/d/-/K/q/raa | RR/r/S/C/-/rrr | DE/?/A/C/-/??? | DE/?/A/C/-/??? | TO/?/A/C/q/??? | PE/?/A/C/q/??? | PE/?/A/C/q/??? | ok/d/-/K/q/aaa | ok/d/-/C/q/aaa
RCPT-2           | ok/d/-/K/q/ara | ok/d/-/K/q/ara | RR/r/S/C/-/nrr | DE/?/A/C/-/??? | DE/?/A/C/-/??? | TO/?/A/C/q/??? | PE/?/A/C/q/??? | PE/?/A/C/q/??? | ok/d/-/K/q/aaa | ok/d/-/C/q/aaa
RCPT-3           | ok/d/-/K/q/aar | ok/d/-/K/q/aar | RR/r/S/C/-/nnr | DE/?/A/C/-/??? | DE/?/A/C/-/??? | TO/?/A/C/q/??? | PE/?/A/C/q/??? | PE/?/A/C/q/??? | ok/d/-/K/q/aaa | ok/d/-/C/q/aaa
RCPT-2 behind a refusal | ok/d/-/K/q/rra | ok/d/-/K/q/rra | RR/r/S/C/-/rrr | DE/?/A/C/-/r?? | DE/?/A/C/-/r?? | TO/?/A/C/q/r?? | PE/?/A/C/q/r?? | PE/?/A/C/q/r?? | ok/d/-/K/q/raa | ok/d/-/C/q/raa
`,
  more: `
EHLO             | PE/n/S/C/- | PE/n/S/C/- | ok/d/-/C/q | DE/n/S/C/- | DE/n/S/C/- | PE/n/S/C/-
RSET in front    | PE/?/A/C/q | PE/?/A/C/q | ok/d/-/C/q | DE/?/A/C/- | DE/?/A/C/- | PE/?/A/C/q
MAIL             | PE/?/A/C/q | ok/d/-/C/q | ok/d/-/C/q | DE/?/A/C/- | DE/?/A/C/- | PE/?/A/C/q
RCPT-1,2         | PE/?/A/C/q | ok/d/-/C/q | ok/d/-/C/q | DE/?/A/C/- | DE/?/A/C/- | PE/?/A/C/q
RCPT-3           | PE/?/A/C/q | DT/r/P/C/q | ok/d/-/C/q | DE/?/A/C/- | DE/?/A/C/- | PE/?/A/C/q
final            | PE/?/A/C/? | PE/?/A/C/q | ok/d/-/K/q | DE/?/A/C/? | DE/?/A/C/? | PE/?/A/C/?
`,
  form: `
RSET in front    | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/?/A/C/-
MAIL             | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/?/A/C/-
RCPT-1,2,3       | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | ok/d/-/K/q | TO/?/A/C/-
`,
  code: `
RSET in front    | PE/?/A/C/q | PE/?/A/C/q | PE/?/A/C/q | PE/?/A/C/q | PE/?/A/C/q | DE/?/A/C/q | DE/?/A/C/q
MAIL             | PE/?/A/C/q | PE/?/A/C/q | PE/?/A/C/q | PE/?/A/C/q | PE/?/A/C/q | ok/d/-/K/q | PE/?/A/C/-
RCPT-1,2,3       | PE/?/A/C/q | PE/?/A/C/q | PE/?/A/C/q | PE/?/A/C/q | PE/?/A/C/q | ok/d/-/K/q | PE/?/A/C/q
`,
};

/** LMTP (RFC 2033): no HELO to fall back to, and a reply to the content for each recipient. */
const lmtp = {
  plain: `
EHLO             | HE/n/S/C/- | HE/n/P/C/- | HE/n/S/C/- | DE/n/S/C/-  | DE/n/S/C/-  | TO/n/S/C/-  | PE/n/S/C/-  | PE/n/S/C/-  | ok/d/-/K/q  | PE/n/S/C/-
delivery-1       | ok/d/-/K/q/raa | ok/d/-/K/q/raa | DE/?/A/C/x/r?? | DE/?/A/C/?/??? | DE/?/A/C/?/??? | TO/?/A/C/q/??? | PE/?/A/C/q/??? | PE/?/A/C/q/??? | ok/d/-/K/q/aaa | PE/?/A/C/q/???
delivery-2       | ok/d/-/K/q/ara | ok/d/-/K/q/ara | ok/d/-/C/q/ar? | ok/d/-/C/q/a?? | ok/d/-/C/q/a?? | ok/d/-/C/q/a?? | ok/d/-/C/q/a?? | ok/d/-/C/q/a?? | ok/d/-/K/q/aaa | PE/?/A/C/q/???
delivery-3       | ok/d/-/K/q/aar | ok/d/-/K/q/aar | ok/d/-/C/q/aar | ok/d/-/C/q/aa? | ok/d/-/C/q/aa? | ok/d/-/C/q/aa? | ok/d/-/C/q/aa? | ok/d/-/C/q/aa? | ok/d/-/K/q/aaa | PE/?/A/C/q/???
delivery-all     | RR/r/S/K/x/rrr | RR/r/P/K/x/rrr | . | . | . | . | . | . | ok/d/-/K/q/aaa | .
`,
  more: `
delivery-1       | PE/?/A/C/q/??? | PE/?/A/C/q/??? | .              | DE/?/A/C/?/??? | DE/?/A/C/?/??? | PE/?/A/C/q/???
delivery-2       | ok/d/-/C/q/a?? | PE/?/A/C/q/??? | .              | ok/d/-/C/q/a?? | ok/d/-/C/q/a?? | ok/d/-/C/q/a??
delivery-3       | ok/d/-/C/q/aa? | PE/?/A/C/q/??? | ok/d/-/C/q/aaa | ok/d/-/C/q/aa? | ok/d/-/C/q/aa? | ok/d/-/C/q/aa?
`,
  form: `
delivery-1       | ok/d/-/K/q/aaa | ok/d/-/K/q/aaa | ok/d/-/K/q/aaa | ok/d/-/K/q/aaa | TO/?/A/C/q/???
delivery-2       | ok/d/-/K/q/aaa | ok/d/-/K/q/aaa | ok/d/-/K/q/aaa | ok/d/-/K/q/aaa | ok/d/-/C/q/a??
delivery-3       | ok/d/-/K/q/aaa | ok/d/-/K/q/aaa | ok/d/-/K/q/aaa | ok/d/-/K/q/aaa | ok/d/-/C/q/aa?
`,
  code: `
delivery-1       | PE/?/A/C/q/??? | PE/?/A/C/q/??? | PE/?/A/C/q/??? | PE/?/A/C/q/??? | PE/?/A/C/q/??? | ok/d/-/K/q/aaa | PE/?/A/C/q/???
delivery-2       | ok/d/-/C/q/a?? | ok/d/-/C/q/a?? | ok/d/-/C/q/a?? | ok/d/-/C/q/a?? | ok/d/-/C/q/a?? | ok/d/-/K/q/aaa | ok/d/-/C/q/a??
delivery-3       | ok/d/-/C/q/aa? | ok/d/-/C/q/aa? | ok/d/-/C/q/aa? | ok/d/-/C/q/aa? | ok/d/-/C/q/aa? | ok/d/-/K/q/aaa | ok/d/-/C/q/aa?
`,
};

export const resultNames: Readonly<Record<string, string>> = {
  ok: 'ok',
  AE: 'SMTPAuthenticationError',
  CE: 'SMTPConnectError',
  DE: 'SMTPServerDisconnected',
  DI: 'SMTPDialError',
  DT: 'SMTPDataError',
  EX: 'SMTPException',
  HE: 'SMTPHeloError',
  NS: 'SMTPNotSupportedError',
  PE: 'SMTPProtocolError',
  RE: 'SMTPResponseException',
  RR: 'SMTPRecipientsRefused',
  SR: 'SMTPSenderRefused',
  TL: 'SMTPTlsError',
  TO: 'SMTPTimeoutError',
};

/** From step to fault to cell. */
export type Outcomes = ReadonlyMap<string, ReadonlyMap<string, string>>;

function addGrid(outcomes: Map<string, Map<string, string>>, grid: string, faults: readonly string[]): void {
  for (const line of grid.trim().split('\n')) {
    const [steps = '', ...cells] = line.split('|').map((cell) => cell.trim());
    if (cells.length !== faults.length) throw new Error(`${steps}: ${String(cells.length)} cells`);
    const [, stem = steps, numbers] = /^([A-Za-z]+-)(\d(?:,\d)+)$/.exec(steps) ?? [];
    for (const step of numbers === undefined ? [steps] : numbers.split(',').map((number) => stem + number)) {
      const row = outcomes.get(step) ?? new Map<string, string>();
      outcomes.set(step, row);
      for (const [index, cell] of cells.entries()) {
        if (!/^(?:\.|[a-zA-Z]{2}\/[dnr?]\/[-SPA]\/[KRC]\/[-qx?](?:\/[arn?]{3})?)$/.test(cell)) {
          throw new Error(`${steps}: ${cell} is no cell`);
        }
        const fault = faults[index] ?? '';
        if (cell === '.') row.delete(fault);
        else row.set(fault, cell);
      }
    }
  }
}

type Grids = Readonly<Partial<Record<'plain' | 'more' | 'form' | 'code', string>>>;

/** What differs in some modes. */
export const variants = { withStarttls, pipelined, mailer, chunks, window, lmtp } satisfies Readonly<
  Record<string, Grids>
>;

export type Variant = keyof typeof variants;

/** The table, with the rows that differ in these modes replaced, in this order. */
export function outcomesOf(names: readonly Variant[]): Outcomes {
  const outcomes = new Map<string, Map<string, string>>();
  for (const grids of [{ plain, more, form, code }, ...names.map((name): Grids => variants[name])]) {
    if (grids.plain !== undefined) addGrid(outcomes, grids.plain, plainFaults);
    if (grids.more !== undefined) addGrid(outcomes, grids.more, brokenFaults.more);
    if (grids.form !== undefined) addGrid(outcomes, grids.form, brokenFaults.form);
    if (grids.code !== undefined) addGrid(outcomes, grids.code, brokenFaults.code);
  }
  return outcomes;
}
