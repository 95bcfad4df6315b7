import { createHmac } from 'node:crypto';
import { ScriptedServer } from '../../src/testing/index.js';
import { RawClient } from './raw-client.js';
import { codes, hello, mail, talk } from './talk.js';

describe('AUTH', () => {
  const accounts = { ann: 'tea' };
  const extensions = ['AUTH PLAIN LOGIN CRAM-MD5'];
  const b64 = (text: string): string => Buffer.from(text).toString('base64');

  it.each<[string, string[], number[]]>([
    ['PLAIN', [`AUTH PLAIN ${b64('\0ann\0tea')}`], [235]],
    ['PLAIN without an initial response', ['AUTH PLAIN', b64('\0ann\0tea')], [334, 235]],
    ['a wrong password', [`AUTH PLAIN ${b64('\0ann\0coffee')}`], [535]],
    ['a user that is a member of every object', [`AUTH PLAIN ${b64('\0toString\0x')}`], [535]],
    ['LOGIN', ['AUTH LOGIN', b64('ann'), b64('tea')], [334, 334, 235]],
    ['LOGIN with an initial response', [`AUTH LOGIN ${b64('ann')}`, b64('tea')], [334, 235]],
    ['CRAM-MD5', ['AUTH CRAM-MD5', b64('ann 4ade40e5e3434f1c3a7f7e4b3c7b2e11')], [334, 535]],
    ['a cancelled exchange', ['AUTH LOGIN', '*', 'NOOP'], [334, 501, 250]],
    ['a mechanism that it does not know', ['AUTH GSSAPI'], [504]],
    ['a second time', [`AUTH PLAIN ${b64('\0ann\0tea')}`, 'AUTH LOGIN'], [235, 503]],
    ['in a transaction', [mail, 'AUTH LOGIN'], [250, 503]],
  ])('%s', async (_, lines, expected) => {
    const { replies } = await talk({ accounts, extensions }, [hello, ...lines]);
    expect(codes(replies).slice(2)).toEqual(expected);
  });

  it('CRAM-MD5 with the right password', async () => {
    await using server = await ScriptedServer.start({ behave: { accounts, extensions } });
    await using client = await RawClient.connect(server);
    await client.reply();
    await client.say(hello);
    const challenge = Buffer.from((await client.say('AUTH CRAM-MD5')).slice(4), 'base64');
    const digest = createHmac('md5', 'tea').update(challenge).digest('hex');
    expect(await client.say(b64(`ann ${digest}`))).toMatch(/^235/);
  });

  it('can be answered otherwise at each step', async () => {
    const { replies } = await talk({ accounts, extensions, on: { 'response:2': '454 4.7.0 later' } }, [
      hello,
      'AUTH LOGIN',
      b64('ann'),
      b64('tea'),
      'NOOP',
    ]);
    expect(codes(replies).slice(2)).toEqual([334, 334, 454, 250]);
  });

  it('knows mechanisms that it is given, and tells the session', async () => {
    const { replies } = await talk(
      {
        extensions: ({ authenticated }) => (authenticated ? ['SIZE'] : ['AUTH X-RIDDLE']),
        mechanisms: {
          *'X-RIDDLE'({ passwordOf }) {
            const answer = yield Buffer.from('who?');
            return answer.toString() === 'me' && passwordOf('nobody') === undefined;
          },
        },
        on: { MAIL: ({ authenticated }) => (authenticated ? undefined : '530 5.7.0 log in') },
      },
      [hello, mail, 'AUTH X-RIDDLE', b64('me'), hello, mail],
    );
    expect(replies.slice(2)).toEqual([
      '530 5.7.0 log in',
      `334 ${b64('who?')}`,
      '235 2.7.0 welcome',
      '250-scripted.test\r\n250 SIZE',
      '250 2.1.0 sender ok',
    ]);
  });
});
