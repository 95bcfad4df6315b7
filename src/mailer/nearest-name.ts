/** Did you mean: of the names that there are, the one that a mistyped name is nearest to, when it is near enough. */

const LONGEST_NAME = 60;

export function nearestName(given: string, names: readonly string[]): string | undefined {
  // Nobody means a name that long, and comparing it would take long too.
  if (given.length > LONGEST_NAME) return undefined;
  const wanted = given.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const changes = changesBetween(wanted, name.toLowerCase());
    if (changes < least) {
      best = name;
      least = changes;
    }
  }
  return best;
}

/** Letters to insert, delete or replace (Levenshtein). */
function changesBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const letter = from[row - 1];
    const here = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      here.push(Math.min(replaced, (above[column] ?? 0) + 1, (here[column - 1] ?? 0) + 1));
    }
    above = here;
  }
  return above[to.length] ?? 0;
}
