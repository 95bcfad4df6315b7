import { loadSmtpServer } from '../../src/inbox/load-smtp-server.js';
import { rejectionOf } from '../support/rejection.js';

it('gives the library', async () => {
  expect(typeof (await loadSmtpServer()).SMTPServer).toBe('function');
});

it.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])('%s says how to install it', async (code) => {
  const missing = Object.assign(new Error('missing'), { code });
  expect(await rejectionOf(loadSmtpServer(() => Promise.reject(missing)))).toMatchObject({
    code: 'ERR_INBOX_NEEDS_SMTP_SERVER',
    hint: expect.stringContaining('npm install') as unknown,
    cause: missing,
  });
});

it('any other failure is not edited', async () => {
  const broken = new Error('broken');
  expect(await rejectionOf(loadSmtpServer(() => Promise.reject(broken)))).toBe(broken);
});
