/** Where a client connects to, as its options and its class say. */
import { SMTP_SSL_DIALECT } from '../../src/client/smtp-ssl.js';
import { resolveOptions } from '../../src/client/options.js';
import { targetOf } from '../../src/client/target-of.js';
import { thrownBy } from '../support/thrown.js';

describe('the target', () => {
  it('is the host with its port, else with that of the class', () => {
    expect(targetOf(resolveOptions({ host: 'h:4650' }), SMTP_SSL_DIALECT)).toEqual({ host: 'h', port: 4650 });
    expect(targetOf(resolveOptions({ host: 'h' }), SMTP_SSL_DIALECT)).toEqual({ host: 'h', port: 465 });
    expect(targetOf(resolveOptions({ path: '/run/smtp' }), SMTP_SSL_DIALECT)).toEqual({ path: '/run/smtp' });
  });

  it('is refused when it is none', () => {
    expect(thrownBy(() => targetOf(resolveOptions({ host: 'a b' }), SMTP_SSL_DIALECT))).toMatchObject({
      code: 'ERR_INVALID_TARGET',
    });
  });
});
