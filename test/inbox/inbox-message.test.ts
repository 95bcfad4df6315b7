import fc from 'fast-check';
import { octetsOf } from '../../src/inbox/inbox-message.js';
import { stored } from './arrivals.js';

it('the envelope has the accepted recipients only', async () => {
  const message = await stored(7, undefined, {
    asked: [
      { address: 'bob@example.org', reply: undefined },
      { address: 'eve@example.org', reply: { code: 550, text: 'no' } },
    ],
  });
  expect([message.id, message.envelope.to]).toEqual([7, ['bob@example.org']]);
  expect(message.provenance.recipients.map(({ status }) => status)).toEqual(['accepted', 'refused']);
});

it('what has no header block is kept with a warning', async () => {
  const message = await stored(1, '');
  expect([message.message, message.subject, message.text]).toEqual([undefined, '', undefined]);
  expect(message.warnings.map(({ code }) => code)).toEqual(['ERR_MESSAGE_EMPTY']);
});

it('what is too deep to be read is kept with a warning and its fields as they stand', async () => {
  let raw = 'text';
  for (let depth = 0; depth < 150; depth += 1) {
    raw = `Content-Type: multipart/mixed; boundary=b${String(depth)}\n\n--b${String(depth)}\n${raw}\n--b${String(depth)}--\n`;
  }
  const message = await stored(1, `Subject: deep\nFrom: a@b.org\nMIME-Version: 1.0\n${raw}`);
  expect([message.subject, message.from, message.html]).toEqual(['deep', 'a@b.org', undefined]);
  expect(message.warnings.map(({ code }) => code)).toContain('WARN_NOT_INSPECTED');
});

it('weighs its octets and what was decoded from them', async () => {
  const message = await stored(1);
  expect(octetsOf(message)).toBe(message.raw.length + 2 * (message.text?.length ?? 0));
});

it('no octets make it fail', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 400 }), async (text) => {
      expect((await stored(1, text)).id).toBe(1);
    }),
    { numRuns: 25 },
  );
}, 30_000);
