/** `data:` URLs, and pictures in the HTML. */
import fc from 'fast-check';
import { moveDataImages } from '../../src/nodemailer/data-images.js';
import { isDataUrl, readDataUrl } from '../../src/nodemailer/data-url.js';

it('give the octets that were put in, in both forms', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const given = Buffer.from(octets);
      expect(readDataUrl(`data:image/png;base64,${given.toString('base64')}`, 'x').octets).toEqual(given);
      const escaped = [...given].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join('');
      expect(readDataUrl(`data:,${escaped}`, 'x').octets).toEqual(given);
    }),
  );
});

it.each([
  ['data:,hi%20there', 'text/plain; charset=us-ascii', 'hi there'],
  ['data:text/html;charset=utf-8,<p>ü', 'text/html; charset=utf-8', '<p>ü'],
  ['data:;charset=utf-8,x', 'text/plain; charset=utf-8', 'x'],
  ['DATA:text/plain;base64,aGk', 'text/plain', 'hi'],
])('%s', (url, contentType, text) => {
  expect(isDataUrl(url)).toBe(true);
  const read = readDataUrl(url, 'x');
  expect([read.contentType, read.octets.toString()]).toEqual([contentType, text]);
});

it.each(['data:', 'data:text/plain;base64,$$$', 'data:,%zz', 'data:,%1'])('%s is none', (url) => {
  expect(() => readDataUrl(url, 'x')).toThrow(expect.objectContaining({ code: 'EMESSAGE' }) as Error);
});

it('moves pictures, and leaves the rest of the HTML as it is', () => {
  let count = 0;
  const html =
    '<p>data:image/png;base64,AA</p><img alt="" src="data:image/png;base64,AA=="><img src=\'data:image/gif;base64,AQ==\'>';
  const moved = moveDataImages(html, () => `id${String((count += 1))}`);
  expect(moved.html).toBe('<p>data:image/png;base64,AA</p><img alt="" src="cid:id1"><img src=\'cid:id2\'>');
  expect(moved.attachments.map(({ cid, filename }) => [cid, filename])).toEqual([
    ['id1', 'image-1.png'],
    ['id2', 'image-2.gif'],
  ]);
});

it('reads hostile HTML in a time that its length allows', () => {
  const html = `${'<img src="data:a'.repeat(20_000)}${'<img '.repeat(20_000)}`;
  expect(moveDataImages(html, () => 'x').attachments).toEqual([]);
});
