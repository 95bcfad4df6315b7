/** One message on its way. What follows from it is in dispatcher.test.ts. */
import { SendTracer } from '../../src/mailer/diagnostics.js';
import { Sending, type SendingOwner } from '../../src/mailer/sending.js';
import { FakeClock } from './fake-clock.js';
import { FakeLane, outcomeOf, preparedFor } from './fake-lanes.js';
import { thrownBy } from '../support/thrown.js';

const LIMITS = { signal: undefined, deadline: undefined };

function world(): {
  readonly heard: string[];
  readonly sending: Sending;
  readonly lane: (limits?: string) => FakeLane;
} {
  const heard: string[] = [];
  const clock = new FakeClock();
  const owner: SendingOwner = {
    now: () => clock.now(),
    cancelled: () => heard.push('cancelled'),
    began: (sending) => {
      sending.state = 'running';
      heard.push('began');
    },
    shipped: (sending) => {
      sending.state = 'settled';
      heard.push('shipped');
    },
    failed: () => heard.push('failed'),
    returned: () => heard.push('returned'),
  };
  const feed = {
    next: () => undefined,
    anomaly: () => undefined,
    policy: () => ({ overlap: 'none', chunking: 'off' }) as const,
    idle: () => undefined,
    closed: () => undefined,
  };
  const sending = SendTracer.around((tracer) => new Sending(owner, {}, LIMITS, tracer));
  return { heard, sending, lane: (limits) => new FakeLane(clock, feed, limits) };
}

describe('a message on its way', () => {
  it('has nothing to send before it was read', () => {
    expect(thrownBy(() => world().sending.whole)).toMatchObject({ message: 'the message was not prepared' });
  });

  it('goes out whole, as the shipment that it is', () => {
    const { sending, lane } = world();
    sending.prepared = preparedFor(['a@x', 'b@x']);
    expect(sending.begin(lane()).shipment).toBe(sending.prepared.shipment);
    expect([sending.undivided, sending.positions]).toEqual([true, [0, 1]]);
  });

  it('goes out in part behind LIMITS, and knows the rest', () => {
    const { sending, lane } = world();
    sending.prepared = preparedFor(['a@x', 'b@x', 'c@x']);
    const job = sending.begin(lane('RCPTMAX=2'));
    expect(job.shipment.forwardPaths.map(({ address }) => address)).toEqual(['a@x', 'b@x']);
    expect([sending.undivided, sending.positions, sending.later]).toEqual([false, [0, 1], [2]]);
  });

  it('has no more looked at of a long list than goes out, part by part', () => {
    const { sending, lane } = world();
    const prepared = preparedFor(Array.from({ length: 1_000 }, (_, index) => `r${String(index)}@x`));
    let looks = 0;
    const forwardPaths = prepared.shipment.forwardPaths.map((path) => ({
      ...path,
      get address(): string {
        looks += 1;
        return path.address;
      },
    }));
    sending.prepared = { ...prepared, shipment: { ...prepared.shipment, forwardPaths } };
    sending.begin(lane('RCPTMAX=10'));
    looks = 0;
    sending.aimAt(sending.later);
    sending.later = [];
    expect(sending.begin(lane('RCPTMAX=10')).shipment.forwardPaths).toHaveLength(10);
    expect([sending.positions[0], sending.later.length]).toEqual([10, 980]);
    expect(looks).toBeLessThan(100);
  });

  it('hears no more of a transaction when it is settled', () => {
    const { heard, sending, lane } = world();
    sending.prepared = preparedFor(['a@x']);
    sending.begin(lane());
    const shipped = {
      outcome: outcomeOf(['a@x'], ['accepted']),
      envelope: { from: '', to: [] },
      sizeBytes: 0,
      warnings: [],
      timing: {},
    };
    sending.shipped(shipped, undefined);
    sending.shipped(shipped, undefined);
    sending.returned(new Error('late'));
    expect(heard).toEqual(['began', 'shipped']);
  });

  it('keeps its promise once', async () => {
    const { sending } = world();
    sending.reject(new Error('first'));
    sending.reject(new Error('second'));
    await expect(sending.result).rejects.toThrow('first');
  });
});
