import { MessageError } from '../../src/errors.js';
import { dsnMailParams, dsnRcptParams, originalRecipient, type DsnOptions } from '../../src/protocol/dsn-params.js';
import { formatEsmtpParams, parseEsmtpParams } from '../../src/protocol/esmtp-params.js';

describe('DSN options', () => {
  it('become the parameters of RFC 3461', () => {
    const dsn: DsnOptions = { ret: 'headers', envid: 'QQ 3+14', notify: ['success', 'failure'] };
    expect(formatEsmtpParams(parseEsmtpParams(dsnMailParams(dsn), 'MAIL'))).toBe(' RET=HDRS ENVID=QQ+203+2B14');
    expect(formatEsmtpParams(parseEsmtpParams(dsnRcptParams(dsn), 'RCPT'))).toBe(' NOTIFY=SUCCESS,FAILURE');
    expect(dsnMailParams({ ret: 'full' })).toEqual({ RET: 'FULL' });
    expect([dsnMailParams({}), dsnRcptParams({})]).toEqual([{}, {}]);
  });

  it.each(['never', 'success', 'failure', 'delay'] as const)('know %s as a word of NOTIFY', (word) => {
    expect(dsnRcptParams({ notify: [word] })).toEqual({ NOTIFY: word.toUpperCase() });
  });

  it.each([
    ['no list', { notify: 'never' as unknown as ['never'] }],
    ['an empty list', { notify: [] }],
    ['another word', { notify: ['always' as 'never'] }],
  ])('are refused by their code: %s', (_what, dsn) => {
    expect(() => dsnRcptParams(dsn)).toThrow(
      expect.objectContaining({ name: 'MessageError', code: 'ERR_INVALID_PARAMETER' }) as Error,
    );
  });

  it('are refused when a word is not known, or the list is empty', () => {
    expect(() => dsnMailParams({ ret: 'FULL' as 'full' })).toThrow(MessageError);
    expect(() => dsnMailParams({ ret: 'toString' as 'full' })).toThrow(MessageError);
    expect(() => dsnRcptParams({ notify: ['always' as 'never'] })).toThrow('always');
    expect(() => dsnRcptParams({ notify: [] })).toThrow('empty');
    expect(() => parseEsmtpParams(dsnRcptParams({ notify: ['never', 'delay'] }), 'RCPT')).toThrow(MessageError);
  });

  it('name an original recipient by the type that can hold it', () => {
    const orcpt = (address: string): string =>
      formatEsmtpParams(parseEsmtpParams({ ORCPT: originalRecipient(address) }, 'RCPT'));
    expect(orcpt('a+b@x')).toBe(' ORCPT=rfc822;a+2Bb@x');
    expect(orcpt('bj\u00f8rn@x')).toBe(' ORCPT=utf-8;bj\\x{F8}rn@x');
  });
});
