import { MAX_TRANSCRIPT_LINES, TranscriptRecorder } from '../../src/inbox/transcript.js';

function recorder(): { readonly at: (ms: number) => TranscriptRecorder } {
  let now = 1000;
  const made = new TranscriptRecorder(() => now);
  return {
    at: (ms) => {
      now = 1000 + ms;
      return made;
    },
  };
}

it('lines of one packet have its number and the time of its arrival', () => {
  const { at } = recorder();
  at(1).serverLine('220 hello');
  at(5).packetArrived();
  at(6).clientLine('EHLO c');
  at(7).serverLine('250-a\r\n250 b');
  at(10).packetArrived();
  at(11).clientLine('MAIL FROM:<a@b>');
  at(12).serverLine('250 ok');
  at(13).clientLine('DATA');
  expect(at(14).transcript).toEqual({
    opening: [
      { by: 'server', text: '220 hello', atMs: 1 },
      { by: 'client', text: 'EHLO c', atMs: 5, packet: 1 },
      { by: 'server', text: '250-a\n250 b', atMs: 7 },
    ],
    lines: [
      { by: 'client', text: 'MAIL FROM:<a@b>', atMs: 10, packet: 2 },
      { by: 'server', text: '250 ok', atMs: 12 },
      { by: 'client', text: 'DATA', atMs: 10, packet: 2 },
    ],
    ordinal: 1,
    leftOut: 0,
  });
});

it('each MAIL begins a transcript of its own; what follows a message is still its own', () => {
  const { at } = recorder();
  at(1).serverLine('220 hello');
  at(2).clientLine('mail FROM:<a@b>');
  at(3).contentBegan();
  at(9).contentEnded(77);
  const first = at(9).transcript;
  at(10).serverLine('250 kept');
  at(11).clientLine('MAIL FROM:<c@d>');
  expect(first.lines.slice(1)).toEqual([
    { by: 'client', text: '', atMs: 3, endMs: 9, octets: 77 },
    { by: 'server', text: '250 kept', atMs: 10 },
  ]);
  expect(at(12).transcript).toMatchObject({
    ordinal: 2,
    opening: [{ text: '220 hello' }],
    lines: [{ text: 'MAIL FROM:<c@d>' }],
  });
});

it('is bounded: in lines, which are counted, and in the length of a line', () => {
  const { at } = recorder();
  at(0).clientLine('MAIL FROM:<a@b>');
  for (let index = 0; index < MAX_TRANSCRIPT_LINES + 9; index += 1) at(1).clientLine(`NOOP ${'x'.repeat(9000)}`);
  const { lines, leftOut } = at(2).transcript;
  expect([lines.length, leftOut]).toEqual([MAX_TRANSCRIPT_LINES, 10]);
  expect(Math.max(...lines.map(({ text }) => text.length))).toBeLessThan(2100);
});
