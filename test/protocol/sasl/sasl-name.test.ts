import fc from 'fast-check';
import { saslName } from '../../../src/protocol/sasl/sasl-name.js';

describe('saslName', () => {
  it('escapes commas and equals signs so that they come back', () => {
    expect(saslName('a,b=c')).toBe('a=2Cb=3Dc');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = saslName(text);
        expect(escaped).not.toContain(',');
        expect(escaped.replaceAll('=2C', ',').replaceAll('=3D', '=')).toBe(text);
      }),
    );
  });
});
