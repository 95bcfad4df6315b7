import fc from 'fast-check';
import { isPositive, replyFromLines, ReplyReader } from '../../src/testing/reply-text.js';

describe('replyFromLines', () => {
  it.each<[string[], unknown]>([
    [['250 ok'], { code: 250, enhancedCode: undefined, lines: ['ok'], text: 'ok' }],
    [['250'], { code: 250, enhancedCode: undefined, lines: [''], text: '' }],
    [
      ['550-5.1.1 no', '550 5.1.1 never'],
      { code: 550, enhancedCode: '5.1.1', lines: ['5.1.1 no', '5.1.1 never'], text: '5.1.1 no\n5.1.1 never' },
    ],
    [['550 2.1.1 no'], { code: 550, enhancedCode: undefined, lines: ['2.1.1 no'], text: '2.1.1 no' }],
  ])('%j is a reply', (lines, reply) => {
    expect(replyFromLines(lines)).toEqual(reply);
  });

  it.each([
    [[]],
    [['what?']],
    [['199 a']],
    [['600 a']],
    [['250-a']],
    [['250-a', '550 b']],
    [['250 a', '250 b']],
    [['250_a']],
    [['25']],
  ])('%j is none', (lines) => {
    expect(replyFromLines(lines)).toBeUndefined();
  });
});

describe('ReplyReader', () => {
  it('finds the same replies however the bytes are cut', () => {
    const piece = fc.constantFrom('250 a\r\n', '250-a\r\n250 b\r\n', '550-a\r\n', 'garbage\r\n', '354 go\n', '25');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const bytes = Buffer.from(pieces.join(''));
        const whole = new ReplyReader().push(bytes);
        const reader = new ReplyReader();
        const single = [...bytes].map((octet) => reader.push(Buffer.of(octet)));
        expect(single.flatMap(({ replies }) => replies)).toEqual(whole.replies);
        expect(single.flatMap(({ lines }) => lines)).toEqual(whole.lines);
      }),
    );
  });

  it('gives no reply for what is none, and goes on behind it', () => {
    const { replies } = new ReplyReader().push(Buffer.from('220 mx\r\nhello\r\n550-a\r\n250 b\r\n250 ok\r\n25'));
    expect(replies.map((reply) => reply.code)).toEqual([220, 250]);
  });
});

describe('isPositive', () => {
  it.each([
    [200, true],
    [299, true],
    [354, false],
    [450, false],
  ])('%i: %s', (code, expected) => {
    expect(isPositive({ code, enhancedCode: undefined, lines: [], text: '' })).toBe(expected);
  });
});
