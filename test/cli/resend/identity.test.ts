import { Message } from '../../../src/index.js';
import { contentDigest, keyOf, Ordinals } from '../../../src/cli/resend/identity.js';
import { eml } from '../cli-world.js';

const envelope = { from: 'a@example.org', to: ['b@example.org', 'c@example.org'] };

it('the octets that go out count: not those that are left out, and not how lines ended in the archive', async () => {
  const plain = await contentDigest(Message.parse(eml()), {});
  const same = ['From x Thu Jan  1 00:00:00 1970\r\n', 'Bcc: d@example.org\r\n', 'Return-Path: <>\r\n'].map(
    (more) => more + eml(),
  );
  for (const text of [...same, eml().replaceAll('\r\n', '\n')])
    expect(await contentDigest(Message.parse(text), {})).toBe(plain);
  expect(await contentDigest(Message.parse(`${eml()}.`), {})).not.toBe(plain);
});

it('the envelope counts too', () => {
  const key = keyOf('digest', envelope);
  expect(keyOf('digest', { ...envelope })).toBe(key);
  const others = [
    { ...envelope, from: '' },
    { ...envelope, to: ['b@example.org'] },
  ];
  for (const other of others) expect(keyOf('digest', other)).not.toBe(key);
  expect(keyOf('other', envelope)).not.toBe(key);
});

it('equal messages are numbered; a number whose message has gone is not given again', () => {
  const ordinals = new Ordinals();
  expect(['k', 'k', 'l', 'k'].map((key) => ordinals.next(key))).toEqual(['k#1', 'k#2', 'l#1', 'k#3']);
  const later = new Ordinals();
  const gone = new Set(['k#1', 'k#3']);
  expect(['k', 'k'].map((key) => later.next(key, (id) => gone.has(id)))).toEqual(['k#2', 'k#4']);
});
