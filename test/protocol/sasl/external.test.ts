import { MessageError } from '../../../src/errors.js';
import { external } from '../../../src/protocol/sasl/external.js';

describe('EXTERNAL', () => {
  it('names whom to act as, or leaves it to the server', () => {
    expect(Buffer.from(external({ user: 'tim@x' }).initialResponse() ?? []).toString()).toBe('tim@x');
    expect(external({ user: '' }).initialResponse()).toHaveLength(0);
    expect(() => external({ user: 'a\0b' })).toThrow(MessageError);
  });

  it('holds no secret', () => {
    const mechanism = external({ user: 'tim' });
    mechanism.respond(new Uint8Array(0));
    expect(mechanism.secretSent).toBe(false);
    mechanism.finish();
  });
});
