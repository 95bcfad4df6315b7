import fc from 'fast-check';
import { attachmentDisposition } from '../../src/inbox/download-name.js';

it.each([
  ['invoice.pdf', `attachment; filename="invoice.pdf"; filename*=UTF-8''invoice.pdf`],
  ['Grüße.txt', `attachment; filename="Gr__e.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt`],
  ['../../etc/passwd', `attachment; filename="_.._etc_passwd"; filename*=UTF-8''_.._etc_passwd`],
  ['a"\r\nSet-Cookie: x=1', `attachment; filename="a_Set-Cookie_ x=1"; filename*=UTF-8''a_Set-Cookie_%20x%3D1`],
  ['gpj.\u202eexe.txt', `attachment; filename="gpj._exe.txt"; filename*=UTF-8''gpj._exe.txt`],
  ['', `attachment; filename="file"; filename*=UTF-8''file`],
  ['...', `attachment; filename="file"; filename*=UTF-8''file`],
  ["it's (1)*.txt", `attachment; filename="it's (1)_.txt"; filename*=UTF-8''it%27s%20%281%29_.txt`],
])('%j', (name, disposition) => {
  expect(attachmentDisposition(name, 'file')).toBe(disposition);
});

it('a long name keeps its extension', () => {
  expect(attachmentDisposition(`${'x'.repeat(9999)}.pdf`, 'file')).toMatch(/^attachment; filename="x{146}\.pdf";/);
});

it('any name gives one field of printable ASCII, which names one file', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const disposition = attachmentDisposition(name, 'file');
      expect(disposition).toMatch(/^attachment; filename="[^"\\/\r\n\0]+"; filename\*=UTF-8''[\w!#$&+.^`|~%-]+$/);
      expect(disposition).toMatch(/^[\x20-\x7e]+$/);
    }),
  );
});
