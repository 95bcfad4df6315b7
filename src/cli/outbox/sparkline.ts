/** A row of numbers as a row of blocks. One rule: the highest stays the highest, and what is not 0 does not look like 0. Pure. */

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const NOTHING = '.';

/** At most `width` characters: where there are more numbers, each stands for the highest of several. */
export function sparkline(values: readonly number[], width: number): string {
  const most = Math.max(0, ...values);
  return inColumns(values, Math.max(1, width))
    .map((value) => {
      if (value <= 0) return NOTHING;
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.ceil((value / most) * BLOCKS.length) - 1)] ?? NOTHING;
    })
    .join('');
}

function inColumns(values: readonly number[], width: number): readonly number[] {
  if (values.length <= width) return values;
  return Array.from({ length: width }, (_, column) => {
    const begin = Math.floor((column * values.length) / width);
    const end = Math.floor(((column + 1) * values.length) / width);
    return Math.max(...values.slice(begin, end));
  });
}
