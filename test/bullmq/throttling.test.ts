import { isThrottling } from '../../src/bullmq/throttling.js';
import { makeReply } from '../../src/protocol/reply.js';
import type { Stage } from '../../src/types.js';

describe('a sender that is too fast', () => {
  it.each<[string, Stage, number, string]>([
    ['Gmail', 'final', 421, '4.7.28 Our system has detected an unusual rate of unsolicited mail'],
    ['Gmail', 'mail', 450, '4.7.28 our limit is met'],
    ['Exchange Online', 'mail', 451, '4.7.500 Server busy. Please try again later from [192.0.2.1]'],
    ['Exchange Online', 'mail', 451, '4.7.651 The mail server has been temporarily limited due to IP reputation'],
    ['Amazon SES', 'final', 454, 'Throttling failure: Maximum sending rate exceeded.'],
    ['Amazon SES', 'final', 454, 'Throttling failure: Daily message quota exceeded.'],
    ['Yahoo', 'greeting', 421, '4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume'],
    ['Postfix', 'greeting', 421, '4.7.0 mx.example Error: too many connections from 192.0.2.1'],
    ['Postfix', 'mail', 450, '4.7.1 Error: too much mail from 192.0.2.1'],
    ['Postfix', 'rcpt', 450, '4.7.1 Error: too many recipients from 192.0.2.1'],
    ['a relay', 'mail', 451, 'rate limit exceeded, slow down'],
    ['a relay', 'mail', 450, 'You have exceeded your hourly limit'],
    ['a relay', 'greeting', 421, 'Too many concurrent SMTP connections; please try again later.'],
    ['a relay', 'rcpt', 421, '4.4.5 connection rate too high'],
    ['a relay', 'data', 452, '4.4.5 congestion'],
  ])('is told so by %s at %s: %d %s', (_, stage, code, line) => {
    expect(isThrottling(makeReply(code, [line]), stage)).toBe(true);
  });

  it('is told so in a further line too', () => {
    expect(isThrottling(makeReply(421, ['4.7.0 try again later,', 'you are sending too fast']), 'mail')).toBe(true);
  });
});

describe('the rest of the queue does not wait', () => {
  it.each<[string, Stage, number, string]>([
    ['a greylist', 'rcpt', 450, '4.7.1 Greylisted, try again in 300 seconds'],
    ['a greylist', 'final', 451, '4.7.1 graylisting in action, too many mails like this'],
    ['one mailbox that gets too much', 'rcpt', 450, '4.2.1 The user is receiving mail at a rate that is too fast'],
    ['one mailbox that gets too much', 'final', 450, '4.2.1 rate limit exceeded for this mailbox'],
    ['one mailbox that gets too much', 'rcpt', 450, 'rate limit exceeded'],
    ['a full mailbox', 'rcpt', 452, '4.2.2 The mailbox is full, quota exceeded'],
    ['a full mailbox', 'final', 452, 'mailbox quota exceeded'],
    ['too many recipients in one transaction', 'rcpt', 452, '4.5.3 Too many recipients'],
    ['a full disk', 'mail', 452, '4.3.1 Insufficient system storage'],
    ['a server that restarts', 'mail', 421, '4.3.2 Service shutting down'],
    ['a server that restarts', 'mail', 421, ''],
    ['a DNS failure', 'rcpt', 450, '4.1.8 Sender address rejected: Domain not found'],
    ['a filter', 'final', 451, '4.7.1 Service unavailable - try again later'],
    ['a login that failed for now', 'auth', 454, '4.7.0 Temporary authentication failure'],
    ['a permanent refusal', 'mail', 550, '5.7.28 rate limit exceeded'],
    ['a permanent refusal', 'final', 554, 'Throttling failure'],
    ['another code', 'mail', 432, 'rate limit exceeded'],
  ])('for %s (%s): %d %s', (_, stage, code, line) => {
    expect(isThrottling(makeReply(code, [line]), stage)).toBe(false);
  });

  it('for what stands behind a thousand characters', () => {
    const words = 'rate limit exceeded';
    expect(isThrottling(makeReply(421, [`${'x '.repeat(500)}${words}`]), 'mail')).toBe(false);
    expect(isThrottling(makeReply(421, [`${'x '.repeat(490)}${words}`]), 'mail')).toBe(true);
  });
});
