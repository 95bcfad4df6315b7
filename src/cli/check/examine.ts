/**
 * What a server is like, step by step; a step that fails is told, and what was learned before it is kept. A certificate that does not
 * pass is looked at on a second connection, which sends nothing.
 */
import type { PeerCertificate } from 'node:tls';
import { MessageError, SMTPTlsError, type SMTP, type SMTPOptions, type TlsInfo } from '../../index.js';
import { clientOf } from '../connect.js';
import type { Login } from '../server-parts.js';

export interface Examination {
  readonly features: ReadonlyMap<string, string>;
  readonly tls: TlsInfo | undefined;
  readonly login: 'succeeded' | 'failed' | 'not tried';
  /** Of NOOP, in milliseconds; the fastest of a few. Undefined when it was not measured. */
  readonly roundTripMs: number | undefined;
  readonly connectMs: number | undefined;
  /** What ended the examination early. */
  readonly error: unknown;
}

const ROUND_TRIPS = 5;
const DAY_MS = 86_400_000;

/** `url` has no user and no password. Throws MessageError for a URL or options that are wrong. */
export async function examine(url: string, login: Login | undefined, options: SMTPOptions): Promise<Examination> {
  const Client = clientOf(url);
  // Whoever gives a password wants TLS, unless the URL says something else.
  const { tls: given } = options;
  const isLocal = /\/\/(?:localhost|127\.[\d.]+|\[::1\])[:/]?|^lmtp\+unix:/i.test(url);
  const wanted: SMTPOptions = {
    ...options,
    ...(given === undefined && login !== undefined && !isLocal ? { tls: 'required' } : {}),
  };
  const beganMs = performance.now();
  let client: SMTP;
  try {
    client = await Client.connect(url, wanted);
  } catch (error) {
    if (error instanceof MessageError) throw error;
    return { ...NOTHING, tls: error instanceof SMTPTlsError ? await unverified(url, options) : undefined, error };
  }
  const connectMs = performance.now() - beganMs;
  try {
    const { tls } = client;
    const known = { features: client.esmtpFeatures, tls, connectMs };
    const login_ = await tryLogin(client, login);
    if (login_.error !== undefined) return { ...known, login: 'failed', roundTripMs: undefined, error: login_.error };
    const roundTripMs = await roundTrip(client);
    return {
      ...known,
      features: client.esmtpFeatures,
      login: login === undefined ? 'not tried' : 'succeeded',
      roundTripMs,
      error: undefined,
    };
  } catch (error) {
    return { ...NOTHING, features: client.esmtpFeatures, tls: client.tls, connectMs, error };
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

const NOTHING: Examination = {
  features: new Map(),
  tls: undefined,
  login: 'not tried',
  roundTripMs: undefined,
  connectMs: undefined,
  error: undefined,
};

async function tryLogin(client: SMTP, login: Login | undefined): Promise<{ readonly error?: unknown }> {
  if (login === undefined) return {};
  try {
    await client.login(login.user, login.password);
    return {};
  } catch (error) {
    return { error };
  }
}

async function roundTrip(client: SMTP): Promise<number> {
  let fastestMs = Infinity;
  for (let turn = 0; turn < ROUND_TRIPS; turn += 1) {
    const beganMs = performance.now();
    await client.noop();
    fastestMs = Math.min(fastestMs, performance.now() - beganMs);
  }
  return fastestMs;
}

/** The certificate that did not pass. Nothing is said on this connection but EHLO and QUIT. */
async function unverified(url: string, options: SMTPOptions): Promise<TlsInfo | undefined> {
  const tls = { ...(typeof options.tls === 'object' ? options.tls : {}), rejectUnauthorized: false };
  try {
    const client = await clientOf(url).connect(url, { ...options, tls });
    try {
      return client.tls;
    } finally {
      await client[Symbol.asyncDispose]();
    }
  } catch {
    return undefined;
  }
}

/** How long a certificate is good; negative when it has expired. */
export function daysLeft({ valid_to: validTo }: PeerCertificate, now = new Date()): number | undefined {
  const until = Date.parse(validTo);
  return Number.isNaN(until) ? undefined : Math.floor((until - now.getTime()) / DAY_MS);
}
