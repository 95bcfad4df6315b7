import { mkdirSync, writeFileSync } from 'node:fs';
import { findOutbox, openOutbox } from '../../../src/cli/outbox/open-outbox.js';
import { entry } from '../../outbox-view/fake-outbox.js';
import { Folder } from '../cli-world.js';
import { StoredOutbox } from './stored-outbox.js';

it('a store is found, and opened without a mailer', async () => {
  await using stored = await StoredOutbox.with([entry({ id: 'e1' })]);
  await expect(findOutbox(stored.path)).resolves.toBeUndefined();
  await using outbox = await openOutbox(stored.path);
  expect((await outbox.get('e1'))?.state).toBe('queued');
  await expect(outbox.start()).rejects.toMatchObject({ code: 'ERR_OUTBOX_NO_MAILER' });
});

it.each([
  ['no folder', 'none', undefined, 'there is no store in this folder'],
  ['an empty folder', 'empty', undefined, 'there is no store in this folder'],
  ['a file', 'file', undefined, 'it is no folder'],
  ['an empty store', 'store', '', 'its data.mdb is none of LMDB'],
  ['something else of that name', 'store', 'x'.repeat(9_000), 'its data.mdb is none of LMDB'],
])('%s is none', async (_name, place, content, why) => {
  using folder = new Folder();
  mkdirSync(`${folder.path}/empty`);
  folder.file('file', 'x');
  if (content !== undefined) {
    mkdirSync(`${folder.path}/store`);
    writeFileSync(`${folder.path}/store/data.mdb`, content);
  }
  const path = `${folder.path}/${place}`;
  await expect(openOutbox(path)).rejects.toMatchObject({
    exit: 'no-input',
    message: `there is no outbox in ${path}: ${why}`,
    hint: expect.stringContaining('Outbox.open()') as unknown,
  });
});
