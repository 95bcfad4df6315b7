import { SMTPException } from '../../../src/errors.js';
import { createMechanism, type MechanismContext } from '../../../src/protocol/sasl/create-mechanism.js';
import { chooseMechanisms } from '../../../src/protocol/sasl/select.js';

const context: MechanismContext = { user: 'u', secret: 's', offered: [], nonce: 'abc', host: 'h', port: 587 };
const first = (name: string, more: Partial<MechanismContext> = {}): string =>
  Buffer.from(createMechanism(name, { ...context, ...more }).initialResponse() ?? []).toString();

describe('createMechanism', () => {
  it('makes every mechanism that can be chosen, under its name', () => {
    const names = [
      ...chooseMechanisms({
        offered: [
          'PLAIN',
          'LOGIN',
          'CRAM-MD5',
          'SCRAM-SHA-1',
          'SCRAM-SHA-1-PLUS',
          'SCRAM-SHA-256',
          'SCRAM-SHA-256-PLUS',
        ],
        kind: 'password',
        encrypted: true,
        channelBinding: true,
      }),
      'XOAUTH2',
      'OAUTHBEARER',
      'EXTERNAL',
    ];
    for (const name of names) {
      const mechanism = createMechanism(name, { ...context, channelBinding: Buffer.alloc(32) });
      expect(mechanism.name).toBe(name);
      expect(mechanism.secretSent).toBe(false);
    }
    expect(names).toHaveLength(10);
    expect(() => createMechanism('GSSAPI', context)).toThrow(RangeError);
  });

  it('tells OAUTHBEARER where it is', () => {
    expect(first('OAUTHBEARER')).toBe('n,a=u,\u0001host=h\u0001port=587\u0001auth=Bearer s\u0001\u0001');
  });

  it('claims no binding when there is none, and says when the server seems to lack it', () => {
    const channelBinding = Buffer.alloc(32);
    expect(first('SCRAM-SHA-256')).toBe('n,,n=u,r=abc');
    expect(first('SCRAM-SHA-256', { channelBinding, offered: ['SCRAM-SHA-256'] })).toBe('y,,n=u,r=abc');
    expect(first('SCRAM-SHA-256', { channelBinding, offered: ['scram-sha-1-plus'] })).toBe('n,,n=u,r=abc');
    expect(first('SCRAM-SHA-256-PLUS', { channelBinding })).toBe('p=tls-exporter,,n=u,r=abc');
    expect(() => createMechanism('SCRAM-SHA-256-PLUS', context)).toThrow(SMTPException);
  });
});
