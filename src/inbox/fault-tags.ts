/**
 * Faults on demand: a word in the local part of an address makes the server misbehave for it, so that a program can be tested
 * without a configuration. A tag is a whole word of the local part, alone or between plus signs: `fail-550@`, `ann+defer-451@`.
 */

export type Fault =
  /** The address, or with `content` the whole message, is refused with this code. */
  | { readonly kind: 'refuse'; readonly code: number; readonly at: 'address' | 'content' }
  /** The connection is cut when the content has arrived, before any answer: the sender cannot know what became of it. */
  | { readonly kind: 'drop' }
  /** The answer to the address comes late. */
  | { readonly kind: 'delay'; readonly milliseconds: number };

/** An answer is never kept back for longer. */
export const MAX_DELAY_MS = 60_000;

/** The tags, as documents name them. */
export const FAULT_TAGS = [
  'fail-5xx@',
  'defer-4xx@',
  'fail-data-5xx@',
  'defer-data-4xx@',
  'drop-data@',
  'delay-MS@',
] as const;

const REFUSAL = /^(?:fail(-data)?-(5\d\d)|defer(-data)?-(4\d\d))$/i;
const DELAY = /^delay-(\d{1,6})$/i;

/** What an address asks for, in order; none for an ordinary one. Linear. */
export function faultsOf(address: string): readonly Fault[] {
  const at = address.lastIndexOf('@');
  const localPart = at === -1 ? address : address.slice(0, at);
  return localPart.split('+').flatMap((word) => faultOf(word) ?? []);
}

function faultOf(word: string): Fault | undefined {
  if (word.toLowerCase() === 'drop-data') return { kind: 'drop' };
  const delay = DELAY.exec(word)?.[1];
  if (delay !== undefined) return { kind: 'delay', milliseconds: Math.min(Number(delay), MAX_DELAY_MS) };
  const refusal = REFUSAL.exec(word);
  if (refusal === null) return undefined;
  const [, failData, failCode, deferData, deferCode] = refusal;
  const at = (failData ?? deferData) === undefined ? 'address' : 'content';
  return { kind: 'refuse', code: Number(failCode ?? deferCode), at };
}
