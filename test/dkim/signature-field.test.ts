import fc from 'fast-check';
import { signedField, unsignedField, type SignatureTags } from '../../src/dkim/signature-field.js';

const tags: SignatureTags = {
  algorithm: 'rsa-sha256',
  canonicalization: 'relaxed/relaxed',
  domain: 'example.com',
  selector: '2025a',
  signedAt: 1_763_800_000,
  expiresAt: undefined,
  names: ['from', 'to'],
  bodyHash: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
};

/** Tag by tag, with folds and white space taken out. */
function read(field: string): Record<string, string> {
  const list = field.replace(/^DKIM-Signature:/, '').split(';');
  return Object.fromEntries(list.map((tag) => tag.replace(/\s/g, '').split(/=(.*)/s, 2)) as [string, string][]);
}

describe('a DKIM-Signature field', () => {
  it('reads as RFC 6376 section 3.5 has it', () => {
    expect(unsignedField(tags)).toBe(
      'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=2025a;\r\n' +
        ' t=1763800000; h=from:to; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n' +
        ' b=',
    );
  });

  it('names the end of its time only when it has one', () => {
    expect(read(unsignedField(tags))).not.toHaveProperty('x');
    expect(read(unsignedField({ ...tags, expiresAt: 1_763_900_000 }))).toHaveProperty('x', '1763900000');
  });

  it('says what it was given, in lines of at most 78 octets, and adds the signature at its end', () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,20}$/);
    const names = fc.array(fc.stringMatching(/^[a-z-]{1,40}$/), { minLength: 1, maxLength: 60 });
    const signature = fc
      .uint8Array({ minLength: 64, maxLength: 512 })
      .map((octets) => Buffer.from(octets).toString('base64'));
    fc.assert(
      fc.property(label, label, names, signature, (domain, selector, given, value) => {
        const unsigned = unsignedField({ ...tags, domain, selector, names: given });
        const field = signedField(unsigned, value);
        expect(field.startsWith(unsigned)).toBe(true);
        expect(field.endsWith('\r\n')).toBe(true);
        const lines = field.slice(0, -2).split('\r\n');
        expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(78);
        expect(lines.slice(1).every((line) => /^ \S/.test(line))).toBe(true);
        expect(read(field)).toEqual(
          expect.objectContaining({ d: domain, s: selector, h: given.join(':'), bh: tags.bodyHash, b: value }),
        );
      }),
    );
  });

  it('never folds inside of a name, also of one that is longer than a line', () => {
    const domain = `${'long.'.repeat(40)}example`;
    expect(unsignedField({ ...tags, domain })).toContain(`\r\n d=${domain};\r\n `);
  });
});
