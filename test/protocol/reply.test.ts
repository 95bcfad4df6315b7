import { classOf, isRefusal, isShutdown, isSuccess, makeReply } from '../../src/protocol/reply.js';

describe('makeReply', () => {
  it.each([
    [550, '5.1.1 no such user', '5.1.1'],
    [250, '2.0.0', '2.0.0'],
    [421, '4.999.123 busy', '4.999.123'],
    [250, 'ok', undefined],
    [250, '', undefined],
    [550, '4.1.1 another class', undefined],
    [354, '3.0.0 no such class', undefined],
    [550, '5.1.1no space', undefined],
    [550, '5.1.1111 too long', undefined],
    [550, ' 5.1.1 not first', undefined],
  ])('reads the enhanced code of %d %j as %j', (code, line, enhancedCode) => {
    expect(makeReply(code, [line])).toEqual({ code, enhancedCode, lines: [line], text: line });
  });

  it('joins the lines with LF, and takes the enhanced code from the first', () => {
    expect(makeReply(550, ['5.7.1 no', '5.7.2 really', ''])).toEqual({
      code: 550,
      enhancedCode: '5.7.1',
      lines: ['5.7.1 no', '5.7.2 really', ''],
      text: '5.7.1 no\n5.7.2 really\n',
    });
    expect(makeReply(250, []).text).toBe('');
  });
});

describe('the class of a reply', () => {
  it.each([
    [200, 'success'],
    [299, 'success'],
    [300, 'intermediate'],
    [399, 'intermediate'],
    [400, 'transient'],
    [499, 'transient'],
    [500, 'permanent'],
    [599, 'permanent'],
  ] as const)('of %d is %s, by its first digit', (code, replyClass) => {
    const reply = makeReply(code, ['']);
    expect(classOf(reply)).toBe(replyClass);
    expect(isSuccess(reply)).toBe(replyClass === 'success');
    expect(isRefusal(reply)).toBe(replyClass === 'transient' || replyClass === 'permanent');
  });

  it('is a shutdown for 421 alone', () => {
    const codes = Array.from({ length: 400 }, (_, index) => 200 + index);
    expect(codes.filter((code) => isShutdown(makeReply(code, [''])))).toEqual([421]);
  });
});
