import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isProcessGone, thisProcess } from '../../src/outbox/process-identity.js';

describe('a process', () => {
  const self = thisProcess();

  it('is not gone when it is this one, or one of another user', () => {
    expect(isProcessGone(self)).toBe(false);
    const { processStart, ...withoutStart } = self;
    expect(processStart).toBeDefined();
    expect(isProcessGone(withoutStart)).toBe(false);
    expect(isProcessGone({ ...withoutStart, pid: 1 })).toBe(false);
  });

  it('is gone when it has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const identity = { host: self.host, pid: child.pid ?? 0 };
    expect(isProcessGone(identity)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isProcessGone(identity)).toBe(true);
  });

  it('is gone when its number was given to another one', () => {
    expect(isProcessGone({ ...self, processStart: '1' })).toBe(true);
  });

  it('is not known to be gone where its number means something else', () => {
    expect(isProcessGone({ ...self, host: 'another host', pid: 4_194_304 })).toBe(false);
  });
});
