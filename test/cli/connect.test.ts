import { clientOf, faultOfServer } from '../../src/cli/connect.js';
import { LMTP, MessageError, SMTP, SMTP_SSL, SMTPDialError } from '../../src/index.js';

it.each([
  ['smtp://h', SMTP],
  ['SMTPS://h', SMTP_SSL],
  ['lmtp://h', LMTP],
  ['lmtp+unix:///x', LMTP],
  ['h:25', SMTP],
  ['http://h', SMTP],
])('%s is spoken to with the class of its scheme', (url, expected) => {
  expect(clientOf(url)).toBe(expected);
});

it('a fault of the URL names where it came from, and any other is itself', () => {
  const server = { url: 'x', origin: '--url', exitWhenWrong: 'usage' } as const;
  const fault = new MessageError('the URL is bad', { code: 'ERR_INVALID_URL', hint: 'Mend it.' });
  expect(faultOfServer(server, fault)).toMatchObject({
    exit: 'usage',
    message: '--url: the URL is bad',
    hint: 'Mend it.',
  });
  const other = new SMTPDialError('nobody there');
  expect(faultOfServer(server, other)).toBe(other);
});
