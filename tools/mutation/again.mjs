/**
 * For the second look at survivors: Stryker is told of ranges, and would try everything inside a range again. This leaves alone
 * every node without a survivor in it. POSTHASTE_MUTATION_AGAIN names a JSON file of the survivors' locations.
 */
import { readFileSync } from 'node:fs';

const { POSTHASTE_MUTATION_AGAIN: file } = process.env;
const locations = file === undefined ? undefined : JSON.parse(readFileSync(file, 'utf8'));

const isBehind = (one, other) => one.line > other.line || (one.line === other.line && one.column >= other.column);

/** Locations of the report count columns from one, those of nodes from zero. */
const fromZero = ({ line, column }) => ({ line, column: column - 1 });

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'again',
    value: {
      shouldIgnore({ node: { loc } }) {
        if (locations === undefined || loc === undefined || loc === null) return undefined;
        const holdsSome = locations.some(
          ({ start, end }) => isBehind(fromZero(start), loc.start) && isBehind(loc.end, fromZero(end)),
        );
        return holdsSome ? undefined : 'not a survivor';
      },
    },
  },
];
