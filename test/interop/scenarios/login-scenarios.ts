// AUTH: each mechanism that a server offers, the one that the client chooses, and what is refused.
import { type Credentials, type SMTP, SMTPAuthenticationError, type TlsOptions } from '../../../src/index.js';
import { content } from '../contents.js';
import { PASSWORD, USER } from '../mailboxes.js';
import { CLIENT_MODES } from '../modes.js';
import { clientSender } from '../senders.js';
import { accessToken } from '../servers/access-token.js';
import type { Endpoint, InteropServer } from '../servers/server.js';
import type { Trial } from '../trial.js';
import { expectLogin, type Inability, rejectionOf, type Scenario, sendAndExpect } from './scenario.js';

const PASSWORD_MECHANISMS = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256'];
const TOKEN_MECHANISMS = ['XOAUTH2', 'OAUTHBEARER'];

function submissionOf({ server }: Trial): Endpoint {
  return server.submission ?? server.plain;
}

async function openSubmission(trial: Trial): Promise<SMTP> {
  return await trial.open(submissionOf(trial), { tls: tlsOf(trial) });
}

function tlsOf(trial: Trial): TlsOptions | 'never' {
  return submissionOf(trial).tls === 'starttls' ? trial.tls : 'never';
}

function needsMechanism(mechanism: string) {
  return ({ name, submission, tlsFault }: InteropServer): Inability | undefined => {
    if (name === 'smtp-sink' && submission?.mechanisms.includes(mechanism) === true) return wrongCode(mechanism);
    if (submission?.mechanisms.includes(mechanism) === true) return undefined;
    if (tlsFault !== undefined) {
      return {
        reason: 'offers AUTH in TLS only, and cannot do TLS',
        prove: ({ client }) => {
          expect(client.hasExtn('auth')).toBe(false);
          return Promise.resolve();
        },
      };
    }
    return {
      reason: submission === undefined ? 'does not offer AUTH' : 'does not offer this mechanism',
      prove: async (trial) => {
        const client = await openSubmission(trial);
        const offered = (client.esmtpFeatures.get('auth') ?? '').toUpperCase().split(' ');
        expect(offered).not.toContain(mechanism);
      },
    };
  };
}

function wrongCode(mechanism: string): Inability {
  return {
    reason: 'answers AUTH with 250, which is no success (RFC 4954 section 4 names 235)',
    prove: async (trial) => {
      const client = await openSubmission(trial);
      const error = await rejectionOf(client.login(USER, PASSWORD, { mechanisms: [mechanism] }));
      expect(error).toBeInstanceOf(SMTPAuthenticationError);
      expect(error).toMatchObject({ mechanism, reply: { code: 250 } });
      expect(client.authenticated).toBe(false);
    },
  };
}

function loginScenario(mechanism: string, credentials: () => Credentials): Scenario {
  return {
    name: `AUTH ${mechanism}`,
    inability: needsMechanism(mechanism),
    run: async (trial) => {
      const auth = { ...credentials(), mechanisms: [mechanism] };
      const sender = await trial.through(submissionOf(trial), { tls: tlsOf(trial), auth });
      await sendAndExpect(trial, content(`after AUTH ${mechanism}`, 'body\r\n'), { sender });
      expectLogin(trial, mechanism);
      expectNoSecret(trial);
    },
  };
}

export const LOGIN_SCENARIOS: readonly Scenario[] = [
  ...PASSWORD_MECHANISMS.map((mechanism) => loginScenario(mechanism, () => ({ user: USER, password: PASSWORD }))),
  ...TOKEN_MECHANISMS.map((mechanism) => loginScenario(mechanism, () => ({ user: USER, accessToken: accessToken() }))),
  loginScenario('EXTERNAL', () => ({ user: '', password: '' })),
  {
    name: 'AUTH: a wrong password, then the right one on the same connection',
    modes: CLIENT_MODES,
    inability: needsMechanism('PLAIN'),
    run: async (trial) => {
      const client = await openSubmission(trial);
      const error = await rejectionOf(client.login(USER, 'not the password', { mechanisms: ['PLAIN'] }));
      expect(error).toBeInstanceOf(SMTPAuthenticationError);
      expect(error).toMatchObject({ delivery: 'not-sent', mechanism: 'PLAIN' });
      expect(client.authenticated).toBe(false);
      await client.login(USER, PASSWORD);
      expect(client.authenticated).toBe(true);
      await sendAndExpect(trial, content('after the second login', 'body\r\n'), { sender: clientSender(client) });
    },
  },
];

/** The log that the client gives shows no secret in any form. */
function expectNoSecret({ wire }: Trial): void {
  const log = wire.map(({ text }) => text).join('\n');
  const secret = Buffer.from(PASSWORD);
  const plain = Buffer.from(`\0${USER}\0${PASSWORD}`);
  const forms = [PASSWORD, secret.toString('base64'), secret.toString('hex'), plain.toString('base64'), 'eyJ', 'ZXlK'];
  for (const form of forms) expect(log).not.toContain(form);
}
