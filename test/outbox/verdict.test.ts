import {
  MessageError,
  MessageTooLargeError,
  SMTPAbortedError,
  SMTPAuthenticationError,
  SMTPConnectError,
  SMTPDataError,
  SMTPDialError,
  SMTPNotSupportedError,
  SMTPRecipientsRefused,
  SMTPSenderRefused,
  SMTPServerDisconnected,
  SMTPTlsError,
  type RecipientResult,
  type SendResult,
  type Stage,
} from '../../src/index.js';
import type { OutboxRecord } from '../../src/outbox/store.js';
import { settled, verdictOf, type Attempted } from '../../src/outbox/verdict.js';
import { replyOf } from './fake-mailer.js';
import { recordOf } from './records.js';

const NOW = 10_000;
const options = { onUnknown: 'hold', nowMs: NOW, backoffMs: (attempt: number) => attempt * 1_000 } as const;

function sending(to: readonly string[], more: Partial<OutboxRecord> = {}): OutboxRecord {
  const recipients = to.map((address) => ({ address, status: 'pending' as const }));
  return recordOf('1', { state: 'sending', owner: 'me', attempts: 2, departed: [0], envelope: { from: 'a@x.example', to }, recipients, ...more }); // prettier-ignore
}

function told(index: number, word: string, stage: Stage = 'final'): RecipientResult {
  const address = `r${String(index)}@x.example`;
  if (word === 'unknown' || word === 'not-sent') return { index, address, status: word, stage };
  const reply = replyOf(word);
  return { index, address, status: reply.code < 300 ? 'accepted' : 'refused', stage, reply };
}

const resultOf = (...recipients: RecipientResult[]): Attempted => ({ result: { recipients } as unknown as SendResult });
const errorOf = (error: unknown, departed = false): Attempted => ({ error, departed });
const one = sending(['r0@x.example']);
const statusesOf = (record: OutboxRecord): readonly string[] => record.recipients.map(({ status }) => status);

describe('the verdict', () => {
  it('is sent when all were accepted, and nothing of the attempt is left', () => {
    const record = verdictOf(one, [0], resultOf(told(0, '250 2.0.0 ok')), options);
    expect(record).toMatchObject({ state: 'sent', version: 2, finishedAtMs: NOW, attemptedAtMs: NOW });
    expect(record.recipients).toEqual([
      { address: 'r0@x.example', status: 'accepted', reply: replyOf('250 2.0.0 ok') },
    ]);
    for (const field of ['owner', 'departed', 'failure', 'nextAttemptAtMs']) expect(record).not.toHaveProperty(field);
  });

  it('is partial when for some it is over', () => {
    const record = verdictOf(sending(['r0@x.example', 'r1@x.example']), [0, 1], resultOf(told(0, '250 ok'), told(1, '550 5.1.1 no')), options); // prettier-ignore
    expect(record).toMatchObject({
      state: 'partial',
      failure: { code: 'ERR_RECIPIENTS_REFUSED', delivery: 'refused' },
    });
    expect(record.failure?.message).toBe('the server refused a recipient: <r1@x.example> 550 5.1.1 no');
  });

  it('is another attempt for those who were refused for now, with the reply in hand', () => {
    const record = verdictOf(sending(['r0@x.example', 'r1@x.example']), [0, 1], resultOf(told(0, '250 ok'), told(1, '451 4.3.0 later')), options); // prettier-ignore
    expect(record).toMatchObject({ state: 'deferred', nextAttemptAtMs: NOW + 2_000 });
    expect(record.recipients[1]).toEqual({
      address: 'r1@x.example',
      status: 'pending',
      reply: replyOf('451 4.3.0 later'),
    });
  });

  it('leaves alone who was not tried', () => {
    const recipients = [
      { address: 'r0@x.example', status: 'accepted' },
      { address: 'r1@x.example', status: 'pending' },
      { address: 'r2@x.example', status: 'unknown' },
    ] as const;
    const record = verdictOf(sending([], { recipients }), [1], resultOf(told(0, '250 ok')), options);
    expect(statusesOf(record)).toEqual(['accepted', 'accepted', 'unknown']);
    expect(record).toMatchObject({ state: 'unknown' });
    expect(record).not.toHaveProperty('finishedAtMs');
  });

  it('keeps the last reply of somebody to whom nothing was said this time', () => {
    const recipients = [{ address: 'r0@x.example', status: 'pending', reply: replyOf('451 4.3.0 later') }] as const;
    const record = verdictOf(sending([], { recipients }), [0], errorOf(new SMTPDialError('nobody there')), options);
    expect(record.recipients).toEqual(recipients);
    expect(record.failure).toMatchObject({ code: 'ERR_DIAL', delivery: 'not-sent' });
  });

  it('is failed, with the last reply, when the next attempt would come too late', () => {
    const late = sending(['r0@x.example'], { expiresAtMs: NOW + 1_999 });
    const record = verdictOf(late, [0], resultOf(told(0, '451 4.3.0 later')), options);
    expect(record).toMatchObject({ state: 'failed', recipients: [{ status: 'refused', reply: { code: 451 } }] });
    const inTime = verdictOf({ ...late, expiresAtMs: NOW + 2_000 }, [0], resultOf(told(0, '451 later')), options);
    expect(inTime.state).toBe('deferred');
  });

  const all = (word: string, stage: Stage = 'final'): { recipients: RecipientResult[] } => ({
    recipients: [told(0, word, stage)],
  });
  const reply = (line: string): { reply: ReturnType<typeof replyOf> } => ({ reply: replyOf(line) });
  const refusedMap = new Map([['r0@x.example', replyOf('550 5.1.1 no')]]);

  describe('ends what was said of the message:', () => {
    it.each<[string, unknown]>([
      ['5xx to RCPT', new SMTPRecipientsRefused('no', { refused: refusedMap, ...all('550 5.1.1 no', 'rcpt') })],
      [
        '5xx to MAIL',
        new SMTPSenderRefused('no', { ...reply('550 5.7.1 not you'), sender: 'a', ...all('not-sent', 'mail') }),
      ],
      ['5xx to the content', new SMTPDataError('no', { ...reply('554 5.7.1 spam'), ...all('554 5.7.1 spam') })],
      ['a message that is too large', new MessageTooLargeError('no', { sizeBytes: 2, limitBytes: 1, stage: 'mail' })],
      ['what the server does not offer for it', new SMTPNotSupportedError('SMTPUTF8', { stage: 'mail' })],
      ['a message that is none', new MessageError('no')],
    ])('%s', (_name, error) => {
      const record = verdictOf(one, [0], errorOf(error), options);
      expect(record).toMatchObject({ state: 'failed', recipients: [{ status: 'refused' }], finishedAtMs: NOW });
    });
  });

  describe('waits for what was said of the server, or of the way there:', () => {
    it.each<[string, unknown]>([
      ['no connection', new SMTPDialError('no')],
      ['a greeting with 5xx', new SMTPConnectError('no', reply('554 5.3.2 no service'))],
      ['a login that is refused', new SMTPAuthenticationError('no', { ...reply('535 5.7.8 no'), mechanism: 'PLAIN' })],
      ['a certificate', new SMTPTlsError('no', { reason: 'CERT_HAS_EXPIRED' })],
      ['no STARTTLS', new SMTPNotSupportedError('no', { stage: 'starttls' })],
      ['no AUTH', new SMTPNotSupportedError('no', { stage: 'auth' })],
      [
        '530 to MAIL',
        new SMTPSenderRefused('no', { ...reply('530 5.7.0 log in first'), sender: 'a', ...all('not-sent', 'mail') }),
      ],
      [
        '503 to RCPT',
        new SMTPRecipientsRefused('no', { refused: refusedMap, ...all('503 5.5.1 out of order', 'rcpt') }),
      ],
      ['421', new SMTPSenderRefused('no', { ...reply('421 4.3.2 down'), sender: 'a', ...all('not-sent', 'mail') })],
      ['a connection that is lost in front of the end', new SMTPServerDisconnected('no', all('not-sent', 'body'))],
      ['a mailer that was closed', new SMTPAbortedError('no')],
      ['what nobody foresaw, in front of the content', new TypeError('x')],
    ])('%s', (_name, error) => {
      const record = verdictOf(one, [0], errorOf(error), options);
      expect(record).toMatchObject({ state: 'deferred', recipients: [{ status: 'pending' }] });
      expect(record.failure?.delivery).not.toBe('unknown');
    });
  });

  describe('of what may have been delivered', () => {
    it.each<[string, unknown]>([
      ['for each recipient', new SMTPServerDisconnected('gone', { delivery: 'unknown', ...all('unknown') })],
      ['as a whole', new SMTPServerDisconnected('gone', { delivery: 'unknown' })],
      ['by an error that nobody foresaw, behind the content', new TypeError('x')],
    ])('is that it is held, or sent again: told %s', (_name, error) => {
      const held = verdictOf(one, [0], errorOf(error, true), options);
      expect(held).toMatchObject({
        state: 'unknown',
        recipients: [{ status: 'unknown' }],
        failure: { delivery: 'unknown' },
      });
      const again = verdictOf(one, [0], errorOf(error, true), { ...options, onUnknown: 'retry' });
      expect(again).toMatchObject({
        state: 'deferred',
        recipients: [{ status: 'pending' }],
        failure: { delivery: 'unknown' },
      });
    });

    it('goes on with the others while some are held', () => {
      const two = sending(['r0@x.example', 'r1@x.example']);
      const record = verdictOf(two, [0, 1], resultOf(told(0, 'unknown'), told(1, '451 later')), options);
      expect(record.state).toBe('deferred');
      expect(statusesOf(record)).toEqual(['unknown', 'pending']);
    });
  });

  it('with requireAllRecipients: one refusal for good is the end for all', () => {
    const three = sending(['r0@x.example', 'r1@x.example', 'r2@x.example'], {
      parameters: { requireAllRecipients: true },
    });
    const error = new SMTPRecipientsRefused('no', {
      refused: refusedMap,
      recipients: [told(0, 'not-sent', 'rcpt'), told(1, '550 5.1.1 no', 'rcpt'), told(2, '451 later', 'rcpt')],
    });
    const record = verdictOf(three, [0, 1, 2], errorOf(error), options);
    expect(record).toMatchObject({ state: 'failed' });
    expect(statusesOf(record)).toEqual(['refused', 'refused', 'refused']);
  });

  it('has no control characters of the server in its words', () => {
    const bad = { ...replyOf('250 ok'), code: 550, lines: ['\u001b[31mred\r\nnext'], text: '' };
    const result = resultOf(told(0, '250 ok'), {
      index: 1,
      address: 'r1@x.example',
      status: 'refused',
      stage: 'rcpt',
      reply: bad,
    });
    const record = verdictOf(sending(['r0@x.example', 'r1@x.example']), [0, 1], result, options);
    expect(record.failure?.message).toMatch(/^[\x20-\x7e]*$/);
  });

  it('does not change the record it was given', () => {
    const frozen = Object.freeze({
      ...one,
      recipients: Object.freeze(one.recipients.map((r) => Object.freeze({ ...r }))),
    });
    expect(settled(frozen, frozen.recipients, undefined, options).version).toBe(one.version + 1);
  });
});
