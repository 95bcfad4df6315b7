/**
 * What servers do wrong, by name: one catalogue, so that every step of a session can be tried with every fault. Each is made
 * out of what the server would have said, so that nothing but the fault differs.
 */
import type { Answer, StepContext } from './behaviour.js';

/**
 * The faults of `fault()`.
 *
 * Refusals: `transient` 451, `permanent` 550, `shutdown` 421 and a close. Losses: `close` FIN, `reset` RST, `silence`
 * nothing until the client leaves, `partial-reply` two digits and a close, `open-multiline` one line that announces another, and
 * a close. What is no reply: `garbage`, `long-line` (over the 12,288 octets of RFC 4954), `endless-line`, `endless-reply`,
 * `code-000`, `code-199`, `code-999`, `mixed-2xx-5xx` and `mixed-5xx-2xx` two codes in one reply. More than one: `surplus` a second
 * reply in the same write, `surplus-refusal` the same with 554, `late-surplus` one that comes alone when the client has gone on.
 * Odd replies: `byte-by-byte`, `drip` an octet every 200 ms, `bare-lf`, `nul`, `non-ascii`, `empty-text`, `wrong-2xx` 252,
 * `wrong-3xx` 355.
 */
export const faultNames = [
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
  'endless-line',
  'surplus-refusal',
  'late-surplus',
  'partial-reply',
  'open-multiline',
  'bare-lf',
  'nul',
  'non-ascii',
  'code-000',
  'code-199',
  'code-999',
  'mixed-2xx-5xx',
  'mixed-5xx-2xx',
  'wrong-2xx',
  'wrong-3xx',
  'empty-text',
  'drip',
  'endless-reply',
] as const;

/** See `faultNames`. */
export type FaultName = (typeof faultNames)[number];

/** What is said where the ordinary server says nothing: while the content arrives. */
const unasked = '250 2.0.0 nobody asked';

const surplusText = '250 2.0.0 nobody asked';

/** The longest line that a client must take has 12,288 octets (RFC 4954 section 4). */
const tooLong = 'x'.repeat(12_400);

/** The lines with `change` made to the text of the first one, which in an EHLO reply means nothing. */
function withFirstText(ordinary: string, change: (text: string) => string): string {
  const [first = '', ...others] = ordinary.split('\n');
  return [`${first.slice(0, 4)}${change(first.slice(4))}`, ...others].join('\n');
}

function answerOf(name: FaultName, { step, ordinary: said }: StepContext): Answer {
  const ordinary = said ?? unasked;
  const code = ordinary.slice(0, 3);
  switch (name) {
    case 'transient':
      return '451 4.3.0 not now';
    case 'permanent':
      return '550 5.3.0 no';
    case 'shutdown':
      return ['421 4.3.2 shutting down', '(close)'];
    case 'close':
      return '(close)';
    case 'reset':
      return '(reset)';
    case 'silence':
      // While content arrives, silence is a server that reads no more; and it must read again to see the client leave.
      return step === 'content' ? ['(pause)', '(hold)', '(resume)'] : '(hold)';
    case 'garbage':
      return 'this is no reply';
    case 'long-line':
      return `${code} ${tooLong}`;
    case 'byte-by-byte':
      return said === undefined ? '(chunk 1)' : ['(chunk 1)', said, '(chunk off)'];
    case 'surplus':
      return [ordinary, `(surplus ${surplusText})`];
    case 'surplus-refusal':
      return [ordinary, '(surplus 554 5.3.0 nobody asked)'];
    case 'late-surplus':
      return [ordinary, '(listen)', `(surplus ${surplusText})`, '(flush)'];
    case 'endless-line':
      return [`"${code} "`, '(repeat forever "x")'];
    case 'partial-reply':
      return [`"${code.slice(0, 2)}"`, '(close)'];
    case 'open-multiline':
      return [`${code}-there is more`, '(close)'];
    case 'bare-lf':
      return Buffer.from(`${ordinary}\n`);
    case 'nul':
      return withFirstText(ordinary, (text) => `${text.slice(0, 1)}\\0${text.slice(1)}`);
    case 'non-ascii':
      return withFirstText(ordinary, (text) => `${text.slice(0, 1)}\\xFC${text.slice(1)}`);
    case 'code-000':
    case 'code-199':
    case 'code-999':
      return ordinary.replaceAll(/^\d{3}/gm, name.slice(-3));
    case 'mixed-2xx-5xx':
      return '250-2.0.0 yes\n550 5.0.0 no';
    case 'mixed-5xx-2xx':
      return '550-5.0.0 no\n250 2.0.0 yes';
    case 'wrong-2xx':
      return '252 2.5.0 perhaps';
    case 'wrong-3xx':
      return '355 go on';
    case 'empty-text':
      return code;
    case 'drip':
      return ['(chunk 1 every 200ms)', ordinary, '(chunk off)'];
    case 'endless-reply':
      return `(repeat forever "${code}-more\\r\\n")`;
  }
}

/**
 * An answer for `on` of a behaviour: the named fault, at whatever step it is put.
 *
 *     await ScriptedServer.start({ behave: { on: { 'RCPT:2': fault('reset') } } });
 *
 * `times`: how often it happens; from then on the ordinary answer stands. Default: always.
 */
export function fault(name: FaultName, options: { readonly times?: number } = {}): Answer {
  const { times = Infinity } = options;
  let happened = 0;
  return (context) => {
    if (happened >= times) return undefined;
    happened += 1;
    return answerOf(name, context);
  };
}
