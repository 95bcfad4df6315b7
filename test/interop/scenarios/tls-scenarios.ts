// TLS: the certificate is checked against the authority and the name, and a failure is never a fall-back to clear text.
import { SMTP_SSL, SMTPNotSupportedError, SMTPTlsError } from '../../../src/index.js';
import { content } from '../contents.js';
import { ALICE, PASSWORD, SENDER, USER } from '../mailboxes.js';
import type { InteropServer } from '../servers/server.js';
import { expectArrivals, type Trial } from '../trial.js';
import { expectLogin, type Inability, rejectionOf, type Scenario, sendAndExpect } from './scenario.js';

const AUTH = { user: USER, password: PASSWORD };

/** Both modes of a caller who gives an authority meet the same error, and nothing is sent. */
async function proveTlsFault(trial: Trial): Promise<void> {
  for (const mode of ['required', 'opportunistic'] as const) {
    const error = await rejectionOf(trial.open(trial.server.plain, { tls: { ...trial.tls, mode } }));
    expect(error).toBeInstanceOf(SMTPTlsError);
    expect(error).toMatchObject({ delivery: 'not-sent' });
  }
  expect(await trial.server.received()).toEqual([]);
}

export function needsStarttls({ plain, tlsFault }: InteropServer): Inability | undefined {
  if (tlsFault !== undefined) return { reason: `offers STARTTLS, but ${tlsFault}`, prove: proveTlsFault };
  if (plain.tls === 'starttls') return undefined;
  return {
    reason: 'does not offer STARTTLS',
    prove: async (trial) => {
      expect(trial.client.hasExtn('starttls')).toBe(false);
      const error = await rejectionOf(trial.open(trial.server.plain, { tls: trial.tls }));
      expect(error).toBeInstanceOf(SMTPNotSupportedError);
    },
  };
}

function needsImplicitTls(server: InteropServer): Inability | undefined {
  if (server.implicitTls !== undefined) return undefined;
  return server.tlsFault === undefined ? { ...noTlsPort } : needsStarttls(server);
}

const noTlsPort: Inability = {
  reason: 'has no TLS',
  prove: async ({ server, tls }) => {
    if (server.plain.protocol === 'lmtp') {
      expect(server.plain.keywords).not.toContain('STARTTLS');
      return;
    }
    const error = await rejectionOf(SMTP_SSL.connect({ ...server.plain.address, tls }));
    expect(error).toBeInstanceOf(SMTPTlsError);
  },
};

/** Offered in TLS only, so the plain endpoint cannot tell. */
function needsRequiretls(server: InteropServer): Inability | undefined {
  const { implicitTls } = server;
  if (implicitTls === undefined) return needsImplicitTls(server);
  if (implicitTls.keywords.includes('REQUIRETLS')) return undefined;
  return {
    reason: 'does not offer REQUIRETLS; the client refuses before MAIL',
    prove: async (trial) => {
      const sender = await trial.through(implicitTls, { tls: trial.tls, auth: AUTH });
      const refusal = await rejectionOf(sender.sendmail(SENDER, ALICE, content('no', 'x\r\n'), { requireTls: true }));
      expect(refusal).toBeInstanceOf(SMTPNotSupportedError);
      expect(refusal).toMatchObject({ delivery: 'not-sent' });
    },
  };
}

export const TLS_SCENARIOS: readonly Scenario[] = [
  {
    name: 'STARTTLS',
    inability: needsStarttls,
    run: async (trial) => {
      const sender = await trial.through(trial.server.plain, { tls: trial.tls });
      const { tls } = await sendAndExpect(trial, content('over STARTTLS', '.dot\r\n'), { sender });
      expect(tls?.authorized).toBe(true);
      expect(tls?.protocol).toMatch(/^TLSv1\.[23]$/);
    },
  },
  {
    name: 'STARTTLS with an unknown authority: refused, nothing sent',
    inability: needsStarttls,
    run: async (trial) => {
      for (const mode of ['required', 'opportunistic'] as const) {
        const sendUntrusted = async (): Promise<void> => {
          const sender = await trial.through(trial.server.plain, { tls: { mode } });
          await sender.sendmail(SENDER, ALICE, content('to an unknown server', 'body\r\n'));
        };
        const error = await rejectionOf(sendUntrusted());
        expect(error).toBeInstanceOf(SMTPTlsError);
        expect(error).toMatchObject({ delivery: 'not-sent' });
      }
      expect(await trial.received()).toEqual([]);
    },
  },
  {
    name: 'implicit TLS, with login',
    inability: needsImplicitTls,
    run: async (trial) => {
      const { implicitTls } = trial.server;
      if (implicitTls === undefined) throw new Error('no implicit TLS');
      const sender = await trial.through(implicitTls, { tls: trial.tls, auth: AUTH });
      const { tls } = await sendAndExpect(trial, content('over implicit TLS', '.dot\r\n'), { sender });
      expect(tls?.authorized).toBe(true);
      expectLogin(trial);
    },
  },
  {
    name: 'REQUIRETLS',
    inability: needsRequiretls,
    run: async (trial) => {
      const { implicitTls } = trial.server;
      if (implicitTls === undefined) throw new Error('no implicit TLS');
      const sender = await trial.through(implicitTls, { tls: trial.tls, auth: AUTH });
      const message = content('over TLS all the way', 'body\r\n');
      await sender.sendmail(SENDER, ALICE, message, { requireTls: true });
      const arrivals = await trial.received();
      expectArrivals(arrivals, { recipients: [ALICE], bytes: message });
      expect(arrivals[0]?.parameters).toHaveProperty('REQUIRETLS');
    },
  },
];
