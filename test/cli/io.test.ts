import { PassThrough, Writable } from 'node:stream';
import { CliError } from '../../src/cli/cli-error.js';
import { outputTo } from '../../src/cli/io.js';

/** A stream that takes the first `count` texts and then fails as a pipe does whose reader has gone. */
function breaking(count: number, code: string): Writable {
  let written = 0;
  return new Writable({
    write(_chunk, _encoding, done) {
      written += 1;
      done(written > count ? Object.assign(new Error(`write ${code}`), { code }) : null);
    },
  });
}

describe('outputTo', () => {
  it('writes in order', async () => {
    const stream = new PassThrough({ encoding: 'utf8' });
    const output = outputTo(stream, 'standard output');
    await output.write('one ');
    await output.write('two');
    expect(stream.read()).toBe('one two');
  });

  it('rejects with exit `cannot-write` when the reader has gone, then and ever after, and ends no process', async () => {
    const output = outputTo(breaking(1, 'EPIPE'), 'standard output');
    await output.write('taken');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const failure = output.write('lost');
      await expect(failure).rejects.toBeInstanceOf(CliError);
      await expect(failure).rejects.toMatchObject({
        exit: 'cannot-write',
        message: 'standard output cannot be written: its reader has gone (EPIPE)',
      });
    }
  });

  it('names what the system says', async () => {
    await expect(outputTo(breaking(0, 'ENOSPC'), 'standard output').write('x')).rejects.toThrow(/: ENOSPC$/);
  });
});
