/**
 * A mailbox is asked for once, however often it is given, and every place where it was given gets its answer. Local parts are
 * compared exactly, domains without case (RFC 5321 section 2.4).
 */
import type { RecipientResult } from '../types.js';
import { mailboxOf, PlainPath, type Path } from './paths.js';

export interface DistinctPaths {
  readonly paths: readonly Path[];
  /** Where each of `paths` was given first; undefined: at its own place. */
  readonly places: readonly number[] | undefined;
  /** From one result per path asked for to one per recipient given, by index. */
  spread(results: readonly RecipientResult[]): readonly RecipientResult[];
}

/** The same for two paths that name one mailbox. */
export function mailboxKey(path: Path): string {
  const mailbox = mailboxOf(path);
  if (path instanceof PlainPath) return mailbox;
  const at = mailbox.lastIndexOf('@');
  // Behind a quote it is the local part's own: such a path has no domain.
  const hasDomain = at !== -1 && !mailbox.includes('"', at);
  return hasDomain ? mailbox.slice(0, at) + mailbox.slice(at).toLowerCase() : mailbox;
}

export function distinctPaths(given: readonly Path[]): DistinctPaths {
  // Most lists name nobody twice: each result is already that of its place.
  if (namesNobodyTwice(given)) {
    return {
      paths: given,
      places: undefined,
      spread: (results) => (areInPlace(given, results) ? results : spreadOver(given, [], results)),
    };
  }
  const positions = new Map<string, number>();
  const paths: Path[] = [];
  const places: number[] = [];
  const positionOf: number[] = [];
  for (const [place, path] of given.entries()) {
    const key = mailboxKey(path);
    let position = positions.get(key);
    if (position === undefined) {
      position = paths.length;
      positions.set(key, position);
      paths.push(path);
      places.push(place);
    }
    positionOf.push(position);
  }
  return { paths, places, spread: (results) => spreadOver(given, positionOf, results) };
}

function areInPlace(given: readonly Path[], results: readonly RecipientResult[]): boolean {
  return results.every(({ index, address }, place) => index === place && address === given[place]?.address);
}

function namesNobodyTwice(given: readonly Path[]): boolean {
  if (given.length <= 1) return true;
  const keys = new Set<string>();
  for (const path of given) keys.add(mailboxKey(path));
  return keys.size === given.length;
}

function spreadOver(
  given: readonly Path[],
  positionOf: readonly number[],
  results: readonly RecipientResult[],
): readonly RecipientResult[] {
  const spread: RecipientResult[] = [];
  for (let index = 0; index < given.length; index += 1) {
    const address = given[index]?.address;
    const result = results[positionOf[index] ?? index];
    if (result === undefined || address === undefined) continue;
    spread.push(result.index === index && result.address === address ? result : { ...result, index, address });
  }
  return spread;
}
