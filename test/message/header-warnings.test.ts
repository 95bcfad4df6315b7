import { Message } from '../../src/message/message.js';
import { fixture } from './fixture.js';

describe('warnings', () => {
  it.each<[fact: string, codes: string[]]>([
    ['new-mail-with-bcc', []],
    ['bcc-in-every-form', ['WARN_MALFORMED_HEADER']],
    ['latin-1-header', ['WARN_HEADER_CHARSET']],
    ['utf-8-header', ['WARN_HEADER_UTF8']],
  ])('%s', (fact, codes) => {
    expect(Message.parse(fixture(fact)).warnings.map(({ code }) => code)).toEqual(codes);
  });
});
