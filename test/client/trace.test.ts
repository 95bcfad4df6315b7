import { jest } from '@jest/globals';
import { Trace } from '../../src/client/trace.js';
import { encodeAuthAnswer, encodeCommand } from '../../src/protocol/command.js';
import { makeReply } from '../../src/protocol/reply.js';
import type { WireEvent } from '../../src/types.js';

function tracing() {
  const events: WireEvent[] = [];
  const trace = new Trace((event) => events.push(event));
  const texts = (): readonly string[] => events.map(({ direction, stage, text }) => `${direction} ${stage} ${text}`);
  return { trace, events, texts };
}

/** What a trace without listeners writes to standard error. */
function debugLines(level: 0 | 1 | 2, use: (trace: Trace) => void): string {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const trace = new Trace(undefined);
    trace.debugLevel = level;
    use(trace);
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}

describe('Trace', () => {
  it('tells one event per command and per line of a reply, with its time', () => {
    jest.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000);
    const { trace, events, texts } = tracing();
    trace.state('connecting', 'connect');
    trace.sent(
      ['MAIL FROM:<a@b>', 'RCPT TO:<c@d>', 'DATA'].map((line) => encodeCommand(line)),
      'mail',
    );
    trace.received(makeReply(250, ['mx.example', 'SIZE 5', 'DSN']), 'hello');
    trace.received(makeReply(354, ['']), 'data');
    expect(texts()).toEqual([
      'state connect connecting',
      'sent mail MAIL FROM:<a@b>',
      'sent rcpt RCPT TO:<c@d>',
      'sent data DATA',
      'received hello 250-mx.example',
      'received hello 250-SIZE 5',
      'received hello 250 DSN',
      'received data 354',
    ]);
    expect(events.every(({ atMs }) => atMs === 1_700_000_000_000)).toBe(true);
    jest.restoreAllMocks();
  });

  it('never tells a secret', () => {
    const secret = 'AGFsaWNlAHMzY3JldA==';
    const { trace, events, texts } = tracing();
    const use = (target: Trace): void => {
      target.sent([encodeCommand(`AUTH PLAIN ${secret}`, { secret: true }), encodeAuthAnswer(secret)], 'auth');
      target.sent([encodeAuthAnswer('*')], 'auth');
    };
    use(trace);
    expect(texts()).toEqual(['sent auth AUTH PLAIN (secret)', 'sent auth (secret)', 'sent auth *']);
    expect(JSON.stringify(events)).not.toContain(secret);
    for (const level of [1, 2] as const) expect(debugLines(level, use)).not.toContain(secret);
  });

  it('shows the controls of a reply as escapes, so that no line can be forged', () => {
    const { trace, texts } = tracing();
    trace.received(makeReply(250, ['ok\r250 forged \u001b[2J\u0085\u2028 end']), 'mail');
    expect(texts()).toEqual(['received mail 250 ok\\u000d250 forged \\u001b[2J\\u0085\\u2028 end']);
  });

  it('is silent without a listener, and writes nothing at level 0', () => {
    expect(new Trace(undefined).silent).toBe(true);
    expect(tracing().trace.silent).toBe(false);
    expect(
      debugLines(0, (trace) => {
        trace.state('connecting', 'connect');
        trace.sent([encodeCommand('NOOP')], 'command');
        trace.received(makeReply(250, ['ok']), 'command');
      }),
    ).toBe('');
  });

  it('writes to standard error at level 1, and the time in front of it at level 2', () => {
    jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 0, 2, 3, 4, 5, 6));
    const use = (trace: Trace): void => {
      expect(trace.silent).toBe(false);
      trace.state('connecting', 'connect');
      trace.sent([encodeCommand('NOOP')], 'command');
      trace.received(makeReply(250, ['a', 'b']), 'command');
    };
    expect(debugLines(1, use)).toBe('-- connecting\nC: NOOP\nS: 250-a\nS: 250 b\n');
    expect(debugLines(2, use).split('\n')[1]).toBe('2026-01-02T03:04:05.006Z C: NOOP');
    jest.restoreAllMocks();
  });

  it('survives a listener that throws', () => {
    const trace = new Trace(() => {
      throw new Error('broken log');
    });
    expect(() => {
      trace.state('connecting', 'connect');
    }).not.toThrow();
  });

  it('survives a listener that is async and fails', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on('unhandledRejection', note);
    try {
      const listener = (): unknown => Promise.reject(new Error('broken log'));
      new Trace(listener).state('connecting', 'connect');
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(unhandled).toEqual([]);
  });
});
