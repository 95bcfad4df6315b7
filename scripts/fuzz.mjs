/**
 * Random inputs for what reads other people's octets, many more than the property tests try:
 *
 *     npm run fuzz -- [--seed 1] [--scale 1] [--seconds 900]
 *
 * The counts are reached or the run fails; `--scale 0.01` asks for a hundredth of them. A fault is shown with its seed and its
 * smallest form found; put it into the test beside the module before it is mended.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { addressesTarget } from './fuzz/addresses.mjs';
import { messagesTarget } from './fuzz/messages.mjs';
import { Random, shrink } from './fuzz/random.mjs';
import { repliesTarget } from './fuzz/replies.mjs';
import { urlsTarget } from './fuzz/urls.mjs';
import { root } from './run.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    scale: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '900' },
  },
});
const seed = Number(values.seed);
const scale = Number(values.scale);
const endsAtMs = performance.now() + Number(values.seconds) * 1_000;

// As CommonJS, where each module is a file of its own.
const built = async (path) => await import(pathToFileURL(join(root, 'dist', 'cjs', path)).href);
const package_ = Object.assign(
  {},
  await built('index.js'),
  await built('protocol/reply-parser.js'),
  await built('protocol/extensions.js'),
  await built('protocol/command.js'),
  await built('protocol/body.js'),
  await built('octets/content-of.js'),
  await built('message/address.js'),
  await built('client/server-url.js'),
  await built('io/target.js'),
);

const targets = [
  { target: repliesTarget(package_), wanted: 12_000_000 },
  { target: addressesTarget(package_), wanted: 1_000_000 },
  { target: messagesTarget(package_), wanted: 200_000 },
  { target: urlsTarget(package_), wanted: 500_000 },
];

/** What is wrong, or undefined; what is thrown and is no error of the package is wrong as well. */
async function complaintOf(target, input, itsSeed) {
  try {
    return await target.complaint(input, new Random(itsSeed));
  } catch (error) {
    return String(error?.stack ?? error);
  }
}

/** Shrinking is synchronous: a target that waits is shown as it is. */
function smallest(target, input, itsSeed) {
  return shrink(input, (shorter) => {
    try {
      const complaint = target.complaint(shorter, new Random(itsSeed));
      return complaint instanceof Promise ? undefined : complaint;
    } catch (error) {
      return String(error);
    }
  });
}

let failed = false;
for (const { target, wanted } of targets) {
  const startedMs = performance.now();
  let inputs = 0;
  let amount = 0;
  let faults = 0;
  while (amount < wanted * scale && faults < 3 && performance.now() < endsAtMs) {
    const itsSeed = (seed * 1_000_003 + inputs) >>> 0;
    const input = target.make(new Random(itsSeed));
    inputs += 1;
    amount += target.size(input);
    const complaint = await complaintOf(target, input, itsSeed);
    if (complaint === undefined) continue;
    faults += 1;
    const shown = smallest(target, input, itsSeed);
    const text = typeof shown === 'string' ? JSON.stringify(shown) : JSON.stringify(shown.toString('latin1'));
    console.log(`${target.name}: ${complaint}\n  input ${text}\n  --seed ${seed}, input ${inputs}`);
  }
  const short = amount < wanted * scale;
  failed ||= short || faults > 0;
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  const verdict = faults > 0 ? `${faults} FAULTS` : short ? `OUT OF TIME, ${wanted * scale} were wanted` : 'ok';
  console.log(
    `${target.name.padEnd(14)} ${amount.toLocaleString('en')} in ${inputs.toLocaleString('en')} inputs, ${seconds} s: ${verdict}`,
  );
}
if (failed) process.exitCode = 1;
