/**
 * A mailbox is asked for once, however often it is given, and every place where it was given gets its answer. Local parts are
 * compared exactly, domains without case (RFC 5321 section 2.4).
 */
import type { RecipientResult } from '../types.js';
import type { Path } from './paths.js';

export interface DistinctPaths {
  readonly paths: readonly Path[];
  /** From one result per path asked for to one per recipient given, by index. */
  spread(results: readonly RecipientResult[]): readonly RecipientResult[];
}

export function distinctPaths(given: readonly Path[]): DistinctPaths {
  const positions = new Map<string, number>();
  const paths: Path[] = [];
  const positionOf = given.map((path) => {
    const at = path.text.lastIndexOf('@');
    // Behind a quote it is the local part's own: such a path has no domain.
    const hasDomain = at !== -1 && !path.text.includes('"', at);
    const key = !hasDomain ? path.text : path.text.slice(0, at) + path.text.slice(at).toLowerCase();
    const known = positions.get(key);
    if (known !== undefined) return known;
    positions.set(key, paths.length);
    paths.push(path);
    return paths.length - 1;
  });
  return {
    paths,
    spread: (results) =>
      given.flatMap(({ address }, index) => {
        const result = results[positionOf[index] ?? index];
        return result === undefined ? [] : [{ ...result, index, address }];
      }),
  };
}
