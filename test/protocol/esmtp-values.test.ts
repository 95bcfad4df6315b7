import { KNOWN_PARAMETERS } from '../../src/protocol/esmtp-values.js';

describe('the table of ESMTP parameters', () => {
  it('knows those of RFC 1870, 2852, 3461, 4865, 4954, 6152, 3030, 6531, 6710 and 8689', () => {
    expect([...KNOWN_PARAMETERS.keys()].sort()).toEqual([
      'AUTH',
      'BODY',
      'BY',
      'ENVID',
      'HOLDFOR',
      'HOLDUNTIL',
      'MT-PRIORITY',
      'NOTIFY',
      'ORCPT',
      'REQUIRETLS',
      'RET',
      'SIZE',
      'SMTPUTF8',
    ]);
  });

  it('takes the wire form of whatever it encodes', () => {
    for (const [keyword, example] of [
      ['ENVID', 'a b+c'],
      ['AUTH', 'a+b@x'],
      ['ORCPT', 'utf-8;\u00e4@x'],
      ['NOTIFY', 'success'],
    ] as const) {
      const value = KNOWN_PARAMETERS.get(keyword)?.value;
      const encoded = value?.encode(example);
      if (encoded === undefined || 'fault' in encoded) throw new Error(`${keyword} was refused`);
      expect(value?.check(encoded.wire)).toEqual(encoded);
    }
  });
});
