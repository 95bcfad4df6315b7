/**
 * `posthaste check`: what each server offers, whether it can be trusted, and whether the login works. No message is sent.
 */
import type { TlsInfo } from '../../index.js';
import type { Arguments } from '../command.js';
import { CliError } from '../cli-error.js';
import { faultOfServer, wireTo } from '../connect.js';
import { mostUrgent, type ExitName } from '../exit-codes.js';
import { exitOfError } from '../exit-of-error.js';
import type { Io } from '../io.js';
import { oneLine } from '../one-line.js';
import { errorLine } from '../report.js';
import { errorJson } from '../report-json.js';
import { milliseconds } from '../send-settings.js';
import { serverName, type Server } from '../server.js';
import { requireServers } from '../server-options.js';
import { serversOf, type ServerParts } from '../server-parts.js';
import { daysLeft, examine, type Examination } from './examine.js';

/** A certificate that ends sooner is worth a word. */
const FEW_DAYS = 21;

export async function check(given: Arguments, io: Io): Promise<ExitName> {
  const stop = new AbortController();
  const end = (): void => {
    stop.abort(io.finish.reason);
  };
  io.finish.addEventListener('abort', end);
  try {
    const exits: ExitName[] = [];
    for (const server of await serversFor(given, io, stop.signal)) {
      exits.push(await checkOne(server, given, io, stop.signal));
      if (io.finish.aborted) break;
    }
    return mostUrgent(exits);
  } finally {
    io.finish.removeEventListener('abort', end);
  }
}

/** One of those that are to be looked at, and who named it. */
interface Candidate extends ServerParts {
  readonly namedBy: Server;
}

/** All of them are known before one of them is connected to. */
async function serversFor(given: Arguments, io: Io, signal: AbortSignal): Promise<readonly Candidate[]> {
  const option = given.values('url');
  if (option.length > 0 && given.operands.length > 0) {
    throw new CliError('usage', 'URLs were given with --url and without', 'Give them all without.');
  }
  const urls = given.operands.length > 0 ? given.operands : option;
  const named = await requireServers(urls, given, io, signal);
  return named.flatMap((namedBy) => {
    try {
      return serversOf(namedBy.url).map((parts) => ({ ...parts, namedBy }));
    } catch (error) {
      throw faultOfServer(namedBy, error);
    }
  });
}

async function checkOne(server: Candidate, given: Arguments, io: Io, signal: AbortSignal): Promise<ExitName> {
  const found = await examineServer(server, given, io, signal);
  const name = serverName(server.url);
  if (found.error !== undefined) {
    const shown = io.finish.aborted ? new CliError('interrupted', 'the check was interrupted') : found.error;
    await io.stderr.write(errorLine(name, shown));
  }
  await io.stdout.write(given.has('json') ? `${JSON.stringify(jsonOf(name, found))}\n` : textOf(name, found));
  return found.error === undefined ? 'ok' : io.finish.aborted ? 'interrupted' : exitOfError(found.error);
}

async function examineServer(
  { url, login, options, namedBy }: Candidate,
  given: Arguments,
  io: Io,
  signal: AbortSignal,
): Promise<Examination> {
  const timeoutMs = milliseconds(given.value('timeout'));
  try {
    return await examine(url, login, {
      ...options,
      signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(given.has('debug') ? { onWire: wireTo(io.stderr) } : {}),
    });
  } catch (error) {
    throw faultOfServer(namedBy, error);
  }
}

interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: string;
  readonly daysLeft: number | null;
}

function certificateOf({ certificate }: TlsInfo): CertificateFacts {
  const name = (field: object | undefined): string => {
    const { CN, O } = (field ?? {}) as Readonly<Record<string, string | string[] | undefined>>;
    return [CN ?? O ?? ''].flat().join(', ');
  };
  return {
    subject: certificate.subjectaltname ?? name(certificate.subject),
    issuer: name(certificate.issuer),
    validTo: certificate.valid_to,
    daysLeft: daysLeft(certificate) ?? null,
  };
}

/** What LIMITS (RFC 9422) and SIZE (RFC 1870) announce. */
function limitsOf(features: Examination['features']): Record<string, number> {
  const limits: Record<string, number> = {};
  const size = Number(features.get('size') ?? NaN);
  if (size > 0) limits['SIZE'] = size;
  for (const pair of (features.get('limits') ?? '').split(/\s+/)) {
    const [name = '', value = ''] = pair.split('=');
    if (name !== '' && /^\d+$/.test(value)) limits[name.toUpperCase()] = Number(value);
  }
  return limits;
}

function mechanismsOf(features: Examination['features']): string[] {
  return (features.get('auth') ?? '').split(/\s+/).filter((name) => name !== '');
}

function jsonOf(server: string, { features, tls, login, roundTripMs, connectMs, error }: Examination): object {
  return {
    server,
    ok: error === undefined,
    features: Object.fromEntries([...features].map(([name, value]) => [name.toUpperCase(), value])),
    tls:
      tls === undefined
        ? null
        : { protocol: tls.protocol, cipher: tls.cipher, authorized: tls.authorized, certificate: certificateOf(tls) },
    auth: mechanismsOf(features),
    login,
    limits: limitsOf(features),
    connectMs: connectMs === undefined ? null : rounded(connectMs),
    roundTripMs: roundTripMs === undefined ? null : rounded(roundTripMs),
    error: error === undefined ? null : errorJson(error),
  };
}

function textOf(server: string, { features, tls, login, roundTripMs, connectMs }: Examination): string {
  const rows: (readonly [string, string])[] = [];
  if (connectMs !== undefined) rows.push(['connected', `in ${String(rounded(connectMs))} ms`]);
  if (tls !== undefined) {
    const { subject, issuer, validTo, daysLeft: days } = certificateOf(tls);
    rows.push(['TLS', `${tls.protocol}, ${tls.cipher}, ${tls.authorized ? 'verified' : 'NOT verified'}`]);
    rows.push(['certificate', `${subject}, issued by ${issuer}`], ['', `until ${validTo}${daysText(days)}`]);
  } else if (connectMs !== undefined) {
    rows.push(['TLS', features.has('starttls') ? 'not used (STARTTLS is offered)' : 'none']);
  }
  if (features.size > 0) {
    const offered = [...features].filter(([name]) => name !== 'auth' && name !== 'limits');
    rows.push([
      'offers',
      offered.map(([name, value]) => `${name.toUpperCase()}${value === '' ? '' : ` ${value}`}`).join(', '),
    ]);
  }
  if (connectMs !== undefined) {
    rows.push(['login', `${login}; mechanisms: ${mechanismsOf(features).join(' ') || 'none'}`]);
    const limits = Object.entries(limitsOf(features)).map(
      ([name, value]) => `${name} ${value.toLocaleString('en-US')}`,
    );
    rows.push(['limits', limits.join(', ') || 'none announced']);
  }
  if (roundTripMs !== undefined) rows.push(['round trip', `${String(rounded(roundTripMs))} ms`]);
  const wide = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, text]) => `  ${label.padEnd(wide)}  ${oneLine(text)}\n`);
  return `${oneLine(server)}\n${lines.join('')}`;
}

function daysText(days: number | null): string {
  if (days === null) return '';
  if (days < 0) return `: EXPIRED ${String(-days)} days ago`;
  return `, ${String(days)} days left${days < FEW_DAYS ? ': RENEW IT' : ''}`;
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
