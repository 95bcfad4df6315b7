/** Each named fault says what its name says, made out of what the server would have said. */
import { fault, type FaultName, faultNames, ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';

/** What a client reads in answer to its NOOP, and how that ends. */
const said: Readonly<Record<FaultName, RegExp>> = {
  transient: /^451 [^\n]*\r\n$/,
  permanent: /^550 [^\n]*\r\n$/,
  shutdown: /^421 [^\n]*\r\n<end>$/,
  close: /^<end>$/,
  reset: /^<end>$/,
  silence: /^$/,
  garbage: /^this is no reply\r\n$/,
  'long-line': /^250 x{12400}\r\n$/,
  'byte-by-byte': /^250 2\.0\.0 ok\r\n$/,
  surplus: /^250 2\.0\.0 ok\r\n250 [^\n]*\r\n$/,
  'endless-line': /^250 x{20000}/,
  'surplus-refusal': /^250 2\.0\.0 ok\r\n554 [^\n]*\r\n$/,
  'late-surplus': /^250 2\.0\.0 ok\r\n$/,
  'partial-reply': /^25<end>$/,
  'open-multiline': /^250-[^\n]*\r\n<end>$/,
  'bare-lf': /^250 2\.0\.0 ok\n$/,
  nul: /^250 2\0\.0\.0 ok\r\n$/,
  'non-ascii': /^250 2\xfc\.0\.0 ok\r\n$/,
  'code-000': /^000 2\.0\.0 ok\r\n$/,
  'code-199': /^199 2\.0\.0 ok\r\n$/,
  'code-999': /^999 2\.0\.0 ok\r\n$/,
  'mixed-2xx-5xx': /^250-[^\n]*\r\n550 [^\n]*\r\n$/,
  'mixed-5xx-2xx': /^550-[^\n]*\r\n250 [^\n]*\r\n$/,
  'wrong-2xx': /^252 [^\n]*\r\n$/,
  'wrong-3xx': /^355 [^\n]*\r\n$/,
  'empty-text': /^250\r\n$/,
  drip: /^2$/,
  'endless-reply': /^(?:250-more\r\n){1000}/,
};

it.each(faultNames)('%s', async (name) => {
  await using server = await ScriptedServer.start({ behave: { on: { NOOP: fault(name) } } });
  await using client = await RawClient.connect(server);
  await client.reply();
  client.socket.write('NOOP\r\n');
  let heard = '';
  const look = (): boolean => {
    heard += client.reads.splice(0).join('');
    return said[name].test(client.ended ? `${heard}<end>` : heard);
  };
  await client.until(look, JSON.stringify(said[name].source));
  expect(look()).toBe(true);
});

it('a fault comes as often as it is told, and then the ordinary answer', async () => {
  await using server = await ScriptedServer.start({ behave: { on: { NOOP: fault('transient', { times: 2 }) } } });
  await using client = await RawClient.connect(server);
  await client.reply();
  const codes: string[] = [];
  for (let count = 0; count < 3; count += 1) codes.push((await client.say('NOOP')).slice(0, 3));
  expect(codes).toEqual(['451', '451', '250']);
});

it('late-surplus waits until the client has said something more', async () => {
  await using server = await ScriptedServer.start({ behave: { on: { NOOP: fault('late-surplus', { times: 1 }) } } });
  await using client = await RawClient.connect(server);
  await client.reply();
  expect(await client.say('NOOP')).toBe('250 2.0.0 ok');
  expect(await client.say('HELP')).toBe('250 2.0.0 nobody asked');
  expect((await client.reply()).slice(0, 3)).toBe('214');
});

it('while content arrives, a fault is an answer that comes too early', async () => {
  await using server = await ScriptedServer.start({ behave: { on: { 'content:4': fault('surplus') } } });
  await using client = await RawClient.connect(server);
  await client.reply();
  for (const line of ['EHLO me', 'MAIL FROM:<a@x>', 'RCPT TO:<b@x>', 'DATA']) await client.say(line);
  expect(await client.say('Subject: early')).toBe('250 2.0.0 nobody asked');
});
