/** Lines with a label in front, in colour where a person looks on and did not ask for none (https://no-color.org). */

const coloured = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
const style = (code) => (text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
const dim = style('2');

export const bold = style('1');
export const good = style('32');
export const bad = style('31');

const LABEL_WIDTH = 10;

/** The texts stand below each other; the label stands beside the first. */
export function row(label, ...texts) {
  for (const [index, text] of texts.entries()) {
    console.log(`   ${dim((index === 0 ? label : '').padEnd(LABEL_WIDTH))}${text}`);
  }
}

/** Pairs as two columns. */
export function columns(pairs) {
  const wide = Math.max(...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `${left.padEnd(wide)}  ${dim(right)}`);
}
