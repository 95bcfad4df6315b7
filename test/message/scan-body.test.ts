import { scanBody } from '../../src/message/scan-body.js';
import { failure } from './failure.js';

async function* sourceOf(...chunks: string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of chunks) yield Buffer.from(chunk, 'latin1');
}

describe('scanBody', () => {
  it.each<[chunks: string[], facts: Record<string, unknown>]>([
    [['Text\r', '\nmore'], { sizeBytes: 12, eightBit: false, dotLines: 0, longLine: undefined }],
    [['.\n', '\xff\r.'], { sizeBytes: 9, eightBit: true, dotLines: 2, longLine: undefined }],
    [[], { sizeBytes: 0, eightBit: false, dotLines: 0, longLine: undefined }],
    [['x'.repeat(998)], { sizeBytes: 1000, longLine: undefined }],
    [['x'.repeat(600), 'x'.repeat(600), '\n'], { sizeBytes: 1202, longLine: failure({ code: 'ERR_LINE_TOO_LONG' }) }],
  ])('%#', async (chunks, facts) => {
    expect(await scanBody(sourceOf(...chunks))).toMatchObject(facts);
  });

  it('refuses NUL', async () => {
    await expect(scanBody(sourceOf('a\0'))).rejects.toThrow(failure({ code: 'ERR_NUL_OCTET' }));
  });
});
