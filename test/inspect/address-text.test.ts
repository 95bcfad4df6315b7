import { decodeUnitext, decodeXtext } from '../../src/inspect/address-text.js';

it.each<[fact: string, value: string, address: string]>([
  ['plain', 'user@x.example', 'user@x.example'],
  ['a plus sign that was encoded', 'user+2Btag@x.example', 'user+tag@x.example'],
  ['an equals sign and a space', '"a+20b"+3Dc@x.example', '"a b"=c@x.example'],
  ['a plus sign that stands for itself', 'user+tag@x.example', 'user+tag@x.example'],
  ['digits behind a plus sign that need no encoding', 'user+42@x.example', 'user+42@x.example'],
  ['one of each', 'user+2Btag+x@x.example', 'user+2Btag+x@x.example'],
  ['a line end', 'a+0D+0Ab@x.example', 'a+0D+0Ab@x.example'],
  ['lower case', 'user+2btag@x.example', 'user+2btag@x.example'],
])('xtext: %s', (_fact, value, address) => {
  expect(decodeXtext(value)).toBe(address);
});

it.each<[fact: string, value: string, address: string]>([
  ['plain', 'jörg@x.example', 'jörg@x.example'],
  ['characters', '\\x{E4}\\x{1F600}@x.example', 'ä😀@x.example'],
  ['half a pair', '\\x{D800}@x.example', '\\x{D800}@x.example'],
  ['no character', '\\x{110000}@x.example', '\\x{110000}@x.example'],
  ['a line end', 'a\\x{0A}b', 'a\\x{0A}b'],
  ['DEL', 'a\\x{7F}b', 'a\\x{7F}b'],
])('unitext: %s', (_fact, value, address) => {
  expect(decodeUnitext(value)).toBe(address);
});
