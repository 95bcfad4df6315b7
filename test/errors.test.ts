import { inspect } from 'node:util';

import fc from 'fast-check';

import * as errors from '../src/errors.js';
import type { Reply } from '../src/types.js';

function reply(code: number, ...lines: readonly string[]): Reply {
  return { code, enhancedCode: undefined, lines, text: lines.join('\n') };
}

const refused = new Map([['a@example.com', reply(550, 'no')]]);

/** One of each class, with what its code, delivery and retryable are when nobody says otherwise. */
const samples: readonly (readonly [errors.PosthasteError, string, string, boolean])[] = [
  [new errors.SMTPException('x'), 'ERR_SMTP', 'not-sent', false],
  [new errors.SMTPNotSupportedError('x'), 'ERR_NOT_SUPPORTED', 'not-sent', false],
  [new errors.MessageTooLargeError('x', { sizeBytes: 2, limitBytes: 1 }), 'ERR_MESSAGE_TOO_LARGE', 'not-sent', false],
  [new errors.SMTPServerDisconnected('x'), 'ERR_DISCONNECTED', 'not-sent', false],
  [new errors.SMTPDialError('x', { syscode: 'ECONNREFUSED' }), 'ERR_DIAL', 'not-sent', false],
  [new errors.SMTPTlsError('x', { reason: 'CERT_HAS_EXPIRED' }), 'ERR_TLS', 'not-sent', false],
  [new errors.SMTPTimeoutError('x', { timeoutMs: 1 }), 'ERR_TIMEOUT', 'not-sent', false],
  [new errors.SMTPAbortedError('x'), 'ERR_ABORTED', 'not-sent', false],
  [new errors.SMTPProtocolError('x'), 'ERR_PROTOCOL', 'not-sent', false],
  [new errors.SMTPResponseException('x', { reply: reply(550) }), 'ERR_RESPONSE', 'refused', false],
  [new errors.SMTPResponseException('x', { reply: reply(450) }), 'ERR_RESPONSE', 'refused', true],
  [new errors.SMTPConnectError('x', { reply: reply(421) }), 'ERR_CONNECT', 'not-sent', true],
  [new errors.SMTPHeloError('x', { reply: reply(550) }), 'ERR_HELO', 'not-sent', false],
  [
    new errors.SMTPAuthenticationError('x', { reply: reply(535), mechanism: 'PLAIN' }),
    'ERR_AUTHENTICATION',
    'not-sent',
    false,
  ],
  [new errors.SMTPSenderRefused('x', { reply: reply(451), sender: 'a@b.c' }), 'ERR_SENDER_REFUSED', 'refused', true],
  [new errors.SMTPDataError('x', { reply: reply(554) }), 'ERR_DATA', 'refused', false],
  [new errors.SMTPRecipientsRefused('x', { refused }), 'ERR_RECIPIENTS_REFUSED', 'refused', false],
  [new errors.MessageError('x'), 'ERR_MESSAGE', 'not-sent', false],
  [new errors.MultipleResentSetsError('x', { sets: [] }), 'ERR_MULTIPLE_RESENT_SETS', 'not-sent', false],
  [new errors.MissingSenderError('x'), 'ERR_MISSING_SENDER', 'not-sent', false],
  [new errors.AmbiguousSenderError('x'), 'ERR_AMBIGUOUS_SENDER', 'not-sent', false],
  [new errors.MissingRecipientsError('x'), 'ERR_MISSING_RECIPIENTS', 'not-sent', false],
  [new errors.InvalidAddressError('x', { input: 'a b', position: 1 }), 'ERR_INVALID_ADDRESS', 'not-sent', false],
];

describe('every error', () => {
  it('is sampled here', () => {
    const classes = Object.values(errors).filter((value) => Error.isPrototypeOf.call(Error, value));
    const sampled = new Set<unknown>(samples.map(([error]) => error.constructor));
    expect(classes.length).toBeGreaterThan(20);
    expect(classes.filter((constructor) => !sampled.has(constructor))).toEqual([]);
  });

  const rows = samples.map(([error, ...facts]) => [error.constructor.name, ...facts, error] as const);
  it.each(rows)('%s: code %s, delivery %s, retryable %s', (_name, code, delivery, retryable, error) => {
    expect(error).toMatchObject({ code, delivery, retryable, hint: undefined, message: 'x' });
    expect(errors.isPosthasteError(error)).toBe(true);
    expect(error.name).toBe(error instanceof errors.SMTPAbortedError ? 'AbortError' : error.constructor.name);
  });

  it('keeps its cause, and has none when none was given', () => {
    const cause = new Error('why');
    for (const made of [new errors.SMTPException('x', { cause }), new errors.MessageError('x', { cause })]) {
      expect(made.cause).toBe(cause);
    }
    expect('cause' in new errors.SMTPException('x')).toBe(false);
    expect('cause' in new errors.MessageError('x')).toBe(false);
  });
});

describe('isPosthasteError', () => {
  it('knows an error of another copy of the package by its brand, and nothing else', () => {
    const foreign = Object.defineProperty(new Error('x'), Symbol.for('posthaste.error'), { value: true });
    expect(errors.isPosthasteError(foreign)).toBe(true);
    const others = [new Error('x'), { [Symbol.for('posthaste.error')]: true }, undefined, null, 'ERR_SMTP'];
    for (const other of others) expect(errors.isPosthasteError(other)).toBe(false);
  });

  it('leaves no trace of the brand in what is logged', () => {
    for (const error of [new errors.SMTPException('x'), new errors.MessageError('x')]) {
      expect(inspect(error)).not.toContain('posthaste.error');
    }
  });
});

describe('SMTPRecipientsRefused', () => {
  it('may be tried again when any recipient was refused for now', () => {
    const mixed = new Map([...refused, ['b@example.com', reply(450, 'later')] as const]);
    expect(new errors.SMTPRecipientsRefused('x', { refused: mixed }).retryable).toBe(true);
  });
});

describe('SMTPResponseException', () => {
  it("has Python's names for the reply", () => {
    const error = new errors.SMTPResponseException('x', { reply: reply(550, '5.1.1 no', 'such user') });
    expect([error.smtpCode, error.smtpError]).toEqual([550, '5.1.1 no\nsuch user']);
  });
});

describe('printable', () => {
  it('shows controls and line separators as escapes', () => {
    expect(errors.printable('a\u001b[31m\r\u0000\u009b\u2028')).toBe('a\\u001b[31m\\u000d\\u0000\\u009b\\u2028');
  });

  it('leaves no control but tab and line feed, whatever the server said', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(errors.printable(text)).not.toMatch(/[^\P{Cc}\t\n]|[\u2028\u2029]/u);
      }),
    );
  });
});

describe('describeReply', () => {
  it('puts a reply on one line', () => {
    expect(errors.describeReply(reply(550, '5.1.1 no', 'such\u0007user'))).toBe('550 5.1.1 no / such\\u0007user');
    expect(errors.describeReply(reply(250))).toBe('250');
  });
});
