import { CliError } from '../../src/cli/cli-error.js';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { exitOfError, exitOfResult } from '../../src/cli/exit-of-error.js';
import * as posthaste from '../../src/index.js';
import type { RecipientResult, Reply } from '../../src/index.js';

const reply = (code: number): Reply => ({ code, enhancedCode: undefined, lines: ['no'], text: 'no' });
const refused = (code: number) => new Map([['b@example.org', reply(code)]]);

const { SMTPException, SMTPNotSupportedError, MessageTooLargeError, SMTPServerDisconnected, SMTPDialError } = posthaste;
const { SMTPTlsError, SMTPTimeoutError, SMTPAbortedError, SMTPProtocolError, SMTPResponseException } = posthaste;
const { SMTPConnectError, SMTPHeloError, SMTPAuthenticationError, SMTPSenderRefused, SMTPDataError } = posthaste;
const { SMTPRecipientsRefused, MessageError, MultipleResentSetsError, MissingSenderError } = posthaste;
const { AmbiguousSenderError, MissingRecipientsError, InvalidAddressError } = posthaste;

const table: readonly (readonly [error: Error, code: number])[] = [
  [new SMTPException('x'), 69],
  [new SMTPException('x', { stage: 'auth', code: 'ERR_INSECURE_AUTH' }), 77],
  [new SMTPException('x', { stage: 'body', code: 'ERR_FILE_NOT_READABLE' }), 66],
  [new SMTPException('x', { retryable: true }), 75],
  [new SMTPException('x', { code: 'ERR_OUTBOX_NO_ENTRY' }), 66],
  [new SMTPException('x', { code: 'ERR_OUTBOX_STORE' }), 66],
  [new SMTPException('x', { code: 'ERR_OUTBOX_NEEDS_LMDB' }), 78],
  [new SMTPException('x', { code: 'ERR_OUTBOX_STATE' }), 69],
  [new SMTPException('x', { code: 'ERR_OUTBOX_STATE', retryable: true }), 75],
  [new SMTPNotSupportedError('no 8BITMIME', { stage: 'mail' }), 69],
  [new SMTPNotSupportedError('no AUTH', { stage: 'auth' }), 77],
  [new MessageTooLargeError('x', { sizeBytes: 2, limitBytes: 1 }), 69],
  [new SMTPServerDisconnected('x'), 75],
  [new SMTPServerDisconnected('x', { delivery: 'unknown' }), 70],
  [new SMTPDialError('x'), 75],
  [new SMTPTlsError('x', { reason: 'CERT_HAS_EXPIRED' }), 76],
  [new SMTPTimeoutError('x', { timeoutMs: 1 }), 75],
  [new SMTPTimeoutError('x', { timeoutMs: 1, delivery: 'unknown' }), 70],
  [new SMTPAbortedError('x'), 75],
  [new SMTPProtocolError('x'), 76],
  [new SMTPProtocolError('x', { delivery: 'unknown' }), 70],
  [new SMTPResponseException('x', { reply: reply(450) }), 75],
  [new SMTPResponseException('x', { reply: reply(550) }), 69],
  [new SMTPConnectError('x', { reply: reply(421) }), 75],
  [new SMTPConnectError('x', { reply: reply(554) }), 69],
  [new SMTPHeloError('x', { reply: reply(550) }), 69],
  [new SMTPAuthenticationError('x', { reply: reply(535), mechanism: 'PLAIN' }), 77],
  [new SMTPAuthenticationError('x', { reply: reply(454), mechanism: 'PLAIN' }), 75],
  [new SMTPSenderRefused('x', { reply: reply(550), sender: 'a' }), 69],
  [new SMTPSenderRefused('x', { reply: reply(451), sender: 'a' }), 75],
  [new SMTPDataError('x', { reply: reply(554) }), 69],
  [new SMTPDataError('x', { reply: reply(452) }), 75],
  [new SMTPRecipientsRefused('x', { refused: refused(550) }), 67],
  [new SMTPRecipientsRefused('x', { refused: refused(450) }), 75],
  [new MessageError('x'), 65],
  [new MessageError('x', { code: 'ERR_FILE_NOT_READABLE' }), 66],
  [new MessageError('x', { code: 'ERR_NOT_A_FILE' }), 66],
  [new MessageError('x', { code: 'ERR_MESSAGE_CHANGED' }), 66],
  [new SMTPException('x', { stage: 'body', cause: new MessageError('x') }), 65],
  [new MultipleResentSetsError('x', { sets: [] }), 65],
  [new MissingSenderError('x'), 65],
  [new AmbiguousSenderError('x'), 65],
  [new MissingRecipientsError('x'), 65],
  [new InvalidAddressError('x', { input: 'x', position: 0 }), 65],
  [Object.assign(new Error('ENXIO'), { syscall: 'open', code: 'ENXIO' }), 66],
  [new CliError('usage', 'x'), 64],
  [new CliError('cannot-write', 'x'), 73],
  [new CliError('configuration', 'x'), 78],
  [new CliError('interrupted', 'x'), 130],
  [new TypeError('a fault of the program'), 70],
];

describe('exitOfError', () => {
  it.each(table.map(([error, code]) => [error.name, code, error] as const))('%s gives %i', (_, code, error) => {
    expect(EXIT_CODES[exitOfError(error)].code).toBe(code);
  });

  it('knows every error class of the package', () => {
    const classes = Object.entries(posthaste)
      .filter(([, value]) => typeof value === 'function' && 'prototype' in value && value.prototype instanceof Error)
      .map(([name]) => name);
    expect(classes.length).toBeGreaterThan(15);
    const tested = new Set(table.map(([error]) => error.constructor.name));
    expect(classes.filter((name) => !tested.has(name))).toEqual([]);
  });
});

describe('exitOfResult', () => {
  const recipient = (status: RecipientResult['status'], code?: number): RecipientResult => ({
    index: 0,
    address: 'b@example.org',
    status,
    stage: 'rcpt',
    ...(code === undefined ? {} : { reply: reply(code) }),
  });

  it.each([
    ['all accepted', [recipient('accepted', 250)], 0],
    ['one refused for good', [recipient('accepted', 250), recipient('refused', 550)], 67],
    ['one refused for now', [recipient('accepted', 250), recipient('refused', 450)], 75],
    ['one for good, one for now', [recipient('refused', 550), recipient('refused', 450), recipient('accepted')], 75],
    ['one not asked for', [recipient('accepted', 250), recipient('not-sent')], 75],
    ['one unknown', [recipient('refused', 450), recipient('unknown'), recipient('accepted')], 70],
  ])('%s', (_, recipients, code) => {
    expect(EXIT_CODES[exitOfResult({ recipients })].code).toBe(code);
  });
});
