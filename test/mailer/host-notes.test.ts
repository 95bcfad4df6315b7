/** What is remembered of a server, and for how long. */
import { HostNotes, NOTE_MS } from '../../src/mailer/host-notes.js';
import type { LaneAnomaly } from '../../src/mailer/lane.js';

const anomaly = (kind: LaneAnomaly['kind']): LaneAnomaly => ({ kind, message: `${kind} was seen` });

describe('the notes about a server', () => {
  it.each(['refused-behind-content', 'slow-final', 'out-of-step'] as const)(
    'lower the overlap after %s, for ten minutes, whatever else happens',
    (kind) => {
      const notes = new HostNotes({ overlap: 'session', chunking: 'safe' });
      expect(notes.lower(anomaly(kind), 1_000)).toEqual({ overlap: 'message', chunking: 'safe' });
      expect(notes.policy(1_000 + NOTE_MS - 1).overlap).toBe('message');
      expect(notes.policy(1_000 + NOTE_MS)).toEqual({ overlap: 'session', chunking: 'safe' });
    },
  );

  it('leave one command at a time for a server that is out of step without overlap', () => {
    const notes = new HostNotes({ overlap: 'session', chunking: 'off' });
    notes.lower(anomaly('out-of-step'), 0);
    expect(notes.lower(anomaly('out-of-step'), 1).overlap).toBe('none');
    expect(notes.lower(anomaly('out-of-step'), 2).overlap).toBe('none');
  });

  it('do not lower what is low already for a slow answer', () => {
    const notes = new HostNotes({ overlap: 'message', chunking: 'off' });
    expect(notes.lower(anomaly('slow-final'), 0).overlap).toBe('message');
  });

  it('switch chunking off, and leave the overlap as it was', () => {
    const notes = new HostNotes({ overlap: 'session', chunking: { window: 4 } });
    expect(notes.lower(anomaly('bdat-refused'), 0)).toEqual({ overlap: 'session', chunking: 'off' });
    expect(notes.policy(NOTE_MS).chunking).toEqual({ window: 4 });
  });

  it('are told once, as warnings, with what is done now', () => {
    const notes = new HostNotes({ overlap: 'session', chunking: 'off' });
    expect(notes.takeWarnings()).toEqual([]);
    notes.lower(anomaly('slow-final'), 0);
    notes.lower(anomaly('slow-final'), 1);
    notes.lower(anomaly('out-of-step'), 2);
    const warnings = notes.takeWarnings();
    expect(warnings.map(({ code }) => code)).toEqual(['WARN_SLOW_FINAL_REPLY', 'WARN_OUT_OF_STEP']);
    expect(warnings[0]?.message).toBe(
      "slow-final was seen; for 10 minutes this server gets overlap: 'message', chunking: 'off'",
    );
    expect(notes.takeWarnings()).toEqual([]);
  });

  it('keep the number of messages after which the server closed twice in a row, for a while', () => {
    const notes = new HostNotes({ overlap: 'session', chunking: 'off' });
    notes.closedAfter(20, 0);
    notes.closedAfter(10, 1);
    notes.closedAfter(20, 2);
    // A server that is restarted, or out of memory, says 421 too.
    expect(notes.messageLimit(2)).toBe(Infinity);
    notes.closedAfter(20, 3);
    expect(notes.messageLimit(3)).toBe(20);
    expect(notes.messageLimit(3 + NOTE_MS)).toBe(Infinity);
  });

  it('take back a limit that the server does not keep to, and know none of one message', () => {
    const notes = new HostNotes({ overlap: 'session', chunking: 'off' });
    for (const messages of [20, 20]) notes.closedAfter(messages, 0);
    notes.closedAfter(7, 1);
    expect(notes.messageLimit(1)).toBe(Infinity);
    for (const messages of [1, 1, 1]) notes.closedAfter(messages, 2);
    expect(notes.messageLimit(2)).toBe(Infinity);
  });
});
