/** An address that looks like one and names another, or several: an envelope address is one addr-spec, wholly consumed. */
import { quoteaddr } from '../../src/index.js';
import { ScriptedServer } from '../../src/testing/index.js';
import { commandLine, recipientWays, refusalOf, senderWays, World } from './world.js';

const substitutions = [
  'r@b.test>\r\nRCPT TO:<v@evil.test',
  'r@b.test, v@evil.test',
  'r@b.test v@evil.test',
  '<r@b.test><v@evil.test>',
  'a <b@c.test> <v@evil.test>',
  'alice@example.org)v@evil.test',
  'r b@evil.test',
  'r@b.test@evil.test',
  'group: v@evil.test;',
  'r@b.test>',
  '<r@b.test',
  'r@b.test (v@evil.test',
  '"r@b.test" <v@evil.test>, x@y.test',
  'r@[b.test>]',
  'r@b.test\u200b',
  'r\u202e@b.test',
];

it.each([...senderWays, ...recipientWays])('$name takes one address, and no other with it', async ({ send }) => {
  for (const text of substitutions) {
    await using world = await World.start();
    await refusalOf(() => send(world, text));
    expect(world.commands.filter((line) => line.includes('evil.test'))).toEqual([]);
    expect(world.server.messages).toEqual([]);
  }
});

it('quoteaddr refuses them too', () => {
  for (const text of substitutions) expect(() => quoteaddr(text)).toThrow();
});

it('the command line takes one address for each --to', async () => {
  await using server = await ScriptedServer.start({ behave: {} });
  for (const text of substitutions) {
    await expect(commandLine(server, ['--from', 'a@x.test', '--to', text])).rejects.toThrow(/^exit [1-9]/);
  }
  expect(server.totals.connections).toBe(0);
});

it('a quoted local part goes to the domain that it stands in front of', async () => {
  await using world = await World.start();
  await world.client.sendmail('a@x.test', '"xclow3n@evil.test x"@internal.test', 'Subject: s\r\n\r\n');
  expect(world.server.messages[0]?.envelope.to).toEqual(['"xclow3n@evil.test x"@internal.test']);
});
