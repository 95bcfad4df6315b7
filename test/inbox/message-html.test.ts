import type { InboxAttachment } from '../../src/inbox/inspection.js';
import { htmlDocument, mentionsRemoteContent } from '../../src/inbox/message-html.js';

const picture = (cid: string, contentType: string, content = Buffer.from('abc')): InboxAttachment => ({
  filename: undefined,
  contentType,
  content,
  cid,
  isInline: true,
});
const body = (html: string, attachments: readonly InboxAttachment[] = []): string =>
  htmlDocument(html, attachments, { remoteImages: false }).body;
const policy = (remoteImages: boolean): string =>
  htmlDocument('', [], { remoteImages }).headers['content-security-policy'] ?? '';

it('the policy lets nothing run and nothing in, and pictures of others only on demand', () => {
  expect(policy(false)).toContain("default-src 'none'; img-src data:; style-src 'unsafe-inline'");
  expect(policy(false)).toMatch(/^sandbox allow-popups allow-popups-to-escape-sandbox;/);
  expect(policy(false)).not.toMatch(/allow-scripts|allow-same-origin|allow-forms|script-src/);
  expect(policy(true)).toBe(policy(false).replace('img-src data:', 'img-src data: https: http:'));
});

it('a cid becomes its picture; what is no picture stays', () => {
  const files = [picture('a@b', 'image/PNG'), picture('s', 'text/html')];
  expect(body('<img src="cid:a%40b"><img src=cid:a@b><img src="cid:s"><img src="cid:none">', files)).toContain(
    '<img src="data:image/png;base64,YWJj"><img src=data:image/png;base64,YWJj><img src="cid:s"><img src="cid:none">',
  );
});

it('a picture that is named many times does not make the document as many times as large', () => {
  const large = picture('x', 'image/png', Buffer.alloc(4 * 1024 * 1024));
  expect(body('<img src="cid:x">'.repeat(200), [large]).length).toBeLessThan(70 * 1024 * 1024);
});

it.each([
  '<link rel=preconnect href=//x>',
  '<LINK\nrel=x>',
  '<meta http-equiv=refresh content=0>',
  '<base href=//x>',
  '<Link/rel=x>',
])('%j means nothing any more', (html) => {
  expect(body(html).slice(body('').length)).toMatch(/^<x-/);
});

it.each([
  ['<img src="https://x/y.gif">', true],
  ['<img src=//x/y.gif>', true],
  ["<td background = 'http://x'>", true],
  ['<p style="background:url( \'http://x\')">', true],
  ['<img src="cid:a"><a href="https://x">', false],
])('%s mentions remote content: %s', (html, mentions) => {
  expect(mentionsRemoteContent(html)).toBe(mentions);
});
