import { cancelled, retried } from '../../src/outbox/manage.js';
import type { OutboxRecord } from '../../src/outbox/store.js';
import { recordOf } from './records.js';

const NOW = 5_000;
const DAY = 86_400_000;
const over = { nextAttemptAtMs: undefined, finishedAtMs: 2_000, attempts: 1 };
const of = (more: Partial<Record<keyof OutboxRecord, unknown>>): OutboxRecord =>
  recordOf('1', more as Partial<OutboxRecord>);
const pending = { address: 'p', status: 'pending' };
const accepted = { address: 'a', status: 'accepted' };
const refused = { address: 'r', status: 'refused' };
const unknown = { address: 'u', status: 'unknown' };

describe('cancelling', () => {
  it.each(['queued', 'deferred', 'unknown'] as const)('ends what is %s', (state) => {
    const record = cancelled(of({ state, recipients: [accepted, pending] }), NOW);
    expect(record).toMatchObject({
      state: 'cancelled',
      finishedAtMs: NOW,
      version: 2,
      recipients: [accepted, pending],
    });
    expect(record).not.toHaveProperty('nextAttemptAtMs');
  });

  it.each(['sending', 'sent', 'partial', 'failed', 'cancelled', 'quarantined'] as const)(
    'is refused for what is %s',
    (state) => {
      expect(cancelled(of({ state }), NOW)).toMatchObject({ code: 'ERR_OUTBOX_STATE', retryable: state === 'sending' });
    },
  );
});

describe('trying again now', () => {
  it('makes due what waits, and nothing else of it', () => {
    const waiting = of({
      state: 'deferred',
      attempts: 3,
      nextAttemptAtMs: 900_000,
      recipients: [accepted, unknown, pending],
    });
    expect(retried(waiting, NOW, DAY)).toEqual({ ...waiting, version: 2, nextAttemptAtMs: NOW });
    expect(retried(of({ nextAttemptAtMs: 900_000 }), NOW, DAY)).toMatchObject({
      state: 'queued',
      nextAttemptAtMs: NOW,
    });
  });

  it.each(['unknown', 'failed', 'partial', 'cancelled'] as const)(
    'asks again those whom what is %s has not reached',
    (state) => {
      const record = retried(of({ state, ...over, recipients: [accepted, refused, unknown] }), NOW, DAY);
      expect(record).toMatchObject({ state: 'deferred', nextAttemptAtMs: NOW, expiresAtMs: NOW + DAY });
      expect(record).toMatchObject({
        recipients: [{ status: 'accepted' }, { status: 'pending' }, { status: 'pending' }],
      });
      expect(record).not.toHaveProperty('finishedAtMs');
    },
  );

  it('gives time to what has expired, and takes none away', () => {
    expect(retried(of({ state: 'deferred', expiresAtMs: 4_000 }), NOW, DAY)).toMatchObject({ expiresAtMs: NOW + DAY });
    const far = 9 * DAY;
    expect(retried(of({ state: 'failed', ...over, expiresAtMs: far, recipients: [refused] }), NOW, DAY)).toMatchObject({ expiresAtMs: far }); // prettier-ignore
  });

  it.each(['sending', 'sent', 'quarantined'] as const)('is refused for what is %s', (state) => {
    expect(retried(of({ state }), NOW, DAY)).toMatchObject({
      code: 'ERR_OUTBOX_STATE',
      retryable: state === 'sending',
    });
  });

  it('is refused where everybody has got it', () => {
    expect(retried(of({ state: 'cancelled', ...over, recipients: [accepted] }), NOW, DAY)).toMatchObject({
      code: 'ERR_OUTBOX_STATE',
    });
  });
});
