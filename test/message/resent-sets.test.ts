import { parseHeaderBlock, type HeaderSpan } from '../../src/message/header-block.js';
import { newestResentSet, resentSets } from '../../src/message/resent-sets.js';

/** Fields by letters: F(rom) S(ender) T(o) C(c) B(cc) D(ate) I(dentifier) R(eply-To), and any other for another field. */
const NAMES: Readonly<Record<string, string>> = {
  F: 'Resent-From',
  S: 'Resent-Sender',
  T: 'Resent-To',
  C: 'Resent-Cc',
  B: 'RESENT-BCC',
  D: 'resent-date',
  I: 'Resent-Message-ID',
  R: 'Resent-Reply-To',
};

function spansOf(letters: string): readonly HeaderSpan[] {
  return parseHeaderBlock(Buffer.from(Array.from(letters, (letter) => `${NAMES[letter] ?? 'Other'}: x\n`).join('')))
    .spans;
}

function lettersOf(spans: readonly HeaderSpan[]): string {
  const letterOf = ({ name }: HeaderSpan): string =>
    Object.entries(NAMES).find(([, other]) => other === name)?.[0] ?? '-';
  return spans.map(letterOf).join('');
}

describe('resentSets', () => {
  it.each<[fields: string, sets: string[]]>([
    ['', []],
    ['-', []],
    ['DI', []],
    ['DD', []],
    ['F', ['F']],
    ['S', ['S']],
    ['T', ['T']],
    ['C', ['C']],
    ['B', ['B']],
    ['CC', ['C', 'C']],
    ['-DFTI-', ['DFTI']],
    ['F-T', ['FT']],
    ['FTFT', ['FT', 'FT']],
    ['FT-DFT', ['FTD', 'FT']],
    ['FRRT', ['FRRT']],
    ['TTT', ['T', 'T', 'T']],
    ['DFD', ['DF', 'D']],
    ['FIIT', ['FI', 'IT']],
    ['STCBDIFS', ['STCBDIF', 'S']],
  ])('%s', (fields, sets) => {
    expect(resentSets(spansOf(fields)).map(lettersOf)).toEqual(sets);
  });
});

describe('newestResentSet', () => {
  it.each<[fields: string, set: string | undefined]>([
    ['FTFT', 'FT'],
    ['--FT-FT', 'FT'],
    ['FT-FC', 'FT'],
    ['FT-CF', undefined],
    ['FT-DFT', undefined],
    ['FT-RFT', undefined],
    ['FT-', 'FT'],
    ['FRRTF', 'FRRT'],
    ['FTFC-D', 'FT'],
  ])('%s', (fields, set) => {
    const newest = newestResentSet(spansOf(fields));
    expect(newest && lettersOf(newest)).toBe(set);
  });
});
