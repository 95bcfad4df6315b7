import { newCounts } from '../../../src/cli/resend/counts.js';
import { Progress } from '../../../src/cli/resend/progress.js';
import { Kept } from '../cli-world.js';

function progressOn(columns: number | undefined): {
  progress: Progress;
  counts: ReturnType<typeof newCounts>;
  shown: Kept;
  clock: { ms: number };
} {
  const [shown, clock, counts] = [new Kept(), { ms: 0 }, newCounts()];
  const io = { stderr: shown, terminal: columns === undefined ? undefined : { columns } };
  return { progress: new Progress(io, counts, () => clock.ms), counts, shown, clock };
}

it('says how many, how much, how fast, how many refused, and for how long', () => {
  const { progress, counts, clock } = progressOn(80);
  Object.assign(counts, {
    messages: 1_200,
    sizeBytes: 5_600_000,
    refused: 3,
    partlySent: 1,
    putOff: 2,
    unknown: 1,
    bad: 1,
  });
  clock.ms = 60_000;
  expect(progress.text()).toBe('1,200 messages · 5.6 MB · 20/s · 4 refused, 2 put off, 1 unknown, 1 bad');
  Object.assign(progress, { totalBytes: 4_000, readBytes: 1_000 });
  expect(progress.text()).toMatch(/ · ETA 3:00 min$/);
});

it('is drawn over itself, not too often, and no wider than the terminal', async () => {
  const { progress, shown, clock } = progressOn(20);
  for (let turn = 0; turn < 10; turn += 1) {
    clock.ms += 30;
    await progress.update();
  }
  const lines = shown.text.split('\r\u001b[K').slice(1);
  expect(lines).toEqual(Array.from({ length: 3 }, () => '0 messages · 0 B · '));
});

it('stands below the lines of the report, and goes when it is cleared', async () => {
  const { progress, shown } = progressOn(20);
  await progress.write('first\n');
  await progress.update();
  await progress.write('second\n');
  await progress.clear();
  await progress.clear();
  const line = '0 messages · 0 B · ';
  expect(shown.text.split('\r\u001b[K')).toEqual(['first\n', line, 'second\n', line, '']);
});

it('is nothing where there is no terminal', async () => {
  const { progress, shown } = progressOn(undefined);
  await progress.update();
  await progress.write('line\n');
  await progress.clear();
  expect(shown.text).toBe('line\n');
});
