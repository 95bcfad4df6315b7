/** Python's login and auth, and where ours differ: hazards first, habits second. */
import { createHmac } from 'node:crypto';
import { SMTP, SMTPAuthenticationError, SMTPException, SMTPNotSupportedError } from '../../src/index.js';
import { ScriptedServer, type Behaviour } from '../../src/testing/index.js';
import { rejectionOf } from '../support/rejection.js';
import { remote } from '../client/tls-server.js';

const accounts = { ann: 'secret' };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function start(auth: string, more: Behaviour = {}): Promise<ScriptedServer> {
  return await ScriptedServer.start({ behave: { extensions: [auth], accounts, ...more } });
}

const said = (server: ScriptedServer): string[] =>
  server.connections[0]?.commands.filter(({ verb }) => verb === 'AUTH' || verb === '').map(({ line }) => line) ?? [];

describe('1.4 AUTH', () => {
  it('1.4 order: CRAM-MD5 is ahead of PLAIN and LOGIN where the link is plain, and words are compared without case', async () => {
    await using server = await start('AUTH login plain cram-md5');
    await using smtp = await SMTP.connect(server.url);
    await smtp.login('ann', 'secret');
    expect(said(server)[0]).toBe('AUTH CRAM-MD5');
  });

  it('1.4 not offered: no AUTH at all, or no word in common, is SMTPNotSupportedError', async () => {
    for (const offer of ['SIZE', 'AUTH', 'AUTH NTLM', 'AUTH=']) {
      await using server = await start(offer);
      await using smtp = await SMTP.connect(server.url);
      expect(await rejectionOf(smtp.login('ann', 'secret'))).toBeInstanceOf(SMTPNotSupportedError);
      expect(said(server)).toEqual([]);
    }
  });

  it('1.4 initial response: sent by default, on one line, and left out when it is not wanted', async () => {
    await using plain = await start('AUTH PLAIN');
    await using smtp = await SMTP.connect(plain.url);
    await smtp.login('ann', 'secret');
    expect(said(plain)).toEqual([`AUTH PLAIN ${base64('\0ann\0secret')}`]);
    await using login = await start('AUTH LOGIN');
    await using second = await SMTP.connect(login.url);
    await second.login('ann', 'secret');
    expect(said(login)).toEqual([`AUTH LOGIN ${base64('ann')}`, base64('secret')]);
    await using third = await SMTP.connect(login.url);
    await third.login('ann', 'secret', { initialResponseOk: false });
    expect(login.connections[1]?.commands[1]?.line).toBe('AUTH LOGIN');
  });

  it('1.4 empty initial response: is written as =', async () => {
    await using server = await start('AUTH XEMPTY', { on: { AUTH: '235 ok' } });
    await using smtp = await SMTP.connect(server.url);
    await smtp.auth('XEMPTY', () => '');
    expect(said(server)).toEqual(['AUTH XEMPTY =']);
  });

  it('1.4 success: 235 alone; a 503 is a refusal', async () => {
    await using server = await start('AUTH PLAIN', { on: { AUTH: '503 already' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.login('ann', 'secret'))).toBeInstanceOf(SMTPAuthenticationError);
  });

  it('1.4 next mechanism: a refused password is not shown again in a plainer form', async () => {
    await using server = await start('AUTH CRAM-MD5 PLAIN LOGIN');
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.login('ann', 'wrong'))).toMatchObject({ mechanism: 'CRAM-MD5', smtpCode: 535 });
    expect(said(server).filter((line) => line.startsWith('AUTH'))).toEqual(['AUTH CRAM-MD5']);
  });

  it('1.4 bad challenge: what is no base64 is cancelled with *', async () => {
    await using server = await start('AUTH CRAM-MD5', { on: { AUTH: '334 no base64!' } });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.login('ann', 'secret'))).toBeInstanceOf(SMTPException);
    expect(said(server).at(-1)).toBe('*');
    expect((await smtp.noop()).code).toBe(250);
  });

  it('1.4 non-ASCII: passwords go out as UTF-8', async () => {
    await using server = await start('AUTH CRAM-MD5', { accounts: { ann: 'gr\u00fc\u00df' } });
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.login('ann', 'gr\u00fc\u00df')).code).toBe(235);
  });

  it('1.4 endless challenges: a sixth one is cancelled', async () => {
    await using server = await start('AUTH XLOOP', {
      on: { AUTH: '334 ', response: ({ line }) => (line === '*' ? '501 ok' : '334 ') },
    });
    await using smtp = await SMTP.connect(server.url);
    expect(await rejectionOf(smtp.auth('XLOOP', () => 'x'))).toMatchObject({ code: 'ERR_AUTH_LOOP' });
    expect(said(server)).toHaveLength(7);
    expect((await smtp.noop()).code).toBe(250);
  });

  it('1.4 encryption: no secret leaves in clear text over a network', async () => {
    await using server = await start('AUTH PLAIN CRAM-MD5');
    await using smtp = new SMTP(remote(server));
    await smtp.connect();
    expect(await rejectionOf(smtp.login('ann', 'secret'))).toMatchObject({ code: 'ERR_INSECURE_AUTH' });
    expect(said(server)).toEqual([]);
  });

  it('1.4 LOGIN: answers by prompt, not by number', async () => {
    await using server = await start('AUTH LOGIN', {
      mechanisms: {
        *LOGIN() {
          const user = yield Buffer.from('Username:');
          const password = yield Buffer.from('Password:');
          return user.toString() === 'ann' && password.toString() === 'secret';
        },
      },
    });
    await using smtp = await SMTP.connect(server.url);
    expect((await smtp.login('ann', 'secret')).code).toBe(235);
    expect(said(server).slice(1)).toEqual([base64('ann'), base64('secret')]);
  });

  it('1.4 auth objects: authPlain, authLogin and authCramMd5 say what Python\u2019s do', () => {
    const smtp = new SMTP({ auth: { user: 'ann', password: 'secret' } });
    expect(smtp.authPlain()).toBe('\0ann\0secret');
    expect([smtp.authLogin(), smtp.authLogin(Buffer.from('Password:'))]).toEqual(['ann', 'secret']);
    const digest = createHmac('md5', 'secret').update('<1@x>').digest('hex');
    expect([smtp.authCramMd5(), smtp.authCramMd5(Buffer.from('<1@x>'))]).toEqual([undefined, `ann ${digest}`]);
  });
});
