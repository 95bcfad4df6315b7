/** `posthaste check`: what a server offers, whether it can be trusted, and whether the login works. No message is sent. */
import { isPosthasteError, MessageError, type TlsInfo } from '../../index.js';
import type { Arguments } from '../command.js';
import { CliError } from '../cli-error.js';
import { faultOfServer, wireTo } from '../connect.js';
import type { ExitName } from '../exit-codes.js';
import { exitOfError } from '../exit-of-error.js';
import type { Io } from '../io.js';
import { oneLine } from '../one-line.js';
import { errorLine } from '../report.js';
import { errorJson } from '../report-json.js';
import { milliseconds } from '../send-settings.js';
import { serverName, type Server } from '../server.js';
import { requireServer } from '../server-options.js';
import { daysLeft, examine, type Examination } from './examine.js';
import { partsOf } from './server-url.js';

/** A certificate that ends sooner is worth a word. */
const FEW_DAYS = 21;

export async function check(given: Arguments, io: Io): Promise<ExitName> {
  const stop = new AbortController();
  const end = (): void => {
    stop.abort(io.finish.reason);
  };
  io.finish.addEventListener('abort', end);
  try {
    const server = await requireServer(withOperand(given), io, stop.signal);
    const found = await examineServer(server, given, io, stop.signal);
    if (found.error !== undefined) {
      const shown = io.finish.aborted ? new CliError('interrupted', 'the check was interrupted') : found.error;
      await io.stderr.write(errorLine(serverName(server.url), shown));
    }
    const exit = found.error === undefined ? 'ok' : io.finish.aborted ? 'interrupted' : exitOfError(found.error);
    await io.stdout.write(given.has('json') ? `${JSON.stringify(jsonOf(server, found))}\n` : textOf(server, found));
    return exit;
  } finally {
    io.finish.removeEventListener('abort', end);
  }
}

/** The URL as the one operand is the same as --url. */
function withOperand(given: Arguments): Arguments {
  const [url, ...others] = given.operands;
  if (others.length > 0) throw new CliError('usage', 'check takes one URL', 'Run it for each server.');
  if (url === undefined) return given;
  if (given.value('url') !== undefined) throw new CliError('usage', 'the URL was given twice', 'Give it once.');
  return { ...given, value: (name) => (name === 'url' ? url : given.value(name)) };
}

async function examineServer(server: Server, given: Arguments, io: Io, signal: AbortSignal): Promise<Examination> {
  const timeoutMs = milliseconds(given.value('timeout'));
  try {
    const { url, login, options } = partsOf(server.url);
    return await examine(url, login, {
      ...options,
      signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(given.has('debug') ? { onWire: wireTo(io.stderr) } : {}),
    });
  } catch (error) {
    if (isPosthasteError(error) && error instanceof MessageError) throw faultOfServer(server, error);
    throw error;
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

function jsonOf(server: Server, { features, tls, login, roundTripMs, connectMs, error }: Examination): object {
  return {
    server: serverName(server.url),
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

function textOf(server: Server, { features, tls, login, roundTripMs, connectMs }: Examination): string {
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
  return `${oneLine(serverName(server.url))}\n${lines.join('')}`;
}

function daysText(days: number | null): string {
  if (days === null) return '';
  if (days < 0) return `: EXPIRED ${String(-days)} days ago`;
  return `, ${String(days)} days left${days < FEW_DAYS ? ': RENEW IT' : ''}`;
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
