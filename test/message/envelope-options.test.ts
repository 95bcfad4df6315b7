import { checkEnvelopeOptions, type EnvelopeOptions } from '../../src/message/envelope-options.js';
import { failure } from './failure.js';

describe('checkEnvelopeOptions', () => {
  it.each<EnvelopeOptions>([
    {},
    { resent: 'error', addresses: 'strict', conformance: 'lax', requireDomain: false },
    { resent: 'latest', addresses: 'lenient', conformance: 'rfc5322', requireDomain: true },
    { resent: 'ignore' },
  ])('takes %j', (options) => {
    expect(() => {
      checkEnvelopeOptions(options);
    }).not.toThrow();
  });

  it.each([
    { resent: 'newest' },
    { addresses: 'loose' },
    { conformance: 'strict' },
    { resent: null },
    { addresses: true },
  ])('refuses %j', (options) => {
    expect(() => {
      checkEnvelopeOptions(options as unknown as EnvelopeOptions);
    }).toThrow(failure({ code: 'ERR_INVALID_OPTION', hint: expect.stringMatching(/^Choose one of: /) }));
  });
});
