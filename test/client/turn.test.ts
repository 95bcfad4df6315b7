import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { Turn, type Release } from '../../src/client/turn.js';

/** Whether a promise is settled once all microtasks have run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('Turn', () => {
  it('is there at once when nobody has it', async () => {
    const turn = new Turn();
    (await turn.take())();
    (await turn.take())();
  });

  it('is had by one at a time, in the order of the calls', async () => {
    const turn = new Turn();
    const order: number[] = [];
    let holders = 0;
    const calls = [0, 1, 2, 3, 4].map(async (call) => {
      const release = await turn.take();
      expect((holders += 1)).toBe(1);
      order.push(call);
      await Promise.resolve();
      holders -= 1;
      release();
    });
    await Promise.all(calls);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('stays with its holder until it is given back', async () => {
    const turn = new Turn();
    const release = await turn.take();
    const next = turn.take();
    expect(await isSettled(next)).toBe(false);
    release();
    expect(await isSettled(next)).toBe(true);
  });

  it('is not given away twice by a holder that gives it back twice', async () => {
    const turn = new Turn();
    const first = await turn.take();
    const second = turn.take();
    const third = turn.take();
    first();
    first();
    (await second)();
    const release = await third;
    first();
    expect(await isSettled(turn.take())).toBe(false);
    release();
  });

  it('is refused to a caller whose signal has fired, with its reason, and nothing is taken', async () => {
    const turn = new Turn();
    const reason = new Error('too late');
    await expect(turn.take(AbortSignal.abort(reason))).rejects.toBe(reason);
    (await turn.take())();
  });

  it('passes over a caller who gave up, whose signal it then leaves alone', async () => {
    const turn = new Turn();
    const release = await turn.take();
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const second = turn.take(controller.signal);
    const third = turn.take();
    controller.abort(reason);
    await expect(second).rejects.toBe(reason);
    expect(await isSettled(third)).toBe(false);
    release();
    (await third)();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('is kept by a holder whose signal fires later', async () => {
    const turn = new Turn();
    const first = await turn.take();
    const controller = new AbortController();
    const second = turn.take(controller.signal);
    const third = turn.take();
    first();
    controller.abort();
    const release = await second;
    expect(await isSettled(third)).toBe(false);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    release();
    (await third)();
  });

  it('is free again when all who waited gave up', async () => {
    const turn = new Turn();
    const release = await turn.take();
    const controller = new AbortController();
    const waiting = [turn.take(controller.signal), turn.take(controller.signal)];
    controller.abort(new Error('stop'));
    for (const call of waiting) await expect(call).rejects.toThrow('stop');
    release();
    (await turn.take())();
  });

  it('leaves no listener on the signal of a caller who had to wait', async () => {
    const turn = new Turn();
    const release = await turn.take();
    const { signal } = new AbortController();
    const waiting = turn.take(signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    release();
    (await waiting)();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('serves every caller who stays once, first come first served, whoever gives up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), async (givesUp) => {
        const turn = new Turn();
        const release = await turn.take();
        const served: number[] = [];
        const calls = givesUp.map(async (leaves, call) => {
          const controller = new AbortController();
          const waiting = turn.take(controller.signal);
          if (leaves) controller.abort(new Error('left'));
          const given: Release | undefined = await waiting.catch(() => undefined);
          if (given !== undefined) served.push(call);
          given?.();
        });
        release();
        await Promise.all(calls);
        expect(served).toEqual(givesUp.flatMap((leaves, call) => (leaves ? [] : [call])));
        (await turn.take())();
      }),
    );
  });
});
