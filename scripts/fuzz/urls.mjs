/** Whatever is given as a server: options of it or a MessageError, and never the password in an error. */
import { mutate } from './random.mjs';

const alphabet = [...':/@?#[]%\\ \r\n\0.a1\u00fc\ud800'];
const secret = 's3cretWord';

export function makeUrl(random) {
  const user = random.once(2)
    ? ''
    : `${random.of(['ann', 'a%40b', '', '%zz'])}${random.of([':', ''])}${random.of([secret, secret, ''])}@`;
  const host = random.of(['mail.test', '[::1]', '::1', '127.0.0.1', 'm\u00fcller.test', '', 'a b', '/run/x.sock']);
  const text = `${random.of(['smtp://', 'smtps://', 'lmtp://', 'lmtp+unix://', 'http://', '', 'SMTP://'])}${user}${host}${random.of(['', ':25', ':0', ':x', ':99999'])}${random.of(['', '/', '/p', '?a=b', '#f'])}`;
  return mutate(random, [...text], alphabet).join('');
}

export function urlsTarget({ parseServerUrl, parseTarget, MessageError }) {
  return {
    name: 'URLs',
    make: makeUrl,
    size: () => 1,
    complaint: (text) => {
      try {
        const { options } = parseServerUrl(text);
        if (options.host !== undefined) parseTarget(options.host, options.port, 25);
      } catch (error) {
        if (!(error instanceof MessageError)) return `${String(error)}`;
        const shown = `${error.message} ${error.hint} ${String(error.stack)}`;
        // Only what stands where a password stands is one.
        if (text.includes('://') && text.includes(`${secret}@`) && shown.includes(secret))
          return 'the password in an error';
      }
      return undefined;
    },
  };
}
