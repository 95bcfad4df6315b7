import fc from 'fast-check';
import { Message } from '../../src/index.js';
import { bodyOf, bodyOfRaw } from '../../src/inspect/split-message.js';
import { runs } from '../message/runs.js';

it.each([
  ['A: 1\r\n\r\nText', 'Text'],
  ['A: 1\n\nText', 'Text'],
  ['A: 1\r\rText', 'Text'],
  ['A: 1\r\r\nText', 'Text'],
  ['A: 1\n\r\nText\n\nmore', 'Text\n\nmore'],
  ['\r\nText', 'Text'],
  ['\xef\xbb\xbf\nText', 'Text'],
  ['A: 1\r\n \r\nB: 2\r\n', ''],
  ['A: 1', ''],
  ['', ''],
])('the body of %j', (raw, body) => {
  expect(bodyOfRaw(Buffer.from(raw, 'latin1')).toString('latin1')).toBe(body);
});

it('is the one that is sent', async () => {
  const piece = fc.constantFrom('\r', '\n', '\r\n', ' ', 'a', ':', 'From ', '\xef\xbb\xbf');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 30 }), async (pieces) => {
      const raw = Buffer.from(pieces.join(''), 'latin1');
      let sent: string;
      try {
        sent = Buffer.from(await Message.parse(raw).toBytes({ lineEndings: 'normalize-all' })).toString('latin1');
      } catch {
        return;
      }
      const lines = (text: string): string => text.replace(/\r\n|\r|\n/g, '\r\n');
      const unended = (body: Buffer): string => lines(body.toString('latin1')).replace(/\r\n$/, '');
      expect(unended(bodyOf(Buffer.from(sent, 'latin1')))).toBe(unended(bodyOfRaw(raw)));
    }),
    runs(1000),
  );
});
