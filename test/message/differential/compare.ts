/** The parser beside another reader on one text: the same, or different for reasons that have names and have been tried. */
import { InvalidAddressError } from '../../../src/errors.js';
import { parseAddressList } from '../../../src/message/address.js';
import { isAddressList } from './grammar.js';
import { plainForms, STEPS } from './plain-forms.js';

export type Reading = readonly { readonly name: string; readonly address: string }[];
/** Another parser of address lists, by text. */
export type Reader = (text: string) => Reading;

/** What this project refuses, although the grammar has it, by the reason that the error gives. */
export const POLICIES: readonly (readonly [reason: RegExp, name: string])[] = [
  [/a word without a domain stands beside/, 'a word without a domain beside addresses'],
  [/a name stands without an address/, 'a name without an address'],
  [/the name in front of the address is another address/, 'an address as the name of another'],
  [/holds the invisible character|holds a tab/, 'a character that nobody sees'],
  [/no valid internationalized name/, 'a domain that IDNA does not allow'],
  [/has more than/, 'an address or a domain that is too long'],
];

export const NO_LIST = 'not in the grammar';

export interface Comparison {
  readonly kind: 'same' | 'names differ' | 'addresses differ' | 'refused' | 'unexplained';
  /** What they differ about, or why the text is refused. */
  readonly classes: readonly string[];
  /** Of a refused text: the other reader finds an address in it. */
  readonly readElsewhere: boolean;
}

export function ourReading(text: string): Reading | InvalidAddressError {
  try {
    return parseAddressList(text).flatMap((entry) => ('members' in entry ? entry.members : [entry]));
  } catch (error) {
    if (error instanceof InvalidAddressError) return error;
    throw error;
  }
}

const addressesOf = (reading: Reading): string => JSON.stringify(reading.map(({ address }) => address));
const allOf = (reading: Reading): string => JSON.stringify(reading.map(({ name, address }) => [name, address]));

/** The texts that `compare` will ask the reader about, for readers that want them all at once. */
export function questionsAbout(text: string): readonly string[] {
  return ourReading(text) instanceof InvalidAddressError ? [text] : plainForms(text);
}

export function compare(text: string, reader: Reader): Comparison {
  const ours = ourReading(text);
  const theirs = reader(text);
  if (ours instanceof InvalidAddressError) return refusal(text, ours, theirs);
  if (!isAddressList(text)) return { kind: 'unexplained', classes: [NO_LIST], readElsewhere: false };
  if (allOf(ours) === allOf(theirs)) return { kind: 'same', classes: [], readElsewhere: false };
  const sameAddresses = addressesOf(ours) === addressesOf(theirs);
  const classes = featuresThatMatter(text, reader, sameAddresses ? allOf : addressesOf);
  if (classes === undefined) return { kind: 'unexplained', classes: [], readElsewhere: false };
  return { kind: sameAddresses ? 'names differ' : 'addresses differ', classes, readElsewhere: false };
}

function refusal(text: string, error: InvalidAddressError, theirs: Reading): Comparison {
  const readElsewhere = theirs.some(({ address }) => address.includes('@'));
  if (!isAddressList(text)) return { kind: 'refused', classes: [NO_LIST], readElsewhere };
  const policy = POLICIES.find(([reason]) => reason.test(error.message))?.[1];
  if (policy === undefined) return { kind: 'unexplained', classes: [error.message], readElsewhere };
  return { kind: 'refused', classes: [policy], readElsewhere };
}

/**
 * The features whose absence changes what the reader makes of the text, down to the form on which both agree; undefined when
 * there is none, or when the parser itself reads a plainer form otherwise.
 */
function featuresThatMatter(
  text: string,
  reader: Reader,
  view: (reading: Reading) => string,
): readonly string[] | undefined {
  const features: string[] = [];
  const forms = plainForms(text);
  let ours = reread(text);
  for (const [index, { feature, changesAddresses }] of STEPS.entries()) {
    const [before = '', after = ''] = forms.slice(index, index + 2);
    const read = reread(after);
    if (ours === undefined || read === undefined) return undefined;
    if (!changesAddresses && addressesOf(read) !== addressesOf(ours)) return undefined;
    if (before !== after && view(reader(before)) !== view(reader(after))) features.push(feature);
    ours = read;
    if (view(reader(after)) === view(read)) return features.length === 0 ? undefined : features;
  }
  return undefined;
}

function reread(text: string): Reading | undefined {
  const reading = ourReading(text);
  return reading instanceof InvalidAddressError ? undefined : reading;
}
