import { Message } from '../../../src/index.js';
import { dkimFields } from '../../../src/cli/inspect/dkim-fields.js';

it('reads the tags of each signature, folded or not', () => {
  const text =
    'DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=sel;\r\n c=relaxed/simple; h=From : To:\r\n subject; bh=x=; b=y; l=10; t=1\r\n' +
    'DKIM-Signature: d=other.example; nonsense\r\nFrom: a@b.c\r\n\r\n';
  const [first, second] = dkimFields(Message.parse(text).headers);
  expect(first).toEqual({
    ...{ domain: 'example.org', selector: 'sel', algorithm: 'rsa-sha256', canonicalization: 'relaxed/simple' },
    ...{ signedFields: ['from', 'to', 'subject'], identity: undefined, signedAt: '1', expiresAt: undefined },
    ...{ bodyLength: '10', missing: [] },
  });
  expect(second).toMatchObject({
    domain: 'other.example',
    canonicalization: 'simple/simple',
    missing: ['v', 'a', 'b', 'bh', 'h', 's'],
  });
});
