import { cramMd5 } from '../../../src/protocol/sasl/cram-md5.js';

describe('CRAM-MD5', () => {
  it('answers as the example of RFC 2195 section 2 does', () => {
    const mechanism = cramMd5({ user: 'tim', password: 'tanstaaftanstaaf' });
    expect(mechanism.initialResponse()).toBeUndefined();
    expect(mechanism.secretSent).toBe(false);
    const answer = mechanism.respond(Buffer.from('<1896.697170952@postoffice.reston.mci.net>'));
    expect(Buffer.from(answer).toString()).toBe('tim b913a602c7eda7a495b4e6e7334d3890');
    expect(mechanism.secretSent).toBe(true);
    mechanism.finish();
    expect(() => mechanism.respond(Buffer.from('<2@x>'))).toThrow('second challenge');
  });

  it('takes a password that is not ASCII, and any octets as the challenge', () => {
    const answer = cramMd5({ user: 'bj\u00f6rn', password: 'gr\u00fc\u00df' }).respond(Uint8Array.of(0, 255));
    expect(Buffer.from(answer).toString()).toMatch(/^bj\u00f6rn [0-9a-f]{32}$/);
  });

  it('is no success without a challenge', () => {
    expect(() => {
      cramMd5({ user: 'u', password: 'p' }).finish();
    }).toThrow('never sent');
  });
});
