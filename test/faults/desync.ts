/**
 * Replies that nobody asked for, one to three, at every step of a session whose message is refused in the end: a client that
 * counts wrongly takes one of them for the answer to its message.
 */
import type { Answer, StepKey } from '../../src/testing/index.js';
import type { Mode } from './modes.js';
import { type Situation, situationOf } from './situation.js';

/**
 * - `together`: behind the step's own reply, in the same write.
 * - `ahead`: in front of it, in the same write.
 * - `alone`: in front of it, and read before it comes.
 * - `later`: behind it, alone, when the client has gone on.
 */
export const arrivals = ['together', 'ahead', 'alone', 'later'] as const;
export type Arrival = (typeof arrivals)[number];

export interface Desync {
  readonly mode: Mode;
  readonly step: string;
  readonly arrival: Arrival;
  readonly surplus: string;
  readonly count: number;
}

const steps = [
  'greeting',
  'EHLO',
  'STARTTLS',
  'EHLO-2',
  'AUTH-1',
  'AUTH-2',
  'AUTH-3',
  'MAIL',
  'RCPT-1',
  'RCPT-2',
  'RCPT-3',
  'DATA',
  'content',
  'final',
  'delivery-1',
  'delivery-2',
  'delivery-3',
];

export const surplusReplies = ['250 2.0.0 nobody asked', '354 nobody asked'];

/** While content arrives there is no reply to be in front of or behind. */
function applies(step: string, arrival: Arrival, mode: Mode): boolean {
  if (!mode.takes(step)) return false;
  if (step === 'content') return arrival === 'together';
  // The client says nothing between the replies of LMTP.
  return !(arrival === 'later' && (step === 'delivery-1' || step === 'delivery-2'));
}

/** In the modes with DATA: its 354 is what shows a surplus. */
export function desyncsOf(modes: readonly Mode[]): readonly Desync[] {
  return modes
    .filter(({ alwaysResets = false }) => !alwaysResets)
    .flatMap((mode) =>
      steps.flatMap((step) =>
        arrivals
          .filter((arrival) => applies(step, arrival, mode))
          .flatMap((arrival) =>
            surplusReplies.flatMap((surplus) => [1, 2, 3].map((count) => ({ mode, step, arrival, surplus, count }))),
          ),
      ),
    );
}

/**
 * What cannot be told apart: as many yeses as are owed, alone, behind the end of the content and in front of the answers to it.
 * Nothing but its code tells an answer from a surplus reply. One more in the same read, and it shows.
 */
export function cannotBeTold({ mode, step, arrival, surplus, count }: Desync): boolean {
  if (!surplus.startsWith('250')) return false;
  const [, number = '1'] = /^delivery-(\d)$/.exec(step) ?? [];
  const owed = mode.server.protocol === 'lmtp' ? 4 - Number(number) : 1;
  if (count > owed) return false;
  return (step === 'DATA' && arrival === 'later') || (/^(?:final|delivery-\d)$/.test(step) && arrival === 'alone');
}

export function answerAt(
  { arrival, surplus, count }: Pick<Desync, 'arrival' | 'surplus' | 'count'>,
  ordinary: Answer = () => undefined,
): Answer {
  const extra = Array.from({ length: count }, () => `(surplus ${surplus})`);
  switch (arrival) {
    case 'together':
      return [ordinary, ...extra];
    case 'ahead':
      return [...extra, ordinary];
    case 'alone':
      return [...extra, '(flush)', ordinary];
    case 'later':
      return [ordinary, '(listen)', ...extra, '(flush)'];
  }
}

export function once(answer: Answer): Answer {
  let happened = false;
  return () => {
    if (happened) return undefined;
    happened = true;
    return answer;
  };
}

/** The situation of a `surplus` at that step, with these replies in its place and a refusal at the end. */
export function situationOfDesync(desync: Desync): Situation {
  const { step, mode } = desync;
  const situation = situationOf({ step, fault: 'surplus' }, mode.server.protocol);
  const [key] = Object.keys(situation.on).filter((one) => one !== 'connect') as StepKey[];
  if (key === undefined) throw new Error(`no key for ${step}`);
  const refusal = '554 5.7.1 refused';
  const answer = answerAt(desync);
  // Where the surplus stands at the refusal itself, the refusal is what is ordinary there.
  const atRefusal = step === 'final' || step.startsWith('delivery');
  const withRefusal = answerAt(desync, refusal);
  if (mode.server.protocol !== 'lmtp') {
    return {
      ...situation,
      on: atRefusal ? { final: once(withRefusal) } : { [key]: once(answer), final: once(refusal) },
    };
  }
  const deliveries = Object.fromEntries(
    [1, 2, 3].map((number): [StepKey, Answer] => [
      `delivery:${String(number)}`,
      once(step === `delivery-${String(number)}` ? withRefusal : refusal),
    ]),
  );
  return { ...situation, on: atRefusal ? deliveries : { [key]: once(answer), ...deliveries } };
}
