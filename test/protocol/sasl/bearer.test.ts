import { bearer } from '../../../src/protocol/sasl/bearer.js';

const make = () =>
  bearer({ name: 'X', message: Buffer.from('m'), accessToken: 's3cr3t', acknowledgement: Uint8Array.of(1) });

describe('a bearer exchange', () => {
  it('keeps the first error of the server, without the token and without controls, and not at any length', () => {
    const mechanism = make();
    mechanism.initialResponse();
    expect(mechanism.serverError).toBeUndefined();
    mechanism.respond(Buffer.from(`token s3cr3t\u001b[31m ${'x'.repeat(5_000)}`));
    mechanism.respond(Buffer.from('second'));
    expect(mechanism.serverError).toMatch(/^token \(secret\)\\u001b\[31m x+$/);
    expect(mechanism.serverError?.length).toBeLessThan(1_100);
  });
});
