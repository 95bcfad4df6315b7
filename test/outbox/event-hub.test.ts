import { EventHub } from '../../src/outbox/event-hub.js';
import type { OutboxEvent } from '../../src/outbox/events.js';

const event = (id: string): OutboxEvent => ({ type: 'quarantined', id, reason: '' });
const idsOf = (results: readonly IteratorResult<OutboxEvent, undefined>[]): readonly unknown[] =>
  results.map(({ value }) => (value?.type === 'quarantined' ? value.id : undefined));

describe('events', () => {
  it('come to all who listen, from the call on, in order', async () => {
    const hub = new EventHub();
    hub.emit(event('missed'));
    const [one, two] = [hub.listen({}), hub.listen({})];
    hub.emit(event('1'));
    hub.emit(event('2'));
    for (const events of [one, two]) expect(idsOf([await events.next(), await events.next()])).toEqual(['1', '2']);
    const waiting = one.next();
    hub.emit(event('3'));
    expect(idsOf([await waiting])).toEqual(['3']);
  });

  it('are bounded: the oldest are dropped, and counted, for who does not take them', async () => {
    const hub = new EventHub();
    const slow = hub.listen({ bufferSize: 2 });
    const quick = hub.listen({});
    for (let index = 0; index < 5; index += 1) hub.emit(event(String(index)));
    expect([slow.dropped, quick.dropped]).toEqual([3, 0]);
    expect(idsOf([await slow.next(), await slow.next()])).toEqual(['3', '4']);
  });

  it('end when the hub is closed, what is there is still given, and nobody waits for ever', async () => {
    const hub = new EventHub();
    const events = hub.listen({});
    const idle = hub.listen({}).next();
    hub.emit(event('1'));
    hub.close();
    expect(idsOf([await idle])).toEqual(['1']);
    expect(idsOf([await events.next()])).toEqual(['1']);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(await hub.listen({}).next()).toEqual({ done: true, value: undefined });
    const waiting = new EventHub();
    const next = waiting.listen({}).next();
    waiting.close();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('end with a signal, also one that fired before, and when the loop is left', async () => {
    const hub = new EventHub();
    const controller = new AbortController();
    const next = hub.listen({ signal: controller.signal }).next();
    controller.abort();
    expect((await next).done).toBe(true);
    expect((await hub.listen({ signal: AbortSignal.abort() }).next()).done).toBe(true);
    const left = hub.listen({});
    hub.emit(event('1'));
    for await (const { type } of left) {
      expect(type).toBe('quarantined');
      break;
    }
    hub.emit(event('2'));
    expect((await left.next()).done).toBe(true);
  });
});
